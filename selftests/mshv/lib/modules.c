// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "borrow.h"
#include "modules.h"
#include "mshv_env.h"

#define PARAMETERS	"/sys/module/mshv_sim/parameters"
#define BUSY_TRIES	600	/* a minute */

static struct {
	char before[1024];	/* parameters of the simulator that was there */
	char now[1024];		/* of the one that a test has loaded */
	bool changed;		/* something was loaded, or unloaded */
} *borrowed;			/* shared by the tests' processes */

static int modules_known(void)
{
	return getenv("MSHV_ROOT_KO") && getenv("MSHV_SIM_KO") ? 0 : -ENOENT;
}

static void changed(void)
{
	borrow_test_begins();
	if (borrowed)
		borrowed->changed = true;
}

static int load(const char *variable, const char *parameters)
{
	const char *path = getenv(variable);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1, ret;

	if (fd < 0)
		return -errno;
	changed();
	ret = syscall(SYS_finit_module, fd, parameters, 0) ? -errno : 0;
	close(fd);
	return ret;
}

/*
 * A test that was killed may still be loading it: that is -EBUSY until it has ended; or have
 * a file of it: -EAGAIN.
 */
static int unload(const char *name)
{
	int tries;

	changed();
	for (tries = 0; tries < BUSY_TRIES; tries++) {
		if (!syscall(SYS_delete_module, name, 0) || errno == ENOENT)
			return 0;
		if (errno != EBUSY && errno != EAGAIN)
			break;
		usleep(100000);
	}
	return -errno;
}

int driver_load(void)
{
	return load("MSHV_ROOT_KO", "");
}

int driver_image(void)
{
	const char *path = getenv("MSHV_ROOT_KO");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	int image = memfd_create("mshv_root", MFD_CLOEXEC), ret = 0;
	ssize_t n;

	while (!ret && (n = sendfile(image, fd, NULL, 1 << 20)) != 0)
		ret = n < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	if (ret && image >= 0)
		close(image);
	return ret ? ret : image;
}

int driver_load_image(int image)
{
	changed();
	return syscall(SYS_finit_module, image, "", 0) ? -errno : 0;
}

int driver_unload(void)
{
	return unload("mshv_root");
}

int sim_unload(void)
{
	int ret = driver_unload();

	return ret ? ret : unload("mshv_sim");
}

int sim_reload(const char *parameters)
{
	int ret = sim_unload();

	return ret ? ret : load("MSHV_SIM_KO", parameters);
}

static int read_parameter(const char *name, char *value, size_t size)
{
	char path[sizeof(PARAMETERS) + 256];
	FILE *f;

	snprintf(path, sizeof(path), PARAMETERS "/%s", name);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	value[0] = '\0';
	if (!fgets(value, size, f))
		value[0] = '\0';
	value[strcspn(value, "\n")] = '\0';
	fclose(f);
	return 0;
}

/* Those it was loaded with, as sim_reload() takes them. */
static int sim_parameters(char *text, size_t size)
{
	DIR *dir = opendir(PARAMETERS);
	const struct dirent *entry;
	char value[64];
	size_t n = 0;
	int ret = 0;

	if (!dir)
		return -errno;
	text[0] = '\0';
	while (!ret && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		ret = read_parameter(entry->d_name, value, sizeof(value));
		n += snprintf(text + n, size - n, "%s=%s ", entry->d_name, value);
		if (n >= size)
			ret = -ENOSPC;
	}
	closedir(dir);
	return ret;
}

/* ------------------------------------------------- as long as a program runs */

int modules_give_back(void)
{
	int ret;

	if (!borrowed || !borrowed->changed)
		return 0;
	borrowed->now[0] = '\0';
	ret = sim_reload(borrowed->before);
	if (!ret)
		ret = driver_load();
	if (ret)
		dprintf(STDERR_FILENO, "# cannot load the modules as they were: errno %d\n", -ret);
	else
		borrowed->changed = false;
	return ret;
}

int modules_borrow(char *why, size_t size)
{
	int ret;

	if (!env_is_sim() || modules_known())
		return 0;
	borrowed = mmap(NULL, sizeof(*borrowed), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (borrowed == MAP_FAILED) {
		borrowed = NULL;
		ret = -ENOMEM;
	} else {
		ret = sim_parameters(borrowed->before, sizeof(borrowed->before));
	}
	if (ret)
		snprintf(why, size, "cannot remember the modules: %s", strerror(-ret));
	else
		borrow_at_end(modules_give_back);
	return ret;
}

const char *modules_before(void)
{
	return borrowed ? borrowed->before : NULL;
}

int sim_want(const char *parameters)
{
	int ret;

	if (!access(PARAMETERS, F_OK) && !strcmp(borrowed->now, parameters) && *parameters)
		return driver_unload();
	borrowed->now[0] = '\0';
	ret = sim_reload(parameters);
	if (!ret)
		snprintf(borrowed->now, sizeof(borrowed->now), "%s", parameters);
	return ret;
}
