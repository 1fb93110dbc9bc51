// SPDX-License-Identifier: MIT
/*
 * What can be executed and how: scripts in scripts, binfmt_misc, execveat, fexecve, /proc/self/exe; what can't, and with which
 * error: directories, mounts without execution, files that are written, halves of programs. As root.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tap.h"

static char self[256], output[8192];

static void put(const char *path, const void *text, size_t length)
{
	unlink(path);
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0755);

	write(fd, text, length);
	close(fd);
}

static void puts_to(const char *path, const char *text)
{
	put(path, text, strlen(text));
}

/* execveat() in a child; its standard output as text, and its status or the negative errno of the exec. */
static int run_at(int folder, const char *path, int flags, char *const *argv)
{
	int pipes[2], status;
	char *envp[] = { "A=1", NULL };
	size_t length = 0;
	ssize_t n;

	pipe2(pipes, O_CLOEXEC);
	pid_t child = fork();
	if (!child) {
		dup2(pipes[1], 1);
		syscall(SYS_execveat, folder, path, argv, envp, flags);
		dprintf(1, "%d", errno);
		_exit(126);
	}
	close(pipes[1]);
	while ((n = read(pipes[0], output + length, sizeof(output) - 1 - length)) > 0)
		length += n;
	output[length] = 0;
	close(pipes[0]);
	waitpid(child, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 126)
		return -atoi(output);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1000 - WTERMSIG(status);
}

static int run(const char *path)
{
	char *argv[] = { "name", "one", "two words", NULL };

	return run_at(AT_FDCWD, path, 0, argv);
}

/* What the program below prints when it is executed: arguments and AT_EXECFN. */
static int says(const char *text)
{
	if (!strcmp(output, text))
		return 1;
	printf("# %s\n", output);
	return 0;
}

static void scripts(void)
{
	char text[512], expected[1024];

	snprintf(text, sizeof(text), "#!%s  -x  and more \nrest\n", self);
	puts_to("script", text);
	snprintf(expected, sizeof(expected), "%s|-x  and more|./script|one|two words| fn=./script", self);
	ok(run("./script") == 0 && says(expected), "#!: interpreter, one argument with its inner spaces, the script's name");
	snprintf(text, sizeof(text), "#!%s", self);
	puts_to("bare", text);
	snprintf(expected, sizeof(expected), "%s|./bare|one|two words| fn=./bare", self);
	ok(run("./bare") == 0 && says(expected), "no argument and no line's end");
	puts_to("nested", "#!./script deep\n");
	snprintf(expected, sizeof(expected), "%s|-x  and more|./script|deep|./nested|one|two words| fn=./nested", self);
	ok(run("./nested") == 0 && says(expected), "a script may be another's interpreter");
	int depth = 0;
	puts_to("level0", text);
	for (int i = 1; i <= 6; i++) {
		char name[16], line[32];

		snprintf(name, sizeof(name), "level%d", i);
		snprintf(line, sizeof(line), "#!./level%d\n", i - 1);
		puts_to(name, line);
		if (run(name) == 0)
			depth = i;
	}
	ok(depth == 4 && run("level5") == -ELOOP, "five deep, then ELOOP");
	memset(text, 0, sizeof(text));
	memset(text, 'a', 400);
	memcpy(text, "#!/", 3);
	puts_to("long", text);
	ok(run("./long") == -ENOEXEC, "an interpreter's name that is cut off is none");
	snprintf(text, sizeof(text), "#!%s ", self);
	memset(text + strlen(text), 'b', 400);
	puts_to("longer", text);
	ok(run("./longer") == 0 && strlen(output) < 350 + 2 * strlen(self), "an argument is cut off at 256 bytes");
	puts_to("empty", "");
	puts_to("blank", "#!   \n");
	puts_to("nobody", "#!/nowhere\n");
	puts_to("text", "echo hello\n");
	ok(run("./empty") == -ENOEXEC && run("./blank") == -ENOEXEC && run("./text") == -ENOEXEC, "ENOEXEC: empty files, no interpreter, no #!");
	ok(run("./nobody") == -ENOENT, "ENOENT: the interpreter");
	chmod("script", 0644);
	ok(run("./script") == -EACCES && run("./nested") == -EACCES, "EACCES: may not be executed, also as interpreter");
	chmod("script", 0755);
}

static int write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	int bad = fd < 0 || write(fd, text, strlen(text)) < 0;

	close(fd);
	return bad;
}

static void misc(void)
{
	char text[600], expected[600];

	mkdir("misc", 0755);
	if (mount("none", "misc", "binfmt_misc", 0, NULL)) {
		ok(1, "no binfmt_misc here");
		return;
	}
	put("program.wltest", "nothing", 7);
	put("magic", "\x01WLT\x7fxx", 7);
	ok(run("./program.wltest") == -ENOEXEC && run("./magic") == -ENOEXEC, "nothing is registered");
	snprintf(text, sizeof(text), ":wltest-e:E::wltest::%s:", self);
	ok(!write_to("misc/register", text) && !access("misc/wltest-e", F_OK), "an extension is registered");
	snprintf(expected, sizeof(expected), "%s|./program.wltest|one|two words| fn=./program.wltest", self);
	ok(run("./program.wltest") == 0 && says(expected), "and executed by its interpreter");
	snprintf(text, sizeof(text), ":wltest-m:M:1:WL\\x54\\x00:\\xff\\xff\\xff\\x00:%s:PFOC", self);
	ok(!write_to("misc/register", text), "a magic with a mask");
	snprintf(expected, sizeof(expected), "%s|./magic|name|one|two words| fn=./magic", self);
	int result = run("./magic");
	ok(result == 3, "flag O: the program's file is open, AT_EXECFD has its number");
	ok(says(expected), "flag P: it keeps its own first argument");
	ok(!write_to("misc/wltest-m", "0") && run("./magic") == -ENOEXEC && !write_to("misc/wltest-m", "1") && run("./magic") == 3, "0 and 1 disable and enable it");
	ok(write_to("misc/register", ":bad:X::::") && errno == EINVAL, "nonsense is EINVAL");
	write_to("misc/wltest-e", "-1");
	write_to("misc/wltest-m", "-1");
	ok(access("misc/wltest-m", F_OK) && run("./magic") == -ENOEXEC, "-1 removes");
	umount("misc");
}

static void at(void)
{
	char *argv[] = { "name", NULL }, expected[300], text[300];
	int folder = open(".", O_PATH), fd = open("/proc/self/exe", O_RDONLY), path = open("/proc/self/exe", O_PATH);

	symlink(self, "link");
	snprintf(expected, sizeof(expected), "name| fn=/dev/fd/%d/link", folder);
	ok(run_at(folder, "link", 0, argv) == 0 && says(expected), "execveat(): relative to a folder");
	snprintf(expected, sizeof(expected), "name| fn=/dev/fd/%d", fd);
	ok(run_at(fd, "", AT_EMPTY_PATH, argv) == 0 && says(expected), "AT_EMPTY_PATH: a descriptor");
	ok(run_at(path, "", AT_EMPTY_PATH, argv) == 0, "also of O_PATH");
	ok(run_at(folder, "link", AT_SYMLINK_NOFOLLOW, argv) == -ELOOP, "AT_SYMLINK_NOFOLLOW");
	ok(run_at(fd, "", 0, argv) == -ENOENT && run_at(folder, "", AT_EMPTY_PATH, argv) == -EACCES, "no name, a folder");
	ok(run_at(250, "x", 0, argv) == -EBADF && run_at(fd, "x", 0, argv) == -ENOTDIR, "no descriptor, no folder");
	ok(run_at(folder, "link", 0x40000, argv) == -EINVAL, "no unknown flags");
	snprintf(text, sizeof(text), "#!%s\n", self);
	puts_to("kept", text);
	puts_to("closed", text);
	int kept = open("kept", O_RDONLY), closed = open("closed", O_RDONLY | O_CLOEXEC);
	ok(run_at(kept, "", AT_EMPTY_PATH, argv) == 0, "a script by its descriptor");
	ok(run_at(closed, "", AT_EMPTY_PATH, argv) == -ENOENT, "which must survive the exec");
	pid_t child = fork();
	int status;
	if (!child) {
		dup2(open("/dev/null", O_WRONLY), 1);
		fexecve(fd, argv, argv + 1);
		_exit(1);
	}
	waitpid(child, &status, 0);
	ok(status == 0, "fexecve()");
	close(fd);
}

static void refused(void)
{
	static char program[1 << 20];
	char *argv[] = { "name", NULL };
	int fd = open("/proc/self/exe", O_RDONLY);
	ssize_t length = read(fd, program, sizeof(program));

	close(fd);
	ok(run("/") == -EACCES && run("/dev/null") == -EACCES, "EACCES: directories, devices");
	ok(run("./bare/x") == -ENOTDIR && run("") == -ENOENT, "ENOTDIR, ENOENT");
	symlink("circle", "circle");
	ok(run("./circle") == -ELOOP, "ELOOP");
	char name[300];
	memset(name, 'n', 299);
	name[299] = 0;
	ok(run(name) == -ENAMETOOLONG, "ENAMETOOLONG");
	put("copy", program, length);
	ok(run("./copy") == 0, "a copy of a program is one");
	fd = open("copy", O_RDWR);
	ok(run("./copy") == -ETXTBSY, "ETXTBSY: while it is open for writing");
	close(fd);
	mkdir("noexec", 0755);
	mount("none", "noexec", "tmpfs", MS_NOEXEC, NULL);
	put("noexec/copy", program, length);
	ok(run("noexec/copy") == -EACCES, "EACCES: a mount without execution");
	umount("noexec");
	put("half", program, length / 2);
	int half = run("./half");
	ok(half == -ENOEXEC || half <= -1000, "half a program is none");
	put("head", program, 4);
	ok(run("./head") == -ENOEXEC, "nor is its magic");
	fd = open("copy", O_RDONLY);
	unlink("copy");
	ok(run_at(fd, "", AT_EMPTY_PATH, argv) == 0, "a program may be deleted");
	close(fd);
}

static void own_file(void)
{
	static char program[1 << 20], link[300];
	int fd = open("/proc/self/exe", O_RDONLY), status;
	ssize_t length = read(fd, program, sizeof(program));

	close(fd);
	put("gone", program, length);
	pid_t child = fork();
	if (!child) {
		execl("./gone", "name", "deleted", NULL);
		_exit(1);
	}
	waitpid(child, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a deleted program's /proc/self/exe says so, and can be executed");
	ok(readlink("/proc/self/exe", link, sizeof(link)) > 0 && !strcmp(link, self), "else it is the program's path");
	fd = open(self, O_WRONLY);
	ok(fd >= 0 || errno == ETXTBSY, "writing to a running program: allowed or ETXTBSY, as the kernel's version has it");
	close(fd);
}

static int show(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		printf("%s|", argv[i]);
	printf(" fn=%s", (char *)getauxval(AT_EXECFN));
	return getauxval(AT_EXECFD) ? 3 : 0;
}

static int is_deleted(void)
{
	char link[300] = "";

	unlink("gone");
	if (readlink("/proc/self/exe", link, sizeof(link) - 1) < 10 || strcmp(link + strlen(link) - 15, "/gone (deleted)"))
		return 2;
	freopen("/dev/null", "w", stdout);
	execl("/proc/self/exe", "name", "again", NULL);
	return 3;
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/exec-kinds-XXXXXX";

	if (argc == 2 && !strcmp(argv[1], "deleted"))
		return is_deleted();
	if (argc > 1 || strcmp(strrchr(argv[0], '/') ?: argv[0], "/exec-kinds"))
		return show(argc, argv);
	self[readlink("/proc/self/exe", self, sizeof(self) - 1)] = 0;
	chdir(mkdtemp(folder));
	scripts();
	misc();
	at();
	refused();
	own_file();
	return tap_done();
}
