# What can be executed, and what a failure is called.
cd /tmp || exit
echo "== scripts"
printf 'echo without shebang: $1\n' >plain; chmod +x plain; ./plain argument
printf '#!/bin/sh\necho with shebang: $0 $1\n' >shebang; chmod +x shebang; ./shebang argument
printf '#!/bin/sed -nf\n2p\n' >sedscript; chmod +x sedscript; ./sedscript sedscript
printf '#!/nonexistent/interpreter\n' >lost; chmod +x lost; ./lost 2>/dev/null; echo "status $?"
echo "== failures"
./none 2>/dev/null; echo "status $?"
none 2>/dev/null; echo "status $?"
/etc 2>/dev/null; echo "status $?"
/etc/passwd 2>/dev/null; echo "status $?"
printf '\0asm\1\0\0\0garbage' >garbage; chmod +x garbage; env ./garbage 2>&1; echo "status $?"
head -c 100000 /bin/busybox >cut; chmod +x cut; env ./cut 2>&1; echo "status $?"
: >empty; chmod +x empty; ./empty; echo "status $?"
echo "== big arguments and environments"
x=$(seq 1 12000)
/bin/echo $x | wc -c
y="$x$x$x"
/bin/echo $y | wc -c
BIG=$(seq 1 20000) env | grep -c '^[0-9]'
echo "== a program under another name"
cp /bin/busybox echo-copy; ln -s echo-copy echo; ./echo copied
ash -c 'exec -a true /bin/busybox'; echo "status $?"
