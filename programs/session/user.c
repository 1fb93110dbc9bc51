// SPDX-License-Identifier: MIT
/* Who the command is run as: NAME or UID, then perhaps a colon and GROUP or GID, looked up in the guest's own files. */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "session.h"

/* Whether text is a number that may be a user's or a group's; -1 is "none" to the kernel. */
static int is_id(const char *text, unsigned *id)
{
	char *end;

	errno = 0;
	unsigned long number = strtoul(text, &end, 10);
	*id = number;
	return *text >= '0' && *text <= '9' && !*end && !errno && number < 0xffffffff;
}

/* A name comes before a number, as for chown(1). */
static gid_t find_group(const char *wanted)
{
	const struct group *entry = getgrnam(wanted);
	unsigned gid;

	if (entry)
		return entry->gr_gid;
	if (!is_id(wanted, &gid))
		fail(MISTAKE, "there is no group %s in the guest's /etc/group", wanted);
	return gid;
}

struct user find_user(const char *wanted)
{
	char *name = strdup(wanted), *colon = strchr(name, ':');
	const struct passwd *entry;
	struct user user = { .name = name, .home = "/", .shell = "" };
	unsigned uid;

	if (colon)
		*colon = 0;
	entry = getpwnam(name);
	if (!entry && is_id(name, &uid))
		entry = getpwuid(uid);
	if (entry) {
		user = (struct user){
			entry->pw_name, entry->pw_dir, entry->pw_shell, entry->pw_uid, entry->pw_gid, 1
		};
	} else if (is_id(name, &uid)) {
		/* A number needs no entry; without a group it is its own. */
		user.uid = user.gid = uid;
	} else if (!strcmp(name, "root")) {
		/* Not every root file system has a password file. */
		user.home = access("/root", F_OK) ? "/" : "/root";
	} else {
		fail(MISTAKE, "there is no user %s in the guest's /etc/passwd", name);
	}
	if (colon)
		user.gid = find_group(colon + 1);
	if (!*user.shell || access(user.shell, X_OK) < 0)
		user.shell = "/bin/sh";
	return user;
}

/* As login(1): supplementary groups too, and the user owns the terminal, so that /dev/stdin and its like can be opened again. */
void become(const struct user *user)
{
	for (int fd = 0; fd < 3; fd++)
		fchown(fd, user->uid, -1);
	if ((user->is_known ? initgroups(user->name, user->gid) : setgroups(0, NULL)) < 0 || setgid(user->gid) < 0 ||
	    setuid(user->uid) < 0)
		fail(SESSION_FAILED, "user %s: %s", user->name, strerror(errno));
}
