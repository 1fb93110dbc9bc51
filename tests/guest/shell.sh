# What a POSIX shell does with fork: pipelines, substitution, subshells, jobs, traps.
echo "== pipelines"
echo one two three | tr ' ' '\n' | sort | wc -l
seq 1 20000 | cat | cat | cat | cat | cat | md5sum
seq 1 20000 | md5sum
echo "== substitution"
x=$(uname -s)
echo "got [$x] nested $(echo $(echo deep)) and $(seq 3 | wc -l) lines"
echo "== a subshell's changes stay its own"
a=1
(a=2; cd /tmp; pwd; exit 3)
echo "status $? a $a in $PWD"
echo "== functions, here documents, arithmetic"
f() { echo "f got $1"; return 4; }
f x | cat
f y; echo "status $?"
cat <<END
$((6 * 7)) $(echo expanded)
END
cat <<'END'
$((6 * 7))
END
echo "== loops in pipelines"
for i in 1 2 3; do echo $i; done | while read n; do echo "read $n"; done
seq 1 500 | { s=0; while read n; do s=$((s + n)); done; echo "sum $s"; }
echo "== jobs"
true & wait $!; echo "status $?"
(exit 9) & wait $!; echo "status $?"
sleep 1000 & kill $!; wait $!; echo "status $?"
i=0; while [ $i -lt 30 ]; do (exit 1) & i=$((i + 1)); done; wait; echo "all 30 have ended"
echo "== signals"
trap 'echo "trapped USR1"' USR1
kill -USR1 $$
(trap 'echo "child trapped"; exit 5' TERM; kill -TERM $(exec sh -c 'echo $PPID')); echo "status $?"
sh -c 'kill -KILL $$'; echo "status $?"
yes | head -n 2; echo "status $?"
timeout 1 sleep 1000; echo "status $?"
trap 'echo "the exit trap"' EXIT
