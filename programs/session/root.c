// SPDX-License-Identifier: MIT
/*
 * Process 1's part: from the kernel's bare root to one that has what every Linux has. Done here and not by an init with its
 * scripts, because every command waits for it. For a login shell the root's init follows as process 1, if it has one.
 *
 * The root is the initramfs itself, or in a machine with another root (--root) what lies in that beside this program: the tree
 * /root, or the file system image /image, which a loop device makes a disk of. It becomes / then.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/loop.h>
#include "session.h"

#define ROOT "/root"
#define IMAGE "/image"

static int mounted(const char *source, const char *target, const char *type, unsigned long flags, const char *data)
{
	mkdir(target, 0755);
	return mount(source, target, type, flags, data);
}

/* Where fail() can be heard. */
static void open_standard_error(void)
{
	const char *terminals = request("tty", NULL);
	int fd = terminals && !strchr(terminals, '2') ? open("/dev/host/stderr", O_WRONLY) : -1;

	/* Else it stays the console, which the kernel has opened. */
	if (fd >= 0) {
		dup2(fd, STDERR_FILENO);
		close(fd);
	}
}

/* A loop device over IMAGE, which goes when it is unmounted. NULL and errno when there is none. */
static const char *loop_device(void)
{
	static char path[32];
	struct loop_config config = { .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int number = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);

	if (number < 0)
		return NULL;
	close(control);
	snprintf(path, sizeof(path), "/dev/loop%d", number);
	int device = open(path, O_RDWR | O_CLOEXEC);
	config.fd = open(IMAGE, O_RDWR | O_CLOEXEC);
	strcpy((char *)config.info.lo_file_name, IMAGE);
	if (device < 0 || config.fd < 0 || ioctl(device, LOOP_CONFIGURE, &config) < 0)
		return NULL;
	/* Left open: the device would go before it is mounted. */
	close(config.fd);
	return path;
}

/* A file system that can't be written gets a layer in memory above it, so that every root can be. */
static int mount_image(const char *type)
{
	const char *device = loop_device();

	if (!device)
		return -1;
	if (!strcmp(type, "ext4"))
		return mounted(device, ROOT, type, 0, NULL);
	if (mounted(device, "/lower", type, MS_RDONLY, NULL) < 0)
		return -1;
	mkdir("/upper", 0755);
	mkdir("/work", 0755);
	return mounted("overlay", ROOT, "overlay", 0, "lowerdir=/lower,upperdir=/upper,workdir=/work");
}

/* What the root can do without is left out when it can't be had, as when /proc is no folder. */
static void mount_usual(void)
{
	static const struct {
		const char *target, *type, *data;
		unsigned long flags;
	} usual[] = {
		{ "/proc", "proc", NULL, MS_NOSUID | MS_NOEXEC | MS_NODEV },
		{ "/sys", "sysfs", NULL, MS_NOSUID | MS_NOEXEC | MS_NODEV },
		{ "/dev/pts", "devpts", "gid=5,mode=620,ptmxmode=666", MS_NOSUID | MS_NOEXEC },
		{ "/dev/shm", "tmpfs", "mode=1777", MS_NOSUID | MS_NODEV },
		{ "/dev/mqueue", "mqueue", NULL, MS_NOSUID | MS_NOEXEC | MS_NODEV },
		{ "/sys/fs/cgroup", "cgroup2", "nsdelegate", MS_NOSUID | MS_NOEXEC | MS_NODEV },
	};
	static const char *const links[][2] = {
		{ "/proc/self/fd", "/dev/fd" },
		{ "/proc/self/fd/0", "/dev/stdin" },
		{ "/proc/self/fd/1", "/dev/stdout" },
		{ "/proc/self/fd/2", "/dev/stderr" },
	};

	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		mounted(usual[i].type, usual[i].target, usual[i].type, usual[i].flags, usual[i].data);
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		symlink(links[i][0], links[i][1]);
	if (!mkdir("/tmp", 0))
		chmod("/tmp", 01777);
}

static void bring_up_loopback(void)
{
	struct ifreq interface = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		ioctl(fd, SIOCSIFFLAGS, &interface);
		close(fd);
	}
}

/*
 * Linux keeps a block of pages more free when blocks of pages of one kind are broken up for another. Here user memory is charged in
 * such pieces all the time, and a block is 16 MiB: much of the machine, which the OOM killer would then try to keep free.
 */
static void forgo_watermark_boost(void)
{
	int fd = open("/proc/sys/vm/watermark_boost_factor", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		write(fd, "0", 1);
		close(fd);
	}
}

static void set_hostname(void)
{
	char name[65];
	int fd = open("/etc/hostname", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, name, sizeof(name) - 1);

	if (n > 0) {
		name[n] = 0;
		sethostname(name, strcspn(name, "\n"));
	}
	if (fd >= 0)
		close(fd);
}

/* Makes the tree or the image the root, with the /dev of this one. */
static void change_root(const char *type)
{
	if ((strcmp(type, "tree") ? mount_image(type) : mounted(ROOT, ROOT, NULL, MS_BIND, NULL)) < 0)
		fail(MISTAKE, "the root can't be mounted as %s: %s", type, strerror(errno));
	mkdir(ROOT "/dev", 0755);
	mount("/dev", ROOT "/dev", NULL, MS_MOVE, NULL);
	if (chdir(ROOT) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0)
		fail(SESSION_FAILED, "the root can't be changed: %s", strerror(errno));
}

/* Whether nobody says who logs in, and where. The init of a foreign root decides that itself; ours comes back to this program. */
static int is_anonymous(void)
{
	return !request("user", NULL) && !request("cwd", NULL);
}

/* The root's own init, on the console; returns when there is none. */
static void run_init(void)
{
	static char *const argv[] = { "/sbin/init", NULL };
	char **wanted = request_strings("env");

	for (; wanted && *wanted; wanted++)
		putenv(*wanted);
	execv(argv[0], argv);
}

void prepare_root(void)
{
	const char *type = request("root", NULL);

	/* Ctrl-Alt-Del, the power button, is a signal to process 1 and not the end. */
	reboot(RB_DISABLE_CAD);
	mounted("devtmpfs", "/dev", "devtmpfs", 0, "mode=755");
	open_standard_error();
	if (type)
		change_root(type);
	mount_usual();
	forgo_watermark_boost();
	bring_up_loopback();
	set_hostname();
	if (!request("argv", NULL) && !request("tasks", NULL) && (!type || is_anonymous()))
		run_init();
}
