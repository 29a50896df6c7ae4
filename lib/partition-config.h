/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The description of a partition, as the files that read, write and apply it
 * share it. See <mshv/partition_config.h>.
 */
#ifndef LIBMSHV_PARTITION_CONFIG_H
#define LIBMSHV_PARTITION_CONFIG_H

#include <mshv/partition_config.h>

#include "internal.h"

#define KINDS		3	/* of enum libmshv_feature_kind */
#define BANKS		2	/* of 64 features; not all kinds use both */

#if defined(__x86_64__)
#define ARCH_NAME	"x86_64"
#else
#define ARCH_NAME	"arm64"
#endif

/* feature-sets.c: a fixed set, or what the host has */
struct libmshv_feature_set {
	const char *name;
	unsigned int kinds;		/* bitmask of those that have it */
	bool host;
	union hv_partition_processor_features processor;
	union hv_partition_processor_xsave_features xsave;
	union hv_partition_synthetic_processor_features synthetic;
};

const struct libmshv_feature_set *
libmshv_feature_set_find(unsigned int kind, const char *name, size_t length);
void libmshv_feature_set_bits(const struct libmshv_feature_set *set,
			      unsigned int kind, uint64_t bits[BANKS]);

/*
 * Which features of one kind. What is allowed and denied never overlaps, and
 * with a fixed base, only says what the base doesn't say.
 */
struct libmshv_features {
	const struct libmshv_feature_set *base;
	uint64_t allow[BANKS], deny[BANKS];
};

struct libmshv_property {
	uint32_t code;
	bool late;			/* to be set after initialization */
	uint64_t value;
};

enum libmshv_apic { APIC_NONE, APIC_XAPIC, APIC_X2APIC };

struct mshv_partition_config {
	uint8_t apic, super_pages, smt, nested, isolation;
	struct libmshv_features features[KINDS];
	size_t property_count;
	/* sorted by when they are to be set, then by code */
	struct libmshv_property properties[LIBMSHV_CONFIG_PROPERTIES_MAX];
};

static inline bool libmshv_kind_exists(unsigned int kind)
{
#if defined(__x86_64__)
	return kind < KINDS;
#else
	return kind < KINDS && kind != LIBMSHV_FEATURE_XSAVE;
#endif
}

static inline unsigned int libmshv_kind_bits(unsigned int kind)
{
	return kind == LIBMSHV_FEATURE_PROCESSOR ? 64 * BANKS : 64;
}

/* partition-config.c */
__attribute__((format(printf, 5, 6)))
int libmshv_config_fail(struct mshv_config_error *error, int errnum,
			uint32_t line, uint32_t column, const char *format, ...);
void libmshv_features_wanted(const struct libmshv_features *features,
			     unsigned int kind, uint64_t bits[BANKS]);
void libmshv_features_change(struct libmshv_features *features,
			     unsigned int kind, unsigned int bit, bool allow);
int libmshv_config_add_property(struct mshv_partition_config *config,
				const struct libmshv_property *property);

/* partition-keys.c: the lines of the text */
extern const char *const libmshv_kind_keys[KINDS];

#endif /* LIBMSHV_PARTITION_CONFIG_H */
