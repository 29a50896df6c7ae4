// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * A fuzz target without libFuzzer: gives it files, or what a generator of
 * random numbers makes, the same every time. So that each input that once found
 * a bug is tried again by "make check", with every compiler.
 *
 * Usage: fuzz-NAME [FILE...]
 * Without a FILE: all of $srcdir/fuzz/regressions/NAME, and ROUNDS random ones.
 */
#include "config.h"

#include <dirent.h>

#include "fuzz.h"

#define ROUNDS		3000
#define SIZE_MAX_	4096

static uint8_t input[1 << 20];

static void run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t size;

	check(file);
	size = fread(input, 1, sizeof(input), file);
	check(!ferror(file));
	fclose(file);
	printf("%s: %zu bytes\n", path, size);
	fflush(stdout);
	LLVMFuzzerTestOneInput(input, size);
}

static unsigned int run_directory(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	unsigned int files = 0;
	char name[4096];

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		check(snprintf(name, sizeof(name), "%s/%s", path,
			       entry->d_name) < (int)sizeof(name));
		run_file(name);
		files++;
	}
	if (dir)
		closedir(dir);
	return files;
}

static uint64_t next(uint64_t *state)
{
	/* xorshift64, Marsaglia 2003 */
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Bytes of which many are small, as fields of structures are. */
static void run_random(uint64_t seed)
{
	uint64_t state = seed * 0x9e3779b97f4a7c15 + 1;
	size_t i, size = next(&state) % SIZE_MAX_;
	unsigned int shift = next(&state) % 8;

	for (i = 0; i < size; i++) {
		uint64_t value = next(&state);

		input[i] = (uint8_t)(value >> 8) >> (value & 1 ? shift : 0);
	}
	LLVMFuzzerTestOneInput(input, size);
}

int main(int argc, char **argv)
{
	const char *top = getenv("srcdir");
	const char *name = strrchr(argv[0], '/');
	unsigned int files, round;
	char path[4096];
	int i;

	if (argc > 1) {
		for (i = 1; i < argc; i++)
			run_file(argv[i]);
		return 0;
	}

	name = name ? name + 1 : argv[0];
	/* fuzz-NAME, or what libtool made of it */
	name = strstr(name, "fuzz-") ? strstr(name, "fuzz-") + 5 : name;
	check(snprintf(path, sizeof(path), "%s/fuzz/regressions/%s",
		       top ? top : ".", name) < (int)sizeof(path));
	files = run_directory(path);
	LLVMFuzzerTestOneInput(input, 0);
	for (round = 0; round < ROUNDS; round++)
		run_random(round);
	printf("%s: %u files, %u random inputs\n", name, files, ROUNDS);
	return 0;
}
