// SPDX-License-Identifier: MIT
/*
 * mmap's flags and refusals, private file mappings, mremap in every direction, seals of memfd_create, RLIMIT_DATA; what
 * /proc/PID/maps, smaps, status and pagemap show of them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "kernel-files.h"
#include "tap.h"

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define FAILS(call, error) (errno = 0, (call) == -1 && errno == (error))
#define MAP_FAILS(call, error) (errno = 0, (call) == MAP_FAILED && errno == (error))

static int all(const char *p, size_t n, char value)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != value)
			return 0;
	return 1;
}

static char *map(int pages)
{
	return mmap(NULL, pages * PAGE, RW, ANON, -1, 0);
}

/* The kernel says that there is nothing at p. */
static int is_hole(char *p)
{
	unsigned char vec[1];

	return FAILS(mincore(p, PAGE, vec), ENOMEM);
}

static int file_of(const char *path, int bytes)
{
	int fd = open(path, O_CREAT | O_RDWR | O_TRUNC, 0600);

	while (bytes--)
		write(fd, "f", 1);
	return fd;
}

/* The line of /proc/self/maps, or the block of smaps, that begins with the mapping of p. */
static char *shown(const char *path, const char *p)
{
	static char found[4096];
	char line[512];
	unsigned long from, to;
	int here = 0;
	FILE *f = fopen(path, "r");

	*found = 0;
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = (unsigned long)p >= from && (unsigned long)p < to;
		if (here)
			strcat(found, line);
	}
	if (f)
		fclose(f);
	return found;
}

static long smap(const char *p, const char *name)
{
	char *at = strstr(shown("/proc/self/smaps", p), name);

	return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

static void flags(void)
{
	static const int fine[] = { MAP_NORESERVE, MAP_STACK, MAP_POPULATE, MAP_LOCKED, MAP_NONBLOCK | MAP_POPULATE, MAP_DENYWRITE };
	char *p, *q;
	int right = 1;

	for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++) {
		p = mmap(NULL, 3 * PAGE, RW, ANON | fine[i], -1, 0);
		right &= p != MAP_FAILED && all(p, 3 * PAGE, 0);
		munmap(p, 3 * PAGE);
	}
	ok(right, "MAP_NORESERVE, STACK, POPULATE, LOCKED: memory, and zero");
	p = map(8);
	memset(p, 1, 8 * PAGE);
	munmap(p + 2 * PAGE, 4 * PAGE);
	q = mmap(p + 3 * PAGE, PAGE, RW, ANON, -1, 0);
	ok(q == p + 3 * PAGE && all(q, PAGE, 0), "a free place that is asked for is given");
	q = mmap(p + 3 * PAGE, PAGE, RW, ANON, -1, 0);
	ok(q != MAP_FAILED && q != p + 3 * PAGE && all(q, PAGE, 0), "for one that is not free there is another");
	munmap(q, PAGE);
	ok(MAP_FAILS(mmap(p + PAGE, 2 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST) && p[PAGE] == 1 && is_hole(p + 2 * PAGE),
	   "MAP_FIXED_NOREPLACE: EEXIST if a part is taken, and nothing is mapped");
	ok(mmap(p + 2 * PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == p + 2 * PAGE, "it takes what is free");
	ok(mmap(p + PAGE, 6 * PAGE, RW, ANON | MAP_FIXED, -1, 0) == p + PAGE && all(p + PAGE, 6 * PAGE, 0) && p[0] == 1 && p[7 * PAGE] == 1,
	   "MAP_FIXED replaces parts of several, and holes between them");
	ok(MAP_FAILS(mmap(p + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0), EINVAL), "at an odd address: EINVAL");
	ok(!munmap(p, 8 * PAGE) && !munmap(p, 8 * PAGE), "to unmap what is not mapped is no error");
	ok(MAP_FAILS(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0), EINVAL), "neither shared nor private: EINVAL");
	ok(MAP_FAILS(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0), EBADF), "no file: EBADF");
	ok(MAP_FAILS(mmap(NULL, PAGE, RW, MAP_SHARED_VALIDATE | (1 << 23), file_of("/tmp/flags", 1), 0), EOPNOTSUPP),
	   "MAP_SHARED_VALIDATE and an unknown flag: EOPNOTSUPP");
#ifdef __wasm__
	ok(MAP_FAILS(mmap(NULL, PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0), EOPNOTSUPP), "MAP_GROWSDOWN: EOPNOTSUPP");
	ok(MAP_FAILS(mmap(NULL, 2 << 20, RW, ANON | MAP_HUGETLB, -1, 0), EINVAL), "MAP_HUGETLB: EINVAL");
#endif
}

static void private_files(void)
{
	int fd = file_of("/tmp/private", PAGE + 100), other;
	char *p = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0), c = 0, text[256];
	pid_t child;
	int status;

	ok(p != MAP_FAILED && all(p, PAGE + 100, 'f') && all(p + PAGE + 100, PAGE - 100, 0), "zeros from the file's end to the page's");
	memset(p, 'm', 2 * PAGE);
	ok(pread(fd, &c, 1, 0) == 1 && c == 'f' && lseek(fd, 0, SEEK_END) == PAGE + 100, "what is written stays private");
	pwrite(fd, "n", 1, 0);
	ok(p[0] == 'm', "and is not what is written to the file later");
	child = fork();
	if (!child) {
		p[0] = 'c';
		_exit(p[1] != 'm');
	}
	ok(waitpid(child, &status, 0) == child && status == 0 && p[0] == 'm', "a child has a copy");
	close(fd);
	ok(strstr(shown("/proc/self/maps", p), "rw-p 00000000 ") && strstr(shown("/proc/self/maps", p), " /tmp/private\n"),
	   "/proc/self/maps shows its file");
	unlink("/tmp/private");
	ok(strstr(shown("/proc/self/maps", p), " /tmp/private (deleted)\n") != NULL, "and that it is deleted");
	munmap(p, 2 * PAGE);
	fd = file_of("/tmp/private", 3 * PAGE);
	other = open("/tmp/private", O_RDONLY);
	p = mmap(NULL, PAGE, RW, MAP_PRIVATE, other, 2 * PAGE);
	ok(p != MAP_FAILED && (p[0] = 1), "private and writable, of a file that is open to read");
	snprintf(text, sizeof(text), "%s", shown("/proc/self/maps", p));
	ok(strstr(text, " 00002000 ") != NULL, "its offset is shown");
	munmap(p, PAGE);
	ok(MAP_FAILS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, open("/tmp/private", O_WRONLY), 0), EACCES), "open to write only: EACCES");
	ok(MAP_FAILS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, open("/tmp", O_RDONLY), 0), ENODEV), "a folder: ENODEV");
	ok(syscall(
#ifdef SYS_mmap2
		   SYS_mmap2, NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0xffffffffUL
#else
		   SYS_mmap, NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, -PAGE
#endif
		   ) == -1 && errno == EOVERFLOW, "an offset that is too large: EOVERFLOW");
	close(fd);
	close(other);
}

static void moved(void)
{
	char *p = map(6), *q, *r;
	int fd;

	for (int i = 0; i < 6; i++)
		memset(p + i * PAGE, 'a' + i, PAGE);
	munmap(p + 4 * PAGE, 2 * PAGE);
	ok(mremap(p, 4 * PAGE, 5 * PAGE, 0) == p && all(p + 4 * PAGE, PAGE, 0) && p[3 * PAGE] == 'd', "mremap grows in place, by zeros");
	q = mmap(p + 5 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
	*q = 'w';
	mprotect(q, PAGE, PROT_READ);
	ok(MAP_FAILS(mremap(p, 5 * PAGE, 6 * PAGE, 0), ENOMEM) && *q == 'w', "not over another mapping: ENOMEM");
	r = mremap(p, 5 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
	ok(r != MAP_FAILED && r != p && r[0] == 'a' && r[3 * PAGE] == 'd' && all(r + 4 * PAGE, 4 * PAGE, 0) && is_hole(p),
	   "with MREMAP_MAYMOVE it moves, and leaves a hole");
	ok(mremap(r, 8 * PAGE, 2 * PAGE, 0) == r && r[PAGE] == 'b' && is_hole(r + 2 * PAGE), "it shrinks in place");
	p = map(4);
	memset(p, 'z', 4 * PAGE);
	ok(mremap(r, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + PAGE) == p + PAGE && p[PAGE] == 'a' && p[2 * PAGE] == 'b' &&
		   p[0] == 'z' && p[3 * PAGE] == 'z' && is_hole(r), "MREMAP_FIXED moves it over others");
	ok(MAP_FAILS(mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + PAGE), EINVAL), "not over itself: EINVAL");
	ok(MAP_FAILS(mremap(p, PAGE, PAGE, MREMAP_FIXED, p + 3 * PAGE), EINVAL), "MREMAP_FIXED without MREMAP_MAYMOVE: EINVAL");
	ok(MAP_FAILS(mremap(p + 1, PAGE, PAGE, 0), EINVAL) && MAP_FAILS(mremap(p, PAGE, 0, 0), EINVAL) &&
		   MAP_FAILS(mremap(p, PAGE, PAGE, 64), EINVAL), "odd address, no size, unknown flag: EINVAL");
	mprotect(p + 2 * PAGE, PAGE, PROT_READ);
	ok(MAP_FAILS(mremap(p, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE), EFAULT), "several mappings can't grow: EFAULT");
	ok(mremap(p, 4 * PAGE, PAGE, 0) == p && p[0] == 'z' && is_hole(p + PAGE) && is_hole(p + 3 * PAGE), "but be cut off");
	r = mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | 4 /* MREMAP_DONTUNMAP */);
	ok(r != MAP_FAILED && r != p && *r == 'z' && all(p, PAGE, 0), "MREMAP_DONTUNMAP: the old place stays, empty");
	munmap(p, PAGE);
	ok(MAP_FAILS(mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT), "what is not mapped: EFAULT");
	munmap(r, PAGE);
	fd = file_of("/tmp/moved", 3 * PAGE);
	pwrite(fd, "2", 1, 2 * PAGE);
	p = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, PAGE);
	p[0] = 'm';
	r = mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
	ok(r != MAP_FAILED && r[0] == 'm' && r[1] == 'f' && r[PAGE] == '2', "a private file mapping grows by what the file has next");
	munmap(r, 2 * PAGE);
	close(fd);
}

static void merged(void)
{
	char *p = map(4);
	unsigned long from, to;

	mprotect(p + PAGE, PAGE, PROT_READ);
	sscanf(shown("/proc/self/maps", p + PAGE), "%lx-%lx", &from, &to);
	ok(from == (unsigned long)p + PAGE && to == from + PAGE, "what is protected is a mapping of its own");
	mprotect(p + PAGE, PAGE, RW);
	sscanf(shown("/proc/self/maps", p + PAGE), "%lx-%lx", &from, &to);
	ok(from <= (unsigned long)p && to >= (unsigned long)p + 4 * PAGE, "until it is like its neighbours again");
	munmap(p, 4 * PAGE);
}

static void sealed(void)
{
	int fd = memfd_create("sealed", MFD_ALLOW_SEALING), plain = memfd_create("plain", 0);
	char *p, *q;

	ftruncate(fd, 2 * PAGE);
	ok(fcntl(fd, F_GET_SEALS) == 0 && fcntl(plain, F_GET_SEALS) == F_SEAL_SEAL, "seals that a memfd has at first");
	ok(FAILS(fcntl(plain, F_ADD_SEALS, F_SEAL_GROW), EPERM), "without MFD_ALLOW_SEALING there are no others: EPERM");
	ok(FAILS(fcntl(fd, F_ADD_SEALS, 0x1000), EINVAL), "unknown seals: EINVAL");
	p = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	ok(FAILS(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY), "F_SEAL_WRITE while it is mapped writable: EBUSY");
	ok(!fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) && FAILS(ftruncate(fd, PAGE), EPERM) && !ftruncate(fd, 3 * PAGE), "F_SEAL_SHRINK");
	ok(!fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) && FAILS(ftruncate(fd, 4 * PAGE), EPERM) && FAILS(pwrite(fd, "x", 1, 3 * PAGE), EPERM),
	   "F_SEAL_GROW");
	ok(!fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) && (p[0] = 7) && FAILS(pwrite(fd, "x", 1, 0), EPERM) &&
		   MAP_FAILS(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0), EPERM), "F_SEAL_FUTURE_WRITE leaves the mapping that there is");
	munmap(p, PAGE);
	ok(!fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) && FAILS(write(fd, "x", 1), EPERM), "F_SEAL_WRITE");
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	q = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
	ok(p != MAP_FAILED && p[0] == 7 && FAILS(mprotect(p, PAGE, RW), EACCES), "it can be mapped to read, and never to write");
	ok(q != MAP_FAILED && (q[0] = 8) && p[0] == 7, "and privately");
	ok(!fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL) && FAILS(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), EPERM), "F_SEAL_SEAL is the last");
	ok(strstr(shown("/proc/self/maps", p), "/memfd:sealed (deleted)\n") && strstr(shown("/proc/self/maps", p), "r--s "),
	   "/proc/self/maps has its name");
	munmap(p, PAGE);
	munmap(q, PAGE);
	close(fd);
	close(plain);
}

static void limits(void)
{
	struct rlimit old, tight;
	char *p;

	getrlimit(RLIMIT_DATA, &old);
	tight = old;
	tight.rlim_cur = 4096;
	setrlimit(RLIMIT_DATA, &tight);
	ok(MAP_FAILS(map(4), ENOMEM), "RLIMIT_DATA bounds private memory");
	p = mmap(NULL, PAGE, PROT_READ, ANON, -1, 0);
	ok(p != MAP_FAILED && FAILS(mprotect(p, PAGE, RW), ENOMEM) && !munmap(p, PAGE), "not what can't be written to");
	p = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ok(p != MAP_FAILED && !munmap(p, PAGE), "nor what is shared");
	setrlimit(RLIMIT_DATA, &old);
	p = map(4);
	ok(p != MAP_FAILED && !munmap(p, 4 * PAGE), "without it there is memory again");
}

static void accounts(void)
{
	long size = field("/proc/self/status", "VmSize:"), data = field("/proc/self/status", "VmData:");
	char *p = mmap(NULL, 4 << 20, RW, ANON, -1, 0), *q;
	int pagemap = open("/proc/self/pagemap", O_RDONLY);
	uint64_t words[2] = { 0 };
	pid_t child;
	int status;

	memset(p, 1, 4 << 20);
	/* libc may take some while it reads. */
	ok(labs(field("/proc/self/status", "VmSize:") - size - 4096) < 512 && labs(field("/proc/self/status", "VmData:") - data - 4096) < 512,
	   "VmSize and VmData count a private mapping");
	q = mmap(NULL, 1 << 20, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(q, 1, 1 << 20);
	ok(labs(field("/proc/self/status", "VmSize:") - size - 5120) < 512 && labs(field("/proc/self/status", "VmData:") - data - 4096) < 512,
	   "a shared one is no data");
	ok(smap(q, "\nSize:") == 1024 && smap(q, "\nRss:") == 1024 && smap(q, "\nAnonymous:") == 0 && smap(q, "\nKernelPageSize:") == 4,
	   "smaps: a shared mapping");
	ok(strstr(shown("/proc/self/smaps", q), "\nVmFlags: rd wr sh mr mw me ms ") != NULL, "and its flags");
	ok(smap(p, "\nSize:") >= 4096 && smap(p, "\nRss:") >= 4096 && smap(p, "\nPss:") >= 4096 && smap(p, "\nAnonymous:") >= 4096 &&
		   smap(p, "\nPrivate_Dirty:") >= 4096 && smap(p, "\nSwap:") == 0, "a private one");
	ok(field("/proc/self/smaps_rollup", "Rss:") >= 5120 && field("/proc/self/smaps_rollup", "Pss_Anon:") >= 4096 &&
		   field("/proc/self/smaps_rollup", "Pss_Shmem:") >= 512, "smaps_rollup adds them up");
	ok(pread(pagemap, words, 16, (uintptr_t)p / PAGE * 8) == 16 && words[0] >> 63 && words[1] >> 63, "pagemap: present");
	munmap(p, 4 << 20);
	munmap(q, 1 << 20);
	ok(field("/proc/self/status", "VmPeak:") >= size + 5120 && field("/proc/self/status", "VmSize:") < size + 512,
	   "VmPeak remembers what there was");
	ok(field("/proc/self/status", "VmHWM:") >= 5120 && !put("/proc/self/clear_refs", "5") &&
		   field("/proc/self/status", "VmHWM:") < size + 1024, "VmHWM until it is cleared");
	close(pagemap);
	child = fork();
	if (!child)
		_exit(0);
	waitid(P_PID, child, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
	{
		char path[64], c;
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/maps", child);
		fd = open(path, O_RDONLY);
		ok(fd < 0 || read(fd, &c, 1) == 0, "a zombie has no mappings");
		close(fd);
	}
	waitpid(child, &status, 0);
}

int main(void)
{
	flags();
	private_files();
	moved();
	merged();
	sealed();
	limits();
	accounts();
	return tap_done();
}
