// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest.h"
#include "borrow.h"

#define FILES_MAX	32
/* Of 10 ms: for what was killed to be gone, for a CPU that is just being used. */
#define TRIES		500

static struct {
	pid_t top;		/* whoever else leaves by exit() is none of our business */
	pid_t group;		/* the test's processes; 0: all have ended */
	unsigned int count;
	struct {
		char path[96], before[48];
	} file[FILES_MAX];
} *borrowed;			/* shared by the tests' processes */

static int (*at_end)(void);

static const int deadly[] = { SIGHUP, SIGINT, SIGTERM };

static int read_file(const char *path, char *value, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, value, size);
	close(fd);
	if (n < 0)
		return -errno;
	if ((size_t)n == size)
		return -EFBIG;
	value[n] = '\0';
	return 0;
}

static int write_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

int borrow_file(const char *path)
{
	unsigned int i;
	int ret;

	if (!borrowed)
		return 0;
	borrow_test_begins();
	for (i = 0; i < borrowed->count; i++)
		if (!strcmp(borrowed->file[i].path, path))
			return 0;
	if (i == FILES_MAX || strlen(path) >= sizeof(borrowed->file[i].path))
		return -ENOSPC;
	ret = read_file(path, borrowed->file[i].before, sizeof(borrowed->file[i].before));
	if (ret)
		return ret;
	strcpy(borrowed->file[i].path, path);
	borrowed->count++;
	return 0;
}

int borrow_and_write(const char *path, const char *value)
{
	int ret = borrow_file(path);

	return ret ? ret : write_file(path, value);
}

/* ENOENT: what it was a part of has gone, a module for instance. */
static int restore(const char *path, const char *before)
{
	char now[sizeof(borrowed->file[0].before)];
	int ret, tries;

	ret = read_file(path, now, sizeof(now));
	if (!ret && !strcmp(now, before))
		return 0;
	for (tries = 0; tries < TRIES; tries++) {
		ret = write_file(path, before);
		if (ret != -EBUSY)
			break;
		usleep(10000);
	}
	return ret == -ENOENT ? 0 : ret;
}

/* Nothing here may need a lock: a signal's handler calls it, too. */
int borrow_give_back(void)
{
	int failed = 0, ret;

	while (borrowed && borrowed->count) {
		typeof(&borrowed->file[0]) f = &borrowed->file[borrowed->count - 1];

		ret = restore(f->path, f->before);
		if (ret) {
			dprintf(STDERR_FILENO, "# cannot write %s as it was, %.*s: errno %d\n",
				f->path, (int)strcspn(f->before, "\n"), f->before, -ret);
			failed++;
		}
		borrowed->count--;
	}
	if (borrowed)
		borrowed->group = 0;
	return failed;
}

/* It may be in the middle of a change. Orphans stay until init has looked at them. */
static void end_test(void)
{
	const pid_t group = borrowed->group;
	int tries;

	if (!group || group == getpgrp())
		return;
	for (tries = 0; tries < TRIES && !kill(-group, SIGKILL); tries++) {
		while (waitpid(-group, NULL, WNOHANG) > 0)
			;
		usleep(10000);
	}
}

static int end_program(void)
{
	int failed;

	end_test();
	failed = borrow_give_back();
	if (at_end && at_end())
		failed++;
	return failed;
}

/* The handler is reset: the signal comes again, and is deadly, once this has returned. */
static void on_deadly_signal(int number)
{
	if (getpid() == borrowed->top)
		end_program();
	raise(number);
}

/*
 * A test of its own may send itself such a signal, or wait in a place that only a deadly
 * one ends.
 */
void borrow_test_begins(void)
{
	struct sigaction now;
	unsigned int i;

	if (!borrowed || getpid() == borrowed->top || borrowed->group == getpgrp())
		return;
	for (i = 0; i < ARRAY_SIZE(deadly); i++)
		if (!sigaction(deadly[i], NULL, &now) && now.sa_handler == on_deadly_signal)
			signal(deadly[i], SIG_DFL);
	/* Of an earlier test that was not torn down. */
	end_test();
	borrow_give_back();
	borrowed->group = getpgrp();
}

static void at_exit(void)
{
	if (getpid() != borrowed->top || !end_program())
		return;
	fflush(NULL);
	_exit(EXIT_FAILURE);
}

int borrow_begin(char *why, size_t size)
{
	struct sigaction action = { .sa_handler = on_deadly_signal, .sa_flags = SA_RESETHAND };
	struct sigaction before;
	unsigned int i;

	borrowed = mmap(NULL, sizeof(*borrowed), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (borrowed == MAP_FAILED || atexit(at_exit)) {
		borrowed = NULL;
		snprintf(why, size, "no memory");
		return -ENOMEM;
	}
	borrowed->top = getpid();
	for (i = 0; i < ARRAY_SIZE(deadly); i++)
		sigaddset(&action.sa_mask, deadly[i]);
	for (i = 0; i < ARRAY_SIZE(deadly); i++)
		/* nohup has set it to be ignored */
		if (!sigaction(deadly[i], NULL, &before) && before.sa_handler != SIG_IGN)
			sigaction(deadly[i], &action, NULL);
	return 0;
}

void borrow_at_end(int (*give_back)(void))
{
	at_end = give_back;
}
