/* SPDX-License-Identifier: MIT */
/* fork in functions that libc calls: its frames, too, come back in both. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <glob.h>
#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "children.h"
#include "tap.h"

static pid_t pid = -1;
static void fork_once(void)
{
	if (pid < 0) pid = fork();
}

/* in a child: exits with 40 + right; in the parent: were both right? */
static int both(int right)
{
	if (pid == 0) _exit(40 + right);
	int status = status_of(pid);
	pid = -1;
	return right && status == 41;
}

static int visit(const char *path, const struct stat *s, int flag, struct FTW *ftw)
{
	/* not before: both would read on in one open folder */
	if (!strstr(path, "last")) return 0;
	fork_once();
	return 7;
}
static int visit_old(const char *path, const struct stat *s, int flag)
{
	if (flag == FTW_F) fork_once();
	return flag == FTW_F;
}
static int choose(const struct dirent *entry)
{
	/* all entries have been read at once */
	fork_once();
	return entry->d_name[0] != '.';
}
static int complain(const char *path, int error)
{
	fork_once();
	return 0;
}
static int compare(const void *a, const void *b) { return strcmp(a, b); }
static int nodes;
static void walk(const void *node, VISIT which, int depth)
{
	fork_once();
	if (which == postorder || which == leaf) nodes++;
}
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static void destroy(void *value) { fork_once(); }
static void *thread(void *arg)
{
	pthread_setspecific(key, arg);
	return arg;
}
static void clean(void *arg) { fork_once(); }
static ssize_t cookie_write(void *cookie, const char *text, size_t n)
{
	fork_once();
	memcpy(cookie, text, n);
	return n;
}
static ssize_t cookie_read(void *cookie, char *text, size_t n)
{
	fork_once();
	memcpy(text, "line\n", 5);
	return 5;
}
static int exits;
static void at_exit_first(void) { _exit(exits == 1 ? 50 : 51); }
static void at_exit_second(void)
{
	fork_once();
	exits++;
	if (pid == 0) return;
	exits = status_of(pid) == 50;
}

int main(void)
{
	char folder[] = "/tmp/fork-callbacks-XXXXXX", path[64];
	mkdtemp(folder);
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, i == 2 ? "last" : i ? "b" : "a");
		fclose(fopen(path, "w"));
	}
	ok(both(nftw(folder, visit, 4, 0) == 7), "nftw");
	ok(both(ftw(folder, visit_old, 4) == 1), "ftw");
	struct dirent **names;
	int count = scandir(folder, &names, choose, alphasort);
	ok(both(count == 3 && !strcmp(names[0]->d_name, "a") && !strcmp(names[2]->d_name, "last")), "scandir");
	glob_t found;
	/* a link to itself can't be opened */
	char loop[64];
	snprintf(loop, sizeof loop, "%s/loop", folder);
	symlink(loop, loop);
	snprintf(path, sizeof path, "%s/loop/*", folder);
	int result = glob(path, 0, complain, &found);
	ok(both(result == GLOB_NOMATCH), "glob");
	unlink(loop);

	void *tree = 0;
	tsearch("x", &tree, compare);
	tsearch("y", &tree, compare);
	tsearch("z", &tree, compare);
	twalk(tree, walk);
	ok(both(nodes == 3), "twalk");
	pthread_once(&once, fork_once);
	ok(both(1), "pthread_once");
	pthread_t t;
	pthread_key_create(&key, destroy);
	pthread_create(&t, 0, thread, &t);
	pthread_join(t, 0);
	ok(pid > 0 && status_of(pid) == 0, "the destructor of a key");
	pid = -1;
	pthread_cleanup_push(clean, 0);
	pthread_cleanup_pop(1);
	ok(both(1), "a cleanup function");
	char text[64] = "", *line = 0;
	size_t size = 0;
	FILE *file = fopencookie(text, "w", (cookie_io_functions_t){ .write = cookie_write });
	fprintf(file, "%d %s", 12, "written");
	fflush(file);
	ok(both(!strcmp(text, "12 written")), "the write function of a FILE");
	file = fopencookie(text, "r", (cookie_io_functions_t){ .read = cookie_read });
	ok(both(getline(&line, &size, file) == 5 && !strcmp(line, "line\n")), "its read function, by getline");

	pid_t exiting = fork();
	if (exiting == 0) {
		atexit(at_exit_first);
		atexit(at_exit_second);
		exit(0);
	}
	ok(status_of(exiting) == 50, "a function of atexit");
	return tap_done();
}
