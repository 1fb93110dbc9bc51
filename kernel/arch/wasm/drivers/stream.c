// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/host/stdin, stdout, stderr: binary-safe byte streams to and from the host,
 * for running one command with the host's own descriptors. They behave as pipes
 * do: a read blocks until there is something and gives 0 at the end; a write
 * blocks while the host is behind and raises SIGPIPE when nobody reads any more.
 * /dev/host/signals: a byte, its number, for each signal that the host was sent.
 */
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <asm/entry.h>
#include <asm/host.h>

/* User memory is not the host's to reach: bytes go through a buffer of ours. */
#define BUFFER_SIZE	(64 * 1024)

static DECLARE_WAIT_QUEUE_HEAD(stream_wait);

/* A device of this driver; its index is the host's number of the stream. */
static const struct stream {
	const char *name, *node;
	fmode_t mode;
	umode_t node_mode;
} streams[] = {
	{ "host-stdin", "host/stdin", FMODE_READ, 0444 },
	{ "host-stdout", "host/stdout", FMODE_WRITE, 0222 },
	{ "host-stderr", "host/stderr", FMODE_WRITE, 0222 },
	{ "host-signals", "host/signals", FMODE_READ, 0400 },
};

static struct miscdevice devices[ARRAY_SIZE(streams)];

void wasm_stream_interrupt(void)
{
	wake_up_all(&stream_wait);
}

static u32 stream_of(struct file *file)
{
	return (struct miscdevice *)file->private_data - devices;
}

/* The host's answer, once it is not -EAGAIN or the caller won't wait. */
#define wait_for_host(file, flags, call)					\
({										\
	s32 __n = (call);							\
										\
	if (__n == -EAGAIN && !((flags) & IOCB_NOWAIT) &&			\
	    !((file)->f_flags & O_NONBLOCK) &&					\
	    wait_event_interruptible(stream_wait, (__n = (call)) != -EAGAIN))	\
		__n = -ERESTARTSYS;						\
	__n;									\
})

static ssize_t stream_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *file = iocb->ki_filp;
	u32 stream = stream_of(file);
	size_t count = min_t(size_t, iov_iter_count(to), BUFFER_SIZE);
	void *buffer;
	s32 n;

	if (!count)
		return 0;
	buffer = kmalloc(count, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	n = wait_for_host(file, iocb->ki_flags, host_stream_read(stream, buffer, count));
	if (n > 0 && copy_to_iter(buffer, n, to) != n)
		n = -EFAULT;
	kfree(buffer);
	return n;
}

static ssize_t stream_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct file *file = iocb->ki_filp;
	u32 stream = stream_of(file);
	size_t size = min_t(size_t, iov_iter_count(from), BUFFER_SIZE);
	ssize_t done = 0;
	void *buffer;
	s32 n = 0;

	if (!size)
		return 0;
	buffer = kmalloc(size, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	while (n >= 0 && iov_iter_count(from)) {
		size_t count = copy_from_iter(buffer, size, from), at;

		if (!count)
			n = -EFAULT;
		for (at = 0; n >= 0 && at < count; at += n) {
			n = wait_for_host(file, iocb->ki_flags,
					  host_stream_write(stream, buffer + at, count - at));
			if (n < 0)
				break;
			done += n;
		}
	}
	kfree(buffer);
	if (n == -EPIPE)
		send_sig(SIGPIPE, current, 0);
	return done ? done : n;
}

static __poll_t stream_poll(struct file *file, poll_table *wait)
{
	poll_wait(file, &stream_wait, wait);
	return (__force __poll_t)host_stream_poll(stream_of(file));
}

static int stream_open_mode(struct inode *inode, struct file *file)
{
	fmode_t wanted = file->f_mode & (FMODE_READ | FMODE_WRITE);

	if (wanted & ~streams[stream_of(file)].mode)
		return -EACCES;
	return stream_open(inode, file);
}

static const struct file_operations stream_fops = {
	.owner		= THIS_MODULE,
	.open		= stream_open_mode,
	.read_iter	= stream_read_iter,
	.write_iter	= stream_write_iter,
	.poll		= stream_poll,
	.splice_read	= copy_splice_read,
	.splice_write	= iter_file_splice_write,
};

static int __init stream_init(void)
{
	int i, ret;

	for (i = 0; i < ARRAY_SIZE(streams); i++) {
		devices[i] = (struct miscdevice) {
			.minor = MISC_DYNAMIC_MINOR,
			.name = streams[i].name,
			.nodename = streams[i].node,
			.mode = streams[i].node_mode,
			.fops = &stream_fops,
		};
		ret = misc_register(&devices[i]);
		if (ret)
			return ret;
	}
	return 0;
}
device_initcall(stream_init);
