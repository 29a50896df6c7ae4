// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The text of a partition: one row for each kind of line, which says how it is
 * read and how it is written. See <mshv/partition_config.h>.
 */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "partition-config.h"

#define HEADING	"mshv-partition"
#define TEXT_VERSION	1

/* What is left of a line. */
struct reader {
	const char *p, *end;
	const char *start;
	uint32_t line;
	bool replace;		/* a property may be there already */
	struct mshv_config_error *error;
};

struct word {
	const char *text;
	size_t length;
};

struct writer {
	char *buf;
	size_t size, length;
};

struct key {
	const char *name;
	int (*read)(struct reader *r, const struct key *key,
		    struct mshv_partition_config *config);
	void (*write)(struct writer *w, const struct key *key,
		      const struct mshv_partition_config *config);
	const char *const *words;	/* what the number at .offset means */
	size_t offset;
	unsigned int kind;		/* of features */
	bool late;			/* of properties */
};

/* For "%.*s": enough to see which one is meant. */
#define SHOW(word)	(int)libmshv_min((word)->length, 40), (word)->text

#define FAIL(r, at, errnum, ...) \
	libmshv_config_fail((r)->error, errnum, (r)->line, \
			    (uint32_t)((at) - (r)->start + 1), __VA_ARGS__)

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Without one, *word is the end of the line. */
static bool next_word(struct reader *r, struct word *word)
{
	while (r->p < r->end && is_blank(*r->p))
		r->p++;
	word->text = r->p;
	while (r->p < r->end && !is_blank(*r->p))
		r->p++;
	word->length = (size_t)(r->p - word->text);
	return word->length;
}

static bool word_is(const struct word *word, const char *text)
{
	return word->length == strlen(text) &&
	       !memcmp(word->text, text, word->length);
}

static int need_word(struct reader *r, struct word *word, const char *what)
{
	if (next_word(r, word))
		return 0;
	return FAIL(r, word->text, EINVAL, "%s is missing", what);
}

static int need_end(struct reader *r)
{
	struct word word;

	if (!next_word(r, &word))
		return 0;
	return FAIL(r, word.text, EINVAL, "'%.*s' is too much", SHOW(&word));
}

static bool digit(char c, unsigned int base, unsigned int *value)
{
	if (c >= '0' && c <= '9')
		*value = (unsigned int)(c - '0');
	else if (c >= 'a' && c <= 'f')
		*value = (unsigned int)(c - 'a') + 10;
	else if (c >= 'A' && c <= 'F')
		*value = (unsigned int)(c - 'A') + 10;
	else
		return false;
	return *value < base;
}

static bool to_number(struct word word, uint64_t max, uint64_t *number)
{
	unsigned int base = 10, value;
	uint64_t sum = 0;

	if (word.length > 2 && !memcmp(word.text, "0x", 2)) {
		base = 16;
		word.text += 2;
		word.length -= 2;
	}
	if (!word.length)
		return false;
	for (; word.length; word.text++, word.length--) {
		if (!digit(*word.text, base, &value) ||
		    sum > (max - value) / base)
			return false;
		sum = sum * base + value;
	}
	*number = sum;
	return true;
}

__attribute__((format(printf, 2, 3)))
static void put(struct writer *w, const char *format, ...)
{
	bool room = w->length < w->size;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(room ? w->buf + w->length : NULL,
		      room ? w->size - w->length : 0, format, args);
	va_end(args);
	if (n > 0)
		w->length += (size_t)n;
}

static int read_arch(struct reader *r, const struct key *key,
		     struct mshv_partition_config *config)
{
	struct word word;
	int ret = need_word(r, &word, "a processor");

	(void)key;
	(void)config;
	if (ret || word_is(&word, ARCH_NAME))
		return ret;
	if (word_is(&word, "x86_64") || word_is(&word, "arm64"))
		return FAIL(r, word.text, EOPNOTSUPP,
			    "this is for %.*s, and we are on " ARCH_NAME,
			    SHOW(&word));
	return FAIL(r, word.text, EINVAL, "'%.*s' is neither x86_64 nor arm64",
		    SHOW(&word));
}

static void write_arch(struct writer *w, const struct key *key,
		       const struct mshv_partition_config *config)
{
	(void)config;
	put(w, "%s " ARCH_NAME "\n", key->name);
}

static int read_choice(struct reader *r, const struct key *key,
		       struct mshv_partition_config *config)
{
	const char *const *choice = key->words;
	struct word word;
	int ret = need_word(r, &word, "a value");

	if (ret)
		return ret;
	while (*choice && !word_is(&word, *choice))
		choice++;
	if (!*choice)
		return FAIL(r, word.text, EINVAL, "%s can't be '%.*s'",
			    key->name, SHOW(&word));
	*((uint8_t *)config + key->offset) = (uint8_t)(choice - key->words);
	return 0;
}

static void write_choice(struct writer *w, const struct key *key,
			 const struct mshv_partition_config *config)
{
	put(w, "%s %s\n", key->name,
	    key->words[*((const uint8_t *)config + key->offset)]);
}

/* -1 if there is none */
static int find_feature(unsigned int kind, struct word word)
{
	unsigned int bit, bits = libmshv_kind_bits(kind);
	const char *name;
	uint64_t number;

	for (bit = 0; bit < bits; bit++) {
		name = mshv_feature_name(kind, bit);
		if (name && word_is(&word, name))
			return (int)bit;
	}
	if (word.length < 4 || memcmp(word.text, "bit", 3))
		return -1;
	word.text += 3;
	word.length -= 3;
	return to_number(word, bits - 1, &number) ? (int)number : -1;
}

static int read_features(struct reader *r, const struct key *key,
			 struct mshv_partition_config *config)
{
	struct libmshv_features features = { .base = NULL };
	uint64_t seen[BANKS] = { 0 };
	struct word word;
	int bit, ret = need_word(r, &word, "a set of features");

	if (ret)
		return ret;
	features.base = libmshv_feature_set_find(key->kind, word.text,
						 word.length);
	if (!features.base)
		return FAIL(r, word.text, EINVAL, "%s has no set '%.*s'",
			    key->name, SHOW(&word));

	while (next_word(r, &word)) {
		char sign = *word.text++;

		word.length--;
		if (sign != '+' && sign != '-')
			return FAIL(r, word.text - 1, EINVAL,
				    "a feature begins with + or -");
		bit = find_feature(key->kind, word);
		if (bit < 0)
			return FAIL(r, word.text, EINVAL,
				    "%s has no feature '%.*s'", key->name,
				    SHOW(&word));
		if (seen[bit / 64] >> bit % 64 & 1)
			return FAIL(r, word.text, EINVAL,
				    "feature '%.*s' was named before",
				    SHOW(&word));
		seen[bit / 64] |= 1ULL << bit % 64;
		libmshv_features_change(&features, key->kind,
					(unsigned int)bit, sign == '+');
	}
	config->features[key->kind] = features;
	return 0;
}

static void write_signed(struct writer *w, char sign, unsigned int kind,
			 const uint64_t bits[BANKS])
{
	unsigned int bit;
	const char *name;

	for (bit = 0; bit < libmshv_kind_bits(kind); bit++) {
		if (!(bits[bit / 64] >> bit % 64 & 1))
			continue;
		name = mshv_feature_name(kind, bit);
		if (name)
			put(w, " %c%s", sign, name);
		else
			put(w, " %cbit%u", sign, bit);
	}
}

static void write_features(struct writer *w, const struct key *key,
			   const struct mshv_partition_config *config)
{
	const struct libmshv_features *features = &config->features[key->kind];

	put(w, "%s %s", key->name, features->base->name);
	write_signed(w, '+', key->kind, features->allow);
	write_signed(w, '-', key->kind, features->deny);
	put(w, "\n");
}

static bool find_property(const struct word *word, uint32_t *code)
{
	uint64_t number;
	char name[64];

	if (to_number(*word, UINT32_MAX, &number)) {
		*code = (uint32_t)number;
		return true;
	}
	if (word->length >= sizeof(name))
		return false;
	memcpy(name, word->text, word->length);
	name[word->length] = '\0';
	return !mshv_property_find(name, code);
}

static int read_property(struct reader *r, const struct key *key,
			 struct mshv_partition_config *config)
{
	struct libmshv_property property = { .late = key->late };
	struct word name, value;
	int ret = need_word(r, &name, "a property");

	if (ret)
		return ret;
	if (!find_property(&name, &property.code))
		return FAIL(r, name.text, EINVAL, "there is no property '%.*s'",
			    SHOW(&name));
	if (property.code == HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES)
		return FAIL(r, name.text, EINVAL,
			    "this property is set by the line 'synthetic'");
	ret = need_word(r, &value, "a value");
	if (ret)
		return ret;
	if (!to_number(value, UINT64_MAX, &property.value))
		return FAIL(r, value.text, EINVAL,
			    "'%.*s' is no number, or too large", SHOW(&value));

	ret = libmshv_config_add_property(config, &property);
	if (ret == -ENOSPC)
		return FAIL(r, name.text, ENOSPC, "more than %d properties",
			    LIBMSHV_CONFIG_PROPERTIES_MAX);
	if (ret && !r->replace)
		return FAIL(r, name.text, EINVAL, "'%.*s' was set before",
			    SHOW(&name));
	return 0;
}

static void write_properties(struct writer *w, const struct key *key,
			     const struct mshv_partition_config *config)
{
	const struct libmshv_property *property = config->properties;
	const struct libmshv_property *end = property + config->property_count;

	for (; property < end; property++) {
		const char *name = mshv_property_name(property->code);

		if (property->late != key->late)
			continue;
		if (name)
			put(w, "%s %s 0x%llx\n", key->name, name,
			    (unsigned long long)property->value);
		else
			put(w, "%s 0x%x 0x%llx\n", key->name, property->code,
			    (unsigned long long)property->value);
	}
}

static const char *const off_on[] = { "off", "on", NULL };
static const char *const apics[] = { "none", "xapic", "x2apic", NULL };
static const char *const isolations[] = { "none", "snp", NULL };

#define CHOICE(key, member, choices) { \
	.name = key, .read = read_choice, .write = write_choice, \
	.words = choices, \
	.offset = offsetof(struct mshv_partition_config, member), \
}
#define FEATURES(key, k) { \
	.name = key, .read = read_features, .write = write_features, .kind = k, \
}
#define PROPERTIES(key, when) { \
	.name = key, .read = read_property, .write = write_properties, \
	.late = when, \
}

/* In the order in which they are written. */
static const struct key keys[] = {
	{ .name = "arch", .read = read_arch, .write = write_arch },
	CHOICE("apic", apic, apics),
	CHOICE("super-pages", super_pages, off_on),
	CHOICE("smt", smt, off_on),
	CHOICE("nested", nested, off_on),
	CHOICE("isolation", isolation, isolations),
	FEATURES("processor", LIBMSHV_FEATURE_PROCESSOR),
#if defined(__x86_64__)
	FEATURES("xsave", LIBMSHV_FEATURE_XSAVE),
#endif
	FEATURES("synthetic", LIBMSHV_FEATURE_SYNTHETIC),
	PROPERTIES("early-property", false),
	PROPERTIES("property", true),
};

static const struct key *find_key(const struct word *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (word_is(word, keys[i].name))
			return &keys[i];
	return NULL;
}

static int read_heading(struct reader *r, const struct word *word)
{
	struct word version;
	uint64_t number;
	int ret;

	if (!word_is(word, HEADING))
		return FAIL(r, word->text, EINVAL,
			    "the first line has to be '" HEADING " %d'", TEXT_VERSION);
	ret = need_word(r, &version, "a version");
	if (ret)
		return ret;
	if (!to_number(version, UINT64_MAX, &number) || !number)
		return FAIL(r, version.text, EINVAL, "'%.*s' is no version",
			    SHOW(&version));
	if (number != TEXT_VERSION)
		return FAIL(r, version.text, EOPNOTSUPP,
			    "version %.*s is newer than this library",
			    SHOW(&version));
	return need_end(r);
}

static int read_line(struct reader *r, const struct word *word, uint32_t *seen,
		     struct mshv_partition_config *config)
{
	const struct key *key = find_key(word);
	uint32_t mask;
	int ret;

	if (!key)
		return FAIL(r, word->text, EINVAL, "unknown key '%.*s'",
			    SHOW(word));
	mask = key->read == read_property ? 0 : 1u << (key - keys);
	if (*seen & mask)
		return FAIL(r, word->text, EINVAL, "'%s' was said before",
			    key->name);
	*seen |= mask;
	ret = key->read(r, key, config);
	return ret ? ret : need_end(r);
}

/* Cut at a comment; anything but printable ASCII is wrong even in there. */
static int check_line(struct reader *r)
{
	const char *p, *comment = NULL;

	for (p = r->p; p < r->end; p++) {
		if (!is_blank(*p) && (*p < 0x20 || *p > 0x7e))
			return FAIL(r, p, EINVAL, "byte 0x%02x is not allowed",
				    (unsigned char)*p);
		if (*p == '#' && !comment)
			comment = p;
	}
	if (comment)
		r->end = comment;
	return 0;
}

static int read_text(const char *text, size_t size,
		     struct mshv_partition_config *config,
		     struct mshv_config_error *error)
{
	struct reader r = { .end = text, .error = error };
	const char *next = text, *end = text + size;
	bool heading = false;
	uint32_t seen = 0;
	struct word word;
	int ret = 0;

	while (!ret && next < end) {
		const char *newline = memchr(next, '\n', (size_t)(end - next));

		r.p = r.start = next;
		r.end = newline ? newline : end;
		r.line++;
		next = newline ? newline + 1 : end;

		ret = check_line(&r);
		if (ret || !next_word(&r, &word))
			continue;
		ret = heading ? read_line(&r, &word, &seen, config) :
				read_heading(&r, &word);
		heading = true;
	}
	if (ret || heading)
		return ret;
	return libmshv_config_fail(error, EINVAL, r.line ? r.line : 1, 1,
				   "'" HEADING " %d' is missing", TEXT_VERSION);
}

int mshv_partition_config_parse(const char *text, size_t size,
				struct mshv_partition_config **out,
				struct mshv_config_error *error)
{
	int ret = mshv_partition_config_create(out);

	if (ret)
		return ret;
	if (!text)
		ret = libmshv_fail(EINVAL, "parse partition config: NULL argument");
	else
		ret = read_text(text, size, *out, error);
	if (ret) {
		mshv_partition_config_close(*out);
		*out = NULL;
	}
	return ret;
}

int mshv_partition_config_format(const struct mshv_partition_config *config,
				 char *buf, size_t size)
{
	struct writer w = { .buf = buf, .size = size };
	size_t i;

	if (!config || (!buf && size))
		return libmshv_fail(EINVAL, "format partition config: NULL argument");
	put(&w, HEADING " %d\n", TEXT_VERSION);
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		keys[i].write(&w, &keys[i], config);
	return (int)w.length;
}

int mshv_partition_config_set(struct mshv_partition_config *config,
			      const char *key, const char *value,
			      struct mshv_config_error *error)
{
	struct mshv_partition_config changed;
	struct reader r = { .line = 1, .replace = true, .error = error };
	struct word word;
	int ret;

	if (!config || !key || !value)
		return libmshv_fail(EINVAL, "set partition config: NULL argument");
	word = (struct word) { key, strlen(key) };
	r.p = r.start = value;
	r.end = value + strlen(value);
	if (!find_key(&word))
		return libmshv_config_fail(error, EINVAL, 0, 0,
					   "unknown key '%.*s'", SHOW(&word));

	changed = *config;
	ret = check_line(&r);
	if (!ret)
		ret = read_line(&r, &word, &(uint32_t) { 0 }, &changed);
	if (!ret)
		*config = changed;
	return ret;
}

static int change_feature(struct mshv_partition_config *config,
			  unsigned int kind, const char *feature, bool allow)
{
	int bit;

	if (!config || !feature || !libmshv_kind_exists(kind))
		return libmshv_fail(EINVAL,
				    "change features: no such kind, or NULL argument");
	bit = find_feature(kind, (struct word) { feature, strlen(feature) });
	if (bit < 0)
		return libmshv_fail(EINVAL,
				    "change features: no feature has this name");
	libmshv_features_change(&config->features[kind], kind,
				(unsigned int)bit, allow);
	return 0;
}

int mshv_partition_config_allow(struct mshv_partition_config *config,
				unsigned int kind, const char *feature)
{
	return change_feature(config, kind, feature, true);
}

int mshv_partition_config_deny(struct mshv_partition_config *config,
			       unsigned int kind, const char *feature)
{
	return change_feature(config, kind, feature, false);
}
