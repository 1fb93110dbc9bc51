# Accounts, mounts, names, and what the kernel tells.
echo "== names"
uname -s -m; uname -o; hostname; cat /proc/sys/kernel/ostype
echo "== accounts"
id; id user; su user -c 'id -un; echo $HOME; touch /etc/x 2>/dev/null || echo refused'; su -s /bin/sh nobody -c 'id -u'
echo "== what is mounted"
cut -d' ' -f2,3 /proc/mounts
stat -c '%a %n' / /tmp /root /etc/shadow /dev/shm /dev/null /dev/tty
ls -l /dev/fd /dev/stdin | sed 's/.*\(\/dev.*\)/\1/'
echo "== devices"
head -c 10 /dev/zero | wc -c; head -c 16 /dev/urandom | wc -c; echo x >/dev/null; echo x 2>/dev/null >/dev/full; echo "status $?"
echo "== network"
ip -o addr show lo | sed 's/ *$//; s/\\.*//'
ping -c 1 127.0.0.1 | grep -c 'bytes from'; ping -6 -c 1 ::1 | grep -c 'bytes from'
mkdir /tmp/www; echo 'a page' >/tmp/www/index.html
httpd -p 127.0.0.1:80 -h /tmp/www
wget -q -O - http://127.0.0.1/; wget -q -O - http://localhost/none 2>/dev/null; echo "status $?"; killall httpd
mkfifo /tmp/lines; nc -l -p 99 -s 127.0.0.1 </dev/null >/tmp/lines & cat /tmp/lines >/tmp/received & p=$!
until echo 'over tcp' | nc 127.0.0.1 99 2>/dev/null; do :; done
wait $p; cat /tmp/received
echo "== processes"
sleep 1000 & s=$!
until [ "$(cat /proc/$s/comm)" = sleep ]; do :; done
ps -o pid,comm | grep -c "^ *$s sleep"; pidof sleep | grep -cx $s; cat /proc/$s/comm; tr '\0' ' ' </proc/$s/cmdline; echo
grep -c . /proc/$s/maps | grep -vx 0 >/dev/null && echo "has maps"; readlink /proc/$s/exe; kill $s; wait $s 2>/dev/null
setsid sh -c 'echo leader: $(($(cut -d" " -f6 /proc/$$/stat) == $$))'
nice -n 5 sh -c nice; ulimit -n
echo "== loop device and ext2"
dd if=/dev/zero of=/tmp/disk bs=1k count=4096 2>/dev/null
mke2fs -F /tmp/disk >/dev/null
mkdir /tmp/mnt
mount -o loop /tmp/disk /tmp/mnt && echo stored >/tmp/mnt/f && umount /tmp/mnt
mount -o loop /tmp/disk /tmp/mnt && cat /tmp/mnt/f && umount /tmp/mnt
echo "== namespaces and cgroups"
unshare -u sh -c 'hostname inner; hostname'; hostname
unshare -p -f --mount-proc sh -c 'echo pid $$; ls -d /proc/[0-9]*' 
mkdir /sys/fs/cgroup/test && cat /sys/fs/cgroup/test/cgroup.type && rmdir /sys/fs/cgroup/test
