# What bash has beyond sh: coprocesses, process substitution, job control, recursion.
echo "== substitution"
echo $(echo one | tr a-z A-Z) ${ echo two; } $((2#101)) `echo four`
cat <(echo from) <(echo two)
diff <(printf 'a\nb\n') <(printf 'a\nc\n') | grep '^[-+][a-z]'
echo to a process > >(tr a-z A-Z); wait $!
echo "== coproc"
coproc double { while read -r n; do echo $((n * 2)); done; }
echo 21 >&"${double[1]}"; read -r answer <&"${double[0]}"; echo "$answer"
exec {double[1]}>&-; wait "$double_PID"; echo "status $?"
echo "== here documents"
cat <<EOF
$(cat <<-'inner'
	not $expanded
	inner
) and $((6 * 7))
EOF
read -r word <<<"a here string"; echo "$word"
# more than a pipe holds
text=$(printf '%0100000d' 7); cat <<EOF | wc -c
$text
EOF
echo "== arrays and patterns"
declare -A of=([one]=1 [two]=2); echo "${of[two]}" "${!of[@]}" | wc -w
list=({1..5}); echo "${list[@]:1:3}" "${#list[@]}" "${list[-1]}"
[[ abc-123 =~ ^([a-z]+)-([0-9]+)$ ]] && echo "${BASH_REMATCH[2]}"
shopt -s extglob; v=aaab; echo "${v/#+(a)/x}"
mapfile -t lines < <(seq 3); echo "${lines[*]}"
echo "== jobs"
set -m
sleep 100 & kill %1; wait %1 2>/dev/null; echo "status $?"
sh -c 'kill -STOP $$; exit 7' & wait $!; jobs -s | grep -c Stopped; fg %sh >/dev/null; echo "status $?"
set +m
sleep 0.01 & sleep 0.01 & wait -n; echo "status $?"; wait
echo "== traps"
trap 'echo usr1' USR1; kill -USR1 $$
trap 'echo "err in $FUNCNAME"' ERR; set -E; f() { false; }; f; trap - ERR; set +E
(trap 'echo left' EXIT; exit 3); echo "status $?"
bash -c 'trap "echo term; exit 5" TERM; kill $$; sleep 100'; echo "status $?"
echo "== pipelines"
set -o pipefail; false | true; echo "status $?"; true | exit 4 | false; echo "${PIPESTATUS[*]}"
shopt -s lastpipe; echo last | read -r last; echo "$last"
echo "== exec and limits"
(exec -a other bash -c 'echo $0'); bash -c 'ulimit -n 20; ulimit -n'
TIMEFORMAT=%0R; time true
down() { (($1 == 0)) || down $(($1 - 1)); }; down 200 && echo deep
echo "== signals end what they should"
bash -c 'kill -9 $$' 2>/dev/null; echo "status $?"
