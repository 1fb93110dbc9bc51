/* SPDX-License-Identifier: MIT */
/* The C library where this port could get it wrong: start-up, stdio, malloc,
 * long double, locale, callbacks of unusual types. */
#define _GNU_SOURCE
#include <errno.h>
#include <ftw.h>
#include <locale.h>
#include <math.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <wchar.h>
#include "tap.h"

extern char **environ;

static int constructed, destroyed;

__attribute__((constructor)) static void construct(void) { constructed = 1; }
__attribute__((destructor)) static void destroy(void)
{
	destroyed++;
	printf("# destructor ran %s atexit functions\n", destroyed == 2 ? "after" : "before");
	if (destroyed != 2) _exit(9);
}
static void at_exit(void) { destroyed++; }

static int ftw_calls;
static int on_ftw(const char *path, const struct stat *st, int type) { ftw_calls++; return 0; }
static int nftw_level;
static int on_nftw(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	if (ftw->level > nftw_level) nftw_level = ftw->level;
	return 0;
}

static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static ssize_t cookie_write(void *cookie, const char *text, size_t n)
{
	strncat(cookie, text, n);
	return n;
}

int main(int argc, char **argv, char **envp)
{
	ok(constructed, "constructors run before main");
	atexit(at_exit);
	ok(argc >= 1 && argv[argc] == 0, "argv ends with a null pointer");
	ok(envp == environ, "the third parameter of main is the environment");
	setenv("WASM", "yes", 1);
	ok(!strcmp(getenv("WASM"), "yes"), "setenv and getenv agree");

	ok(getauxval(AT_PAGESZ) == 4096 && sysconf(_SC_PAGESIZE) == 4096, "pages have 4096 bytes");
	ok(getauxval(AT_RANDOM) != 0, "AT_RANDOM is given");
	errno = 0;
	ok(getauxval(12345) == 0 && errno == ENOENT, "an unknown auxiliary value is ENOENT");

	char text[200];
	snprintf(text, sizeof text, "%.30Lf|%a|%lld|%5.2e", 1.0L/3, 1.5, -(1LL<<40), 12345.678);
	ok(!strcmp(text, "0.333333333333333333333333333333|0x1.8p+0|-1099511627776|1.23e+04"),
	   "printf knows quad long double, hexadecimal floats and long long");
	ok(sizeof(long double) == 16 && 1.0L + 0x1p-112L != 1.0L, "long double has 113 bits");
	ok(sqrt(2) == 0x1.6a09e667f3bcdp+0 && sqrtf(2) == 0x1.6a09e6p+0f, "sqrt is exact");
	ok(floor(-1.5) == -2 && ceil(-1.5) == -1 && trunc(-1.5) == -1 && rint(2.5) == 2 && rint(-0.5) == 0
	   && signbit(rint(-0.5)), "rounding functions round");
	ok(fabsl(sinl(1) - 0.84147098480789650665250232163029900L) < 1e-33L, "sinl has 33 digits");
	ok(isnan(sqrt(-1)) && copysign(1, -0.0) == -1 && fabs(-0.0) == 0, "NaN and signs");
	double d; char *end;
	d = strtod("0x1.8p1zz", &end);
	ok(d == 3 && !strcmp(end, "zz"), "strtod stops where the number ends");

	size_t total = 0;
	void *blocks[64];
	for (int i = 0; i < 64; i++) {
		blocks[i] = malloc(1 << (i % 18));
		if (blocks[i]) memset(blocks[i], i, 1 << (i % 18)), total++;
	}
	int intact = 1;
	for (int i = 0; i < 64; i++) {
		unsigned char *p = blocks[i];
		for (int k = 0; k < 1 << (i % 18); k++) intact &= p[k] == i;
	}
	for (int i = 0; i < 64; i += 2) free(blocks[i]);
	ok(total == 64 && intact, "blocks of many sizes do not overlap");
	char *big = malloc(20 << 20);
	ok(big && (memset(big, 1, 20 << 20), big[(20 << 20) - 1] == 1), "20 MiB are to be had");
	big = realloc(big, 30 << 20);
	ok(big && big[(20 << 20) - 1] == 1, "and grow, keeping their contents");
	free(big);
	errno = 0;
	/* through a pointer: clang believes that malloc leaves errno alone */
	void *(*volatile allocate)(size_t) = malloc;
	ok(allocate(0x7ffff000) == 0 && errno == ENOMEM, "more than there is gives ENOMEM");
	void *aligned;
	ok(posix_memalign(&aligned, 4096, 100) == 0 && !((unsigned)aligned & 4095), "posix_memalign aligns");
	ok(sbrk(0) == sbrk(0) && sbrk(4096) == (void *)-1, "the break does not move");

	char copied[128];
	for (int n = 0, bad = 0; n <= 100; n++) {
		char a[128], b[128];
		for (int i = 0; i < 128; i++) a[i] = b[i] = i;
		memmove(a + 3, a, n);
		for (int i = 0; i < n; i++) bad |= a[3 + i] != b[i];
		memcpy(a, b, 128);
		memmove(a, a + 3, n);
		for (int i = 0; i < n; i++) bad |= a[i] != b[3 + i];
		memset(copied, 0x55, sizeof copied);
		memset(copied + 1, 0xab, n);
		bad |= copied[0] != 0x55 || copied[n + 1] != 0x55 || (n && copied[n] != (char)0xab);
		if (bad || n == 100) { ok(!bad, "memmove and memset are right for all lengths up to 100"); break; }
	}

	int numbers[] = { 5, 3, 9, 1, 7 };
	qsort(numbers, 5, sizeof *numbers, compare);
	ok(numbers[0] == 1 && numbers[2] == 5 && numbers[4] == 9, "qsort sorts");
	int key = 7;
	ok(bsearch(&key, numbers, 5, sizeof *numbers, compare) == numbers + 3, "bsearch finds");
	void *tree = 0;
	for (int i = 0; i < 5; i++) tsearch(&numbers[i], &tree, compare);
	ok(tfind(&key, &tree, compare) != 0, "tfind finds in a tree");

	char dir[] = "/tmp/libc-XXXXXX", path[100];
	ok(mkdtemp(dir) != 0, "mkdtemp makes a folder");
	snprintf(path, sizeof path, "%s/a", dir);
	mkdir(path, 0755);
	snprintf(path, sizeof path, "%s/a/b", dir);
	FILE *f = fopen(path, "w+");
	ok(f && fprintf(f, "line %d\n", 1) == 7 && fputs("line 2\n", f) >= 0, "a file is written");
	rewind(f);
	char *line = 0; size_t room = 0; int lines = 0;
	while (getline(&line, &room, f) > 0) lines++;
	ok(lines == 2 && !strcmp(line, "line 2\n"), "and read line by line");
	ok(ftell(f) == 14 && !fseek(f, 5, SEEK_SET) && fgetc(f) == '1', "and seeked in");
	struct stat st;
	ok(!fstat(fileno(f), &st) && st.st_size == 14 && S_ISREG(st.st_mode), "fstat tells its size");
	fclose(f);
	ok(ftw(dir, on_ftw, 8) == 0 && ftw_calls == 3, "ftw calls a function of three parameters");
	ok(nftw(dir, on_nftw, 8, FTW_PHYS) == 0 && nftw_level == 2, "nftw calls one of four");
	unlink(path);
	*strrchr(path, '/') = 0;
	rmdir(path);
	ok(rmdir(dir) == 0, "the folder is empty again");

	char collected[100] = "";
	FILE *cookie = fopencookie(collected, "w", (cookie_io_functions_t){ .write = cookie_write });
	fprintf(cookie, "%s %d", "cookie", 42);
	fclose(cookie);
	ok(!strcmp(collected, "cookie 42"), "fopencookie calls its functions");
	char *stream_text; size_t stream_size;
	FILE *stream = open_memstream(&stream_text, &stream_size);
	fprintf(stream, "%05d", 42);
	fclose(stream);
	ok(stream_size == 5 && !strcmp(stream_text, "00042"), "open_memstream collects");

	ok(setlocale(LC_ALL, "C.UTF-8") != 0, "there is a UTF-8 locale");
	wchar_t wide[10];
	ok(mbstowcs(wide, "\xc3\xb6\xe6\xbc\xa2", 10) == 2 && wide[1] == 0x6f22, "UTF-8 is decoded");
	struct tm tm = { .tm_year = 126, .tm_mon = 1, .tm_mday = 30 };
	ok(mktime(&tm) > 0 && tm.tm_mon == 2 && tm.tm_mday == 2, "mktime normalises dates");
	ok(sizeof(time_t) == 8, "time has 64 bits");
	struct timespec now;
	ok(!clock_gettime(CLOCK_REALTIME, &now) && now.tv_sec > 1700000000, "the clock is later than 2023");
	struct utsname name;
	ok(!uname(&name) && !strcmp(name.sysname, "Linux"), "uname says Linux");
	errno = 0;
	ok(open("/nonexistent", O_RDONLY) == -1 && errno == ENOENT
	   && !strcmp(strerror(ENOENT), "No such file or directory"), "errors have numbers and texts");
	errno = 0;
	ok(lseek(open("/dev/zero", O_RDONLY), 0, 99) == -1 && errno == EINVAL, "a bad whence is EINVAL");
	int zero = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	ok(zero < 0 || (ftruncate(zero, 5LL << 30) == 0 && lseek(zero, 0, SEEK_END) == 5LL << 30),
	   "offsets have 64 bits");
	volatile __int128 a = -((__int128)1234567 << 70) - 89, b = 1000003;
	ok((long)(a % b) == -116448 && (a / b) * b + a % b == a && a % -b == a % b, "128-bit numbers are divided");
	volatile unsigned __int128 most = ~(unsigned __int128)0, large = (unsigned __int128)3 << 64;
	ok((unsigned long long)(most / large) == 0x5555555555555555 && (unsigned long long)((most % large) >> 64) == 0
	   && (unsigned long long)(most % large) == ~0ULL, "also without a sign, by more than 64 bits");
	return tap_done();
}
