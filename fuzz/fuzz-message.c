// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The input is a message: all views of it, and its text. */
#include "config.h"

#include "fuzz.h"

typedef const void *view_fn(const struct hv_message *message);

#define VIEW(name) \
static const void *name(const struct hv_message *m) \
{ \
	return mshv_message_##name(m); \
}
VIEW(x64_header)
VIEW(x64_io_port)
VIEW(x64_memory)
VIEW(x64_msr)
VIEW(x64_cpuid)
VIEW(x64_exception)
VIEW(x64_halt)
VIEW(x64_unrecoverable_exception)
VIEW(x64_hypercall)
VIEW(x64_interruption_deliverable)
VIEW(x64_sint_deliverable)
VIEW(x64_sipi)
VIEW(x64_vmgexit)
VIEW(x64_apic_eoi)
VIEW(x64_gpa_attribute)
VIEW(x64_invalid_vp_register)
VIEW(x64_unsupported_feature)
VIEW(arm64_header)
VIEW(arm64_memory)
VIEW(arm64_reset)
VIEW(opaque_intercept)
VIEW(timer)
VIEW(async_completion)
VIEW(vp_signal_bitset)
VIEW(vp_signal_pair)

static view_fn *const views[] = {
	x64_header, x64_io_port, x64_memory, x64_msr, x64_cpuid, x64_exception,
	x64_halt, x64_unrecoverable_exception, x64_hypercall,
	x64_interruption_deliverable, x64_sint_deliverable, x64_sipi,
	x64_vmgexit, x64_apic_eoi, x64_gpa_attribute, x64_invalid_vp_register,
	x64_unsupported_feature, arm64_header, arm64_memory, arm64_reset,
	opaque_intercept, timer, async_completion, vp_signal_bitset,
	vp_signal_pair,
};

static void check_views(const struct hv_message *m)
{
	const uint8_t *bytes;
	size_t i, count;

	for (i = 0; i < ARRAY_SIZE(views); i++) {
		const void *view = views[i](m);

		check(!view || view == m->u.payload);
		check(view || errno == EINVAL || errno == EBADMSG);
	}
	count = mshv_message_instruction(m, &bytes);
	check(count <= 16 && !count == !bytes);
	check(!bytes || (bytes >= (const uint8_t *)m->u.payload &&
			 bytes + count <= (const uint8_t *)(m + 1)));
}

static void check_text(const struct hv_message *m, enum libmshv_arch arch,
		       size_t room)
{
	char whole[LIBMSHV_MESSAGE_TEXT_BYTES];
	int len = mshv_message_format(m, arch, whole, sizeof(whole));
	char *part = malloc(room + 1);
	const char *c;

	check(len > 0 && (size_t)len < sizeof(whole));
	check(strlen(whole) == (size_t)len);
	for (c = whole; *c; c++)
		check(*c >= ' ' && *c < 127);

	check(part);
	check(mshv_message_format(m, arch, part, room) == len);
	check(!room || !strncmp(part, whole, room - 1));
	free(part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hv_message *m = malloc(sizeof(*m));
	uint8_t room;

	check(m);
	fuzz_begin(data, size);
	fuzz_bytes(m, sizeof(*m));
	room = fuzz_u8();
	check_views(m);
	check_text(m, LIBMSHV_ARCH_X64, room);
	check_text(m, LIBMSHV_ARCH_ARM64, room);
	free(m);
	return 0;
}
