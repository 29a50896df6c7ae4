// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The description of a partition as an object. See <mshv/partition_config.h>.
 */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "partition-config.h"

int libmshv_config_fail(struct mshv_config_error *error, int errnum,
			uint32_t line, uint32_t column, const char *format, ...)
{
	va_list args;

	if (error) {
		error->line = line;
		error->column = column;
		va_start(args, format);
		vsnprintf(error->text, sizeof(error->text), format, args);
		va_end(args);
	}
	return libmshv_fail(errnum, "partition config: see struct mshv_config_error");
}

/* The defaults that the header shows. They can't change any more. */
static void config_init(struct mshv_partition_config *config)
{
	static const char *const bases[KINDS] = {
		[LIBMSHV_FEATURE_PROCESSOR] = "host",
		[LIBMSHV_FEATURE_XSAVE] = "host",
		[LIBMSHV_FEATURE_SYNTHETIC] = "none",
	};
	unsigned int kind;

	config->apic = APIC_X2APIC;
	config->super_pages = 1;
	for (kind = 0; kind < KINDS; kind++)
		config->features[kind].base =
			libmshv_feature_set_find(kind, bases[kind],
						 strlen(bases[kind]));
}

int mshv_partition_config_create(struct mshv_partition_config **out)
{
	struct mshv_partition_config *config;

	if (!out)
		return libmshv_fail(EINVAL, "create partition config: NULL argument");
	*out = NULL;
	config = calloc(1, sizeof(*config));
	if (!config)
		return libmshv_fail(ENOMEM, "create partition config: no memory");
	config_init(config);
	*out = config;
	return 0;
}

void mshv_partition_config_close(struct mshv_partition_config *config)
{
	int saved = errno;

	free(config);
	errno = saved;
}

/* With the host's set as the base, what is allowed in addition. */
void libmshv_features_wanted(const struct libmshv_features *features,
			     unsigned int kind, uint64_t bits[BANKS])
{
	int i;

	libmshv_feature_set_bits(features->base, kind, bits);
	for (i = 0; i < BANKS; i++)
		bits[i] = (bits[i] | features->allow[i]) & ~features->deny[i];
}

void libmshv_features_change(struct libmshv_features *features,
			     unsigned int kind, unsigned int bit, bool allow)
{
	uint64_t base[BANKS], mask = 1ULL << bit % 64;
	unsigned int bank = bit / 64;

	features->allow[bank] &= ~mask;
	features->deny[bank] &= ~mask;

	/* Don't repeat what the base says. */
	libmshv_feature_set_bits(features->base, kind, base);
	if (!features->base->host && !!(base[bank] & mask) == allow)
		return;
	if (allow)
		features->allow[bank] |= mask;
	else
		features->deny[bank] |= mask;
}

static int compare(const struct libmshv_property *a,
		   const struct libmshv_property *b)
{
	if (a->late != b->late)
		return a->late ? 1 : -1;
	return a->code < b->code ? -1 : a->code > b->code;
}

int libmshv_config_add_property(struct mshv_partition_config *config,
				const struct libmshv_property *property)
{
	struct libmshv_property *at = config->properties;
	struct libmshv_property *end = at + config->property_count;

	while (at < end && compare(at, property) < 0)
		at++;
	if (at < end && !compare(at, property)) {
		*at = *property;
		return -EEXIST;
	}
	if (config->property_count == LIBMSHV_CONFIG_PROPERTIES_MAX)
		return -ENOSPC;
	memmove(at + 1, at, (size_t)(end - at) * sizeof(*at));
	*at = *property;
	config->property_count++;
	return 0;
}
