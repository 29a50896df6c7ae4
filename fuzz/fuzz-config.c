// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The text of a partition: the input up to its first NUL. What is behind it are
 * the answers of the kernel on which the partition is made.
 */
#include "config.h"

#include "fuzz.h"

#define TEXT_MAX	16384

static struct mshv_partition_config *parse(const char *text, size_t size)
{
	struct mshv_partition_config *config;
	struct mshv_config_error error = { .line = 0 };
	int ret = mshv_partition_config_parse(text, size, &config, &error);

	if (!checked(ret))
		return config;
	check(!config);
	check(memchr(error.text, 0, sizeof(error.text)) && error.text[0]);
	check(error.line >= 1 && error.line <= size + 1);
	check(error.column >= 1 && error.column <= size + 1);
	return NULL;
}

/* One text for each description, and it is read again. */
static void there_and_back(const struct mshv_partition_config *config)
{
	static char text[TEXT_MAX], again[TEXT_MAX], small[100];
	int length = mshv_partition_config_format(config, text, sizeof(text));
	struct mshv_partition_config *copy;

	check(length > 0 && length < TEXT_MAX);
	check(mshv_partition_config_format(config, small, sizeof(small)) == length);
	check(!memcmp(small, text, sizeof(small) - 1));
	copy = parse(text, (size_t)length);
	check(copy);
	check(mshv_partition_config_format(copy, again, sizeof(again)) == length);
	check(!strcmp(text, again));
	mshv_partition_config_close(copy);
}

static void make(struct mshv_partition_config *config, struct mshv_dev *dev)
{
	struct mshv_answer answers[LIBMSHV_ASK_COUNT];
	struct mshv_partition *partition = NULL;
	struct mshv_config_error error;
	static char text[16384];
	int ret;

	checked(mshv_partition_config_fit(config, dev, &error));
	there_and_back(config);
	ret = checked(mshv_partition_config_build(config, dev, &partition, &error));
	check(!ret == !!partition);
	check(!ret || memchr(error.text, 0, sizeof(error.text)));
	mshv_partition_close(partition);

	/* It asks with pages that can't be read, and so on. */
	fuzz_kernel.blind = true;
	ret = checked(mshv_dev_ask(dev, 0, answers, LIBMSHV_ASK_COUNT));
	fuzz_kernel.blind = false;
	if (!ret)
		check(mshv_answers_format(answers, LIBMSHV_ASK_COUNT, text,
					  sizeof(text)) < (int)sizeof(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mshv_partition_config *config;
	const uint8_t *end = size ? memchr(data, 0, size) : NULL;
	size_t length = end ? (size_t)(end - data) : size;
	struct fuzz_objects o;
	char *text = malloc(length + 1);

	check(text);
	if (length)
		memcpy(text, data, length);
	/* without a terminator, and no byte of room behind it */
	text = realloc(text, length ? length : 1);
	check(text);
	fuzz_begin(data + length, size - length);
	config = parse(text, length);
	free(text);
	if (!config)
		return 0;
	there_and_back(config);
	fuzz_open(&o);
	make(config, o.dev);
	fuzz_close(&o);
	mshv_partition_config_close(config);
	return 0;
}
