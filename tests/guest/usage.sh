# What top and time say of who has used the processor, and how: of most of it, since a busy host takes some from anybody.

# Of top's second picture, which is of the time between both; then the state of a process.
picture() {
	top -b -n 2 -d 1 | awk -v pid=$1 '
		/^CPU:/ { gsub("%", ""); line = $0 }
		$1 == pid { state = $4 }
		END { split(line, share); print (share[2] > 80 ? "user" : share[4] > 80 ? "system" : line), state }'
}

(while :; do :; done) & busy=$!
echo "a loop: $(picture $busy)"
kill $busy; wait $busy 2>/dev/null
dd if=/dev/zero of=/dev/null bs=1M & busy=$!
echo "copying: $(picture $busy)"
kill $busy; wait $busy 2>/dev/null

# User and system time: which is most of their sum.
times_of() {
	bash -c 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>&1' bash "$@" 2>&1 |
		awk '{ s = $1 + $2; print (s < 0.02 ? "nothing" : $1 > s * 0.8 ? "user" : $2 > s * 0.8 ? "system" : $0) }'
}
echo "time of a loop: $(times_of sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done')"
echo "time of copying: $(times_of dd if=/dev/zero of=/dev/null bs=1M count=5000)"
echo "time of sleeping: $(times_of sleep 0.1)"
