# Runs the tests of /suite/list inside the guest, one a line: NAME PROGRAM [ARGUMENT...]. Says on standard output when one
# begins, how it ended, and the end of what it printed; and a dot each second, so that the host sees that the machine goes on.
# Each test has a session and a folder of its own; what is left of it is killed. $1: seconds for each.
limit=$1
while sleep 1; do echo .; done &
while read -r name program arguments; do
  echo "begin $name"
  rm -rf /tmp/work && mkdir /tmp/work && cd /tmp/work
  begin=$(cut -d. -f1 /proc/uptime)
  # In the foreground: a shell has its background jobs ignore SIGINT.
  setsid sh -c 'echo $$ >/suite/pid; exec timeout -s KILL "$@"' sh "$limit" "$program" $arguments </dev/null >/suite/out 2>&1
  status=$?
  kill -KILL -"$(cat /suite/pid)" 2>/dev/null
  [ $status = 137 ] && [ $(($(cut -d. -f1 /proc/uptime) - begin)) -ge "$limit" ] && status=late
  tail -n 12 /suite/out | cut -c 1-200 | sed 's/^/| /'
  echo "end $status"
done </suite/list
