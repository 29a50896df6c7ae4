// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "process.h"

bool process_waits(pid_t pid)
{
	char path[64], line[512];
	const struct dirent *entry;
	const char *state;
	bool waits = false;
	DIR *dir;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%d/task/%.20s/stat", pid, entry->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		state = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
		waits |= state && state[2] == 'D';
		fclose(f);
	}
	if (dir)
		closedir(dir);
	return waits;
}
