# SPDX-License-Identifier: MIT
# Loops, arithmetic, functions, expansions and cases: no other program is run.

gcd() {
	a=$1 b=$2
	while [ "$b" -ne 0 ]; do
		rest=$((a % b)) a=$b b=$rest
	done
}

classify() {
	case $1 in
	*[02468]) even=$((even + 1)) ;;
	*5) fives=$((fives + 1)) ;;
	*) others=$((others + 1)) ;;
	esac
}

even=0 fives=0 others=0 sum=0 i=0 list=
while [ "$i" -lt "${1:-20000}" ]; do
	i=$((i + 1))
	classify $i
	gcd $i 360
	sum=$((sum + a))
	name=prefix-$i-suffix
	name=${name#prefix-}
	name=${name%-suffix}
	[ "$name" = "$i" ] || exit 1
	if [ $((i % 1000)) -eq 0 ]; then list="$list $i"; fi
done
for word in $list; do
	sum=$((sum + word))
done
echo "$even $fives $others $sum"
