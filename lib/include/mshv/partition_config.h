/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The description of a partition: what its processors can do and how it is set
 * up, as an object, as text, and as a partition made from it.
 */
#ifndef MSHV_PARTITION_CONFIG_H
#define MSHV_PARTITION_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/export.h>
#include <mshv/partition.h>

LIBMSHV_BEGIN_DECLS

/**
 * DOC: the text of a partition
 *
 * A partition is described by lines of words between blanks. "#" and what
 * follows it is a comment; empty lines don't count. The first line has to be
 * there, any other may be missing; it then says what is shown here (xsave
 * exists on x86_64 only)::
 *
 *   mshv-partition 1
 *   arch x86_64
 *   apic x2apic
 *   super-pages on
 *   smt off
 *   nested off
 *   isolation none
 *   processor host
 *   xsave host
 *   synthetic none
 *
 * * arch: x86_64 or arm64. The text of another one is refused.
 * * apic: none, xapic or x2apic
 * * super-pages, smt, nested: on or off
 * * isolation: none or snp. No driver of Linux has snp up to 7.3.
 * * processor, xsave, synthetic: the name of a set (see
 *   mshv_feature_set_name()), then any number of features (see
 *   mshv_feature_name()), each with a sign: "+aes" has to be there in addition,
 *   "-la57" may not be there. A feature without a name is "bit" and its number.
 * * early-property, property: a property (its name or number) and its value.
 *   Any number of these lines. The first kind is set before the partition is
 *   initialized, the second after it.
 *
 * Numbers are decimal, or hexadecimal after "0x".
 *
 * "host" stands for all that the hypervisor gives, which differs from host to
 * host. Every other set is a fixed list, so that the same text makes the same
 * partition on each host, or fails and names the features that the host lacks.
 * mshv_partition_config_fit() turns the one into the other. "synthetic none"
 * leaves the property alone.
 *
 * Sets know nothing of what the guest's security needs: the features that tell
 * it how to work around a flaw of the processor (ibrs, mb_clear, rdcl_no ...)
 * are in none but "host".
 */

/**
 * enum libmshv_feature_kind - Kinds of features of a processor
 * @LIBMSHV_FEATURE_PROCESSOR: union hv_partition_processor_features, 128 bits
 * @LIBMSHV_FEATURE_XSAVE: union hv_partition_processor_xsave_features, 64 bits,
 *	x86_64 only
 * @LIBMSHV_FEATURE_SYNTHETIC: union hv_partition_synthetic_processor_features,
 *	64 bits: what the hypervisor adds to a processor
 *
 * Since: 0.1
 */
enum libmshv_feature_kind {
	LIBMSHV_FEATURE_PROCESSOR,
	LIBMSHV_FEATURE_XSAVE,
	LIBMSHV_FEATURE_SYNTHETIC,
};

/**
 * mshv_feature_name() - Name of a feature
 * @kind: enum libmshv_feature_kind
 * @bit: number of the bit; those of the second bank begin with 64
 *
 * Context: Any thread, any time; async-signal-safe.
 * Return: the name, or NULL if the bit is reserved, or out of range. A constant.
 * Since: 0.1
 */
const char *mshv_feature_name(unsigned int kind, unsigned int bit);

/**
 * mshv_feature_find() - Number of a feature
 * @kind: enum libmshv_feature_kind
 * @name: name, as mshv_feature_name() gives it
 *
 * Context: Any thread.
 * Return: number of the bit, or
 *
 * * -EINVAL: no such kind, or @name is NULL
 * * -ENOENT: no feature of this kind has that name
 *
 * Since: 0.1
 */
int mshv_feature_find(unsigned int kind, const char *name);

/**
 * mshv_feature_set_name() - Names of the sets of features
 * @kind: enum libmshv_feature_kind
 * @index: 0 for the first one
 *
 * Context: Any thread, any time; async-signal-safe.
 * Return: the name, or NULL if there are not so many. A constant.
 * Since: 0.1
 */
const char *mshv_feature_set_name(unsigned int kind, unsigned int index);

/**
 * mshv_property_name() - Name of a property of a partition
 * @code: HV_PARTITION_PROPERTY_*
 *
 * Context: Any thread, any time; async-signal-safe.
 * Return: the name of the constant in lower case, without what all begin with;
 * or NULL if libmshv doesn't know the code. A constant.
 * Since: 0.1
 */
const char *mshv_property_name(uint32_t code);

/**
 * mshv_property_find() - Number of a property
 * @name: name, as mshv_property_name() gives it
 * @code: where to put HV_PARTITION_PROPERTY_*; not touched on failure
 *
 * Context: Any thread.
 * Return: 0, or -EINVAL for a NULL pointer, -ENOENT for an unknown name.
 * Since: 0.1
 */
int mshv_property_find(const char *name, uint32_t *code);

/**
 * struct mshv_config_error - What is wrong with the description of a partition
 * @line: line of the text, counted from 1; 0 if it is not about a text
 * @column: byte in the line, counted from 1; 0 if it is not about a text
 * @text: one line in English, for instance "this host lacks aes, bmi2"; cut
 *	short if there is more to tell
 *
 * Since: 0.1
 */
struct mshv_config_error {
	uint32_t line;
	uint32_t column;
	char text[240];
};

struct mshv_partition_config;

/* How many properties a description can set. */
#define LIBMSHV_CONFIG_PROPERTIES_MAX	64

/**
 * mshv_partition_config_create() - Start the description of a partition
 * @out: where to put the handle; set to NULL on failure
 *
 * It begins as the text that has the first line only.
 *
 * Context: Any thread. The handle is one thread's at a time.
 * Return: 0, the caller closes @out with mshv_partition_config_close(); or
 * -EINVAL if @out is NULL, -ENOMEM.
 * Since: 0.1
 */
int mshv_partition_config_create(struct mshv_partition_config **out);

/**
 * mshv_partition_config_close() - Give up a description
 * @config: the handle, or NULL
 *
 * Context: Any thread. Partitions made from it stay. errno is left alone.
 * Since: 0.1
 */
void mshv_partition_config_close(struct mshv_partition_config *config);

/**
 * mshv_partition_config_parse() - Read the text of a partition
 * @text: the text; need not be terminated, may contain anything
 * @size: its length in bytes
 * @out: where to put the handle; set to NULL on failure
 * @error: where and why it failed; not touched otherwise; or NULL
 *
 * Strict: what is unknown, said twice or contradicts itself is an error.
 *
 * Context: Any thread.
 * Return: 0, the caller closes @out with mshv_partition_config_close(), or
 *
 * * -EINVAL: a pointer is NULL; or the text is wrong, see @error
 * * -EOPNOTSUPP: the text is of a later version, or for another processor
 * * -ENOMEM: out of memory
 *
 * Since: 0.1
 */
int mshv_partition_config_parse(const char *text, size_t size,
				struct mshv_partition_config **out,
				struct mshv_config_error *error);

/**
 * mshv_partition_config_format() - Write the text of a partition
 * @config: the handle
 * @buf: where to put the text, always terminated if @size is not 0
 * @size: size of @buf in bytes
 *
 * Each description has one text: two are equal if their texts are. Reading it
 * back gives an equal description.
 *
 * Context: Any thread.
 * Return: length of the whole text in bytes without the terminator, like
 * snprintf(): a value of @size or more means that it was cut short. -EINVAL if
 * @config is NULL, or @buf is NULL and @size is not 0.
 * Since: 0.1
 */
int mshv_partition_config_format(const struct mshv_partition_config *config,
				 char *buf, size_t size);

/**
 * mshv_partition_config_set() - Change one line of a description
 * @config: the handle; unchanged on failure
 * @key: first word of the line
 * @value: the words after it
 * @error: where in @value (line 1) and why it failed; or NULL
 *
 * Replaces what was said for @key, for a property what was said of the same
 * property.
 *
 * Context: Any thread. @config is one thread's at a time.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL; unknown key; wrong value, see @error
 * * -EOPNOTSUPP: "arch" with another processor
 * * -ENOSPC: more than LIBMSHV_CONFIG_PROPERTIES_MAX properties
 *
 * Since: 0.1
 */
int mshv_partition_config_set(struct mshv_partition_config *config,
			      const char *key, const char *value,
			      struct mshv_config_error *error);

/**
 * mshv_partition_config_allow() - Ask for a feature, beyond the set
 * @config: the handle
 * @kind: enum libmshv_feature_kind
 * @feature: its name, or "bit" and its number
 *
 * Like "+feature" in the text: a host without it can't make the partition.
 * Takes back mshv_partition_config_deny().
 *
 * Context: Any thread. @config is one thread's at a time.
 * Return: 0, or -EINVAL for a NULL pointer, an unknown kind or feature.
 * Since: 0.1
 */
int mshv_partition_config_allow(struct mshv_partition_config *config,
				unsigned int kind, const char *feature);

/**
 * mshv_partition_config_deny() - Do without a feature of the set
 * @config: the handle
 * @kind: enum libmshv_feature_kind
 * @feature: its name, or "bit" and its number
 *
 * Like "-feature" in the text. Takes back mshv_partition_config_allow().
 *
 * Context: Any thread. @config is one thread's at a time.
 * Return: 0, or -EINVAL for a NULL pointer, an unknown kind or feature.
 * Since: 0.1
 */
int mshv_partition_config_deny(struct mshv_partition_config *config,
			       unsigned int kind, const char *feature);

/**
 * mshv_partition_config_fit() - Make a description that fits this host
 * @config: the handle; unchanged on failure
 * @dev: the device
 * @error: why it failed; or NULL
 *
 * "host" becomes the list of the features that this host has and the library
 * knows by name. Of all other sets, what this host lacks is denied, as far as
 * the hypervisor tells. The result
 * has no "host" in it, so it makes the same partition everywhere; fitted again
 * on a second host, one that runs on both.
 *
 * A hypervisor that doesn't say which synthetic features it can give is trusted
 * with those of the set "standard".
 *
 * Context: Any thread.
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL
 * * -EOPNOTSUPP: there is a "host" in it, and nobody tells what this host has
 *
 * Since: 0.1
 */
int mshv_partition_config_fit(struct mshv_partition_config *config,
			      struct mshv_dev *dev,
			      struct mshv_config_error *error);

/**
 * mshv_partition_config_options() - What to create the partition with
 * @config: the handle
 * @dev: the device
 * @options: where to put the options; size must be set
 * @error: why it failed; or NULL
 *
 * For callers that create the partition themselves: synthetic features and
 * properties are then theirs to set.
 *
 * The options of a description without "host" are the same on every host,
 * except on a kernel that can't take features away: there, nothing is disabled,
 * and it is an error unless the host has nothing that had to be.
 *
 * Context: Any thread. Calls mshv_dev_probe().
 * Return: 0, or
 *
 * * -EINVAL: a pointer is NULL, or @options->size is too small
 * * -E2BIG: @options->size is larger than a page
 * * -EOPNOTSUPP: this kernel or this host can't do it; @error names what it
 *   lacks
 * * an error of mshv_dev_probe()
 *
 * Since: 0.1
 */
int mshv_partition_config_options(const struct mshv_partition_config *config,
				  struct mshv_dev *dev,
				  struct mshv_partition_options *options,
				  struct mshv_config_error *error);

/**
 * mshv_partition_config_build() - Make the partition
 * @config: the handle
 * @dev: the device; the partition keeps it alive
 * @out: where to put the partition, initialized; set to NULL on failure
 * @error: why it failed; or NULL
 *
 * Creates it, sets the early properties, initializes it, sets the other ones.
 * Then asks the hypervisor what the processors have got (if it can be asked):
 * a partition that lacks a feature that was asked for is destroyed again.
 *
 * Context: Any thread.
 * Return: 0, the caller closes @out with mshv_partition_close(), or
 *
 * * -EINVAL: a pointer is NULL; or the kernel or the hypervisor refused
 * * -EOPNOTSUPP: this kernel or this host can't do it; @error names what it
 *   lacks
 * * an error of mshv_partition_create(), mshv_partition_set_property() or
 *   mshv_partition_initialize(), with @error saying which step it was
 *
 * Since: 0.1
 */
int mshv_partition_config_build(const struct mshv_partition_config *config,
				struct mshv_dev *dev,
				struct mshv_partition **out,
				struct mshv_config_error *error);

LIBMSHV_END_DECLS

#endif /* MSHV_PARTITION_CONFIG_H */
