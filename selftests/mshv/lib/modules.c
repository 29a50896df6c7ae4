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

#include "modules.h"

#define PARAMETERS	"/sys/module/mshv_sim/parameters"

int modules_known(void)
{
	return getenv("MSHV_ROOT_KO") && getenv("MSHV_SIM_KO") ? 0 : -ENOENT;
}

static int load(const char *variable, const char *parameters)
{
	const char *path = getenv(variable);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1, ret;

	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, parameters, 0) ? -errno : 0;
	close(fd);
	return ret;
}

static int unload(const char *name)
{
	if (!syscall(SYS_delete_module, name, 0) || errno == ENOENT)
		return 0;
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

int sim_parameters(char *text, size_t size)
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
