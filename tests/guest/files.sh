# Files: modes, links, archives, compression, large copies.
mkdir /tmp/files && cd /tmp/files || exit
umask 022
echo "== modes and links"
echo hello >a; chmod 640 a; ln -s a soft; ln a hard; mkfifo pipe; mkdir -p d/e/f
stat -c '%n %A %h %s %F' a soft pipe d
readlink soft; cat soft hard
touch -d '2020-02-03 04:05:06' a; date -r a '+%Y-%m-%d %H:%M:%S'
echo "== tar"
tar cf x.tar a soft d; tar tf x.tar; mkdir out; tar xf x.tar -C out; diff -r a out/a && echo same
echo "== compression"
seq 1 50000 >plain
for pack in gzip bzip2 lzop; do $pack -c plain | $pack -dc | cmp - plain && echo "$pack: same"; done
gzip -9 -c plain | zcat | md5sum; md5sum <plain
echo "== cpio, cp -a, find"
find d a soft | sort | cpio -o -H newc 2>/dev/null | cpio -t 2>/dev/null
cp -a d copy; find copy | sort
find . -type l; find . -name 'e*' -exec echo found {} \;
echo "== dd, truncate, sort, split"
dd if=/dev/zero of=z bs=64k count=320 2>/dev/null; stat -c %s z; sum z | cut -d' ' -f1; truncate -s 5 z; wc -c <z
seq 1 100000 | sort -rn | head -n 1
seq 1 100000 | shuf | sort -n | md5sum; seq 1 100000 | md5sum
split -l 20000 plain part.; ls part.* | wc -l; cat part.* | cmp - plain && echo whole
echo "== the disk is full or may not be written"
cat a >/proc/version 2>/dev/null; echo "status $?"
rm -r /tmp/files; ls /tmp/files 2>/dev/null; echo "status $?"
