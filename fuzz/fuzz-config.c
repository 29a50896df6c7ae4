// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The text of a partition: what can be read can be written, and means the same
 * when it is read again. And the partition, made with a kernel that answers
 * anything.
 */
#include "config.h"

#include "fuzz.h"

#define ROOM	(1 << 18)

static char first[ROOM], second[ROOM];

static void check_error(const struct mshv_config_error *error)
{
	check(memchr(error->text, '\0', sizeof(error->text)));
}

static void write_text(const struct mshv_partition_config *config, char *text)
{
	int len = mshv_partition_config_format(config, text, ROOM);

	check(len > 0 && len < ROOM && strlen(text) == (size_t)len);
}

static void round_trip(const struct mshv_partition_config *config)
{
	struct mshv_partition_config *again;

	write_text(config, first);
	check(!mshv_partition_config_parse(first, strlen(first), &again, NULL));
	write_text(again, second);
	check(!strcmp(first, second));
	mshv_partition_config_close(again);
}

static void build(struct mshv_partition_config *config)
{
	struct mshv_config_error error = { .line = 0 };
	struct mshv_partition *partition;
	struct fuzz_objects o;

	fuzz_open(&o);
	if (!checked(mshv_partition_config_build(config, o.dev, &partition,
						 &error)))
		mshv_partition_close(partition);
	check_error(&error);
	if (checked(mshv_partition_config_fit(config, o.dev, &error)))
		check_error(&error);
	else
		round_trip(config);
	fuzz_close(&o);
}

/* The input is text up to the first NUL, then answers of the kernel. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\0', size) : NULL;
	size_t length = end ? (size_t)(end - data) : size;
	struct mshv_config_error error = { .line = 0 };
	struct mshv_partition_config *config;
	char *text = malloc(length + 1);

	check(text);
	fuzz_begin(data + length, size - length);
	if (length)
		memcpy(text, data, length);
	if (!checked(mshv_partition_config_parse(text, length, &config,
						 &error))) {
		round_trip(config);
		build(config);
		mshv_partition_config_close(config);
	} else {
		check(!config);
		check_error(&error);
	}
	free(text);
	return 0;
}
