/* SPDX-License-Identifier: MIT */
/* What the parts of /sbin/session know of each other. */
#ifndef SESSION_H
#define SESSION_H
#include <stddef.h>
#include <sys/types.h>

/* Exit statuses as env(1), timeout(1) and the shells have them; 2 is a mistake on the host's command line. */
enum { MISTAKE = 2, TIMED_OUT = 124, SESSION_FAILED = 125, NOT_EXECUTABLE = 126, NOT_FOUND = 127 };

/* request.c: the files of /run/host. They stay within reach when the root is another. */
extern int request_folder;
void open_requests(void);
char *request(const char *name, size_t *length);
char **request_strings(const char *name);

/* end.c: the machine's end. */
_Noreturn void end_machine(int status);
_Noreturn void power_off(int command);
_Noreturn __attribute__((format(printf, 2, 3))) void fail(int status, const char *format, ...);

/* user.c: who the command is run as. */
struct user {
	const char *name, *home, *shell;
	uid_t uid;
	gid_t gid;
	/* whether the password file has it, and so may the group file */
	int is_known;
};
struct user find_user(const char *wanted);
void become(const struct user *user);

/* root.c: process 1's part. */
void prepare_root(void);

#endif
