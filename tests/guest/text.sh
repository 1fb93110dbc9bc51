# The tools for text.
echo "== awk"
printf '3 4\n5 6\n' | awk '{ s += $1 * $2; print NR, $1 * $2 } END { printf "%.3f %s\n", sqrt(s), toupper("end") }'
echo "== sed, grep, tr, cut"
echo abc | sed 's/\(a\)\(b\)/\2\1/; s/c$/[&]/'
printf 'one\ntwo\nthree\n' | grep -n 't[a-z]*e'; printf 'one\ntwo\n' | grep -c -v two; printf 'x\n' | grep -q y; echo "status $?"
echo a:b:c | cut -d: -f2,3; echo hello | tr a-y b-z
echo "== sort, uniq, comm, paste"
printf '10\n9\n1K\n2\n' | sort; printf '10\n9\n2\n' | sort -n | paste -sd,; printf 'b\na\nb\n' | sort | uniq -c | tr -s ' '
printf 'a\nb\n' >/tmp/1; printf 'b\nc\n' >/tmp/2; comm /tmp/1 /tmp/2 | cat -t
echo "== diff and patch"
diff -u /tmp/1 /tmp/2 | tail -n +3 >/tmp/p; cat /tmp/p; { echo '--- 1'; echo '+++ 1'; cat /tmp/p; } | (cd /tmp && patch -p0 && cat 1)
echo "== bc, dc, expr, factor"
echo '2^100; scale=20; 4*a(1)' | bc -l; echo '3 4 * p' | dc; expr 7 \* 6; factor 1000003
echo "== sums and encodings"
printf abc | md5sum; printf abc | sha1sum; printf abc | sha256sum; printf abc | sha512sum | cut -c1-32; printf abc | sha3sum | cut -c1-32
printf abc | cksum; printf 'hello' | base64; echo aGVsbG8= | base64 -d; echo; printf 'hello' | xxd; printf hello | od -c | head -1; printf AB | hexdump -C | head -1
echo "== UTF-8"
echo 'größer 日本' | wc -m; echo 'größer' | sed 's/ö/oe/'; touch '/tmp/ñ日'; ls /tmp/ñ*
echo "== printf and dates"
printf '%5.2f|%-5s|%05d|%x|%c\n' 3.14159 ab 42 255 z; date -u -d @86400 '+%F %T %Z'; cal 2 2024 | head -n 1 | tr -d ' '
echo "== ed"
printf 'first\nlast\n' >/tmp/v; printf '1s/first/changed/\nw\nq\n' | ed /tmp/v; cat /tmp/v
