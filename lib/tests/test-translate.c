// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Guest virtual addresses of a VP: the hypercall's answers, and the walk. */
#include "config.h"

#include <mshv/translate.h>

#include "fake-vp.h"

#define GVA	0xffff800012345678ULL
#define WANTED	(HV_TRANSLATE_GVA_VALIDATE_READ | HV_TRANSLATE_GVA_VALIDATE_WRITE)

static struct hv_output_translate_virtual_address out;

static struct fake_answer *expect(uint32_t code)
{
	const struct hv_input_translate_virtual_address in = {
		.vp_index = 3,
		.control_flags = WANTED,
		.gva_page = GVA >> 12,
	};
	struct fake_answer *answer;

	out.translation_result.as_uint64 = 0x10600000000ULL | code;
	out.gpa_page = 0x7654;
	answer = fake_hvcall(fd, HVCALL_TRANSLATE_VIRTUAL_ADDRESS, 0, &in,
			     sizeof(in), sizeof(out));
	answer->out = &out;
	answer->out_size = sizeof(out);
	return answer;
}

static void translate(void **state)
{
	uint64_t gpa = 1;
	uint32_t result = 77;

	(void)state;
	expect(HV_TRANSLATE_GVA_SUCCESS);
	assert_works(mshv_vp_translate_gva(vp, GVA, WANTED, &gpa, &result));
	assert_int_equal(gpa, 0x7654678);
	assert_int_equal(result, HV_TRANSLATE_GVA_SUCCESS);
	expect(HV_TRANSLATE_GVA_SUCCESS);
	assert_works(mshv_vp_translate_gva(vp, GVA, WANTED, &gpa, NULL));
}

static void translation_fails(void **state)
{
	uint64_t gpa = 1;
	uint32_t result, code;

	(void)state;
	for (code = 1; code < 12; code++) {
		int err = code <= 3 ? EFAULT : code <= 9 ? ENXIO : EPROTO;

		expect(code);
		result = 77;
		assert_fails(mshv_vp_translate_gva(vp, GVA, WANTED, &gpa,
						   &result), err);
		assert_int_equal(result, code);
		assert_int_equal(gpa, 1);
	}
	result = 77;
	expect(0)->err = EIO;
	assert_fails(mshv_vp_translate_gva(vp, GVA, WANTED, &gpa, &result), EIO);
	assert_int_equal(result, 77);
	assert_fails(mshv_vp_translate_gva(NULL, GVA, 0, &gpa, NULL), EINVAL);
	assert_fails(mshv_vp_translate_gva(vp, GVA, 0, NULL, NULL), EINVAL);
}

/* A registry of memory that knows one mapping; the kernel agrees to all. */
static uint64_t ram[3][512] __attribute__((aligned(4096)));

static struct mshv_memory *make_memory(void)
{
	struct mshv_partition *partition;
	struct mshv_memory *memory;

	assert_works(mshv_partition_from_fd(NULL, fake_no_page_fd(), &partition));
	assert_works(mshv_memory_create(partition, &memory));
	mshv_partition_close(partition);
	fake_ioctl(FAKE_ANY_FD, MSHV_SET_GUEST_MEMORY, NULL, 0);
	assert_works(mshv_memory_map(memory, 0x1000, ram, sizeof(ram), 0));
	return memory;
}

#if defined(__x86_64__)

static void walk_vp(void **state)
{
	struct mshv_memory *memory = make_memory();
	struct mshv_x64_paging paging;
	struct mshv_walk walk;
	unsigned int calls = fake_calls();

	(void)state;
	page->cr0 = 0x80010001;
	page->cr3 = 0x1000;
	page->cr4 = 0x20;
	page->efer = 0xd00;
	page->rflags = 0x40002;
	page->ss.descriptor_privilege_level = 3;
	ram[0][0] = 0x2007;
	ram[1][0] = 0x3007;
	ram[2][1] = 0x600087;
	assert_works(mshv_vp_get_paging(vp, &paging));
	assert_int_equal(paging.cr0, 0x80010001);
	assert_int_equal(paging.cr3, 0x1000);
	assert_int_equal(paging.cr4, 0x20);
	assert_int_equal(paging.efer, 0xd00);
	assert_int_equal(paging.rflags, 0x40002);
	assert_int_equal(paging.cpl, 3);
	assert_int_equal(paging.physical_bits, 0);

	assert_works(mshv_vp_walk_gva(vp, memory, 0x212345, WANTED, &walk));
	assert_int_equal(walk.gpa, 0x612345);
	assert_int_equal(walk.page_bytes, 2 << 20);
	ram[1][0] = 0x4007;
	assert_fails(mshv_vp_walk_gva(vp, memory, 0x212345, WANTED, &walk), ENXIO);
	assert_int_equal(walk.gpa, 0x4008);
	assert_fails(mshv_vp_walk_gva(vp, memory, 1ULL << 39, WANTED, &walk), EFAULT);
	assert_int_equal(walk.error_code, 6);
	assert_int_equal(fake_calls(), calls);

	assert_fails(mshv_vp_walk_gva(vp, NULL, 0, 0, &walk), EINVAL);
	assert_fails(mshv_vp_walk_gva(vp, memory, 0, 0, NULL), EINVAL);
	assert_fails(mshv_vp_walk_gva(NULL, memory, 0, 0, &walk), EINVAL);
	assert_fails(mshv_vp_get_paging(vp, NULL), EINVAL);
	assert_fails(mshv_vp_get_paging(NULL, &paging), EINVAL);
	mshv_memory_close(memory);
}

static void paging_by_hypercall(void **state)
{
	static const uint32_t names[] = {
		HV_X64_REGISTER_CR0, HV_X64_REGISTER_CR3, HV_X64_REGISTER_CR4,
		HV_X64_REGISTER_EFER, HV_X64_REGISTER_RFLAGS,
		HV_X64_REGISTER_SS,
	};
	struct mshv_x64_paging paging;

	(void)state;
	page->isvalid = 0;
	expect_get(names, 6, 1);
	assert_works(mshv_vp_get_paging(vp, &paging));
	assert_int_equal(paging.efer, HV_X64_REGISTER_EFER + 1);
	expect_get(names, 6, 1)->err = EIO;
	assert_fails(mshv_vp_get_paging(vp, &paging), EIO);
}

#else

static void no_walk(void **state)
{
	struct mshv_memory *memory = make_memory();
	struct mshv_x64_paging paging;
	struct mshv_walk walk;
	char bytes[2] = "a";
	unsigned int calls = fake_calls();

	(void)state;
	assert_fails(mshv_vp_get_paging(vp, &paging), EOPNOTSUPP);
	assert_fails(mshv_vp_walk_gva(vp, memory, GVA, 0, &walk), EOPNOTSUPP);
	assert_fails(mshv_vp_read_gva(vp, memory, GVA, 0, bytes, 1, &walk), EOPNOTSUPP);
	assert_fails(mshv_vp_write_gva(vp, memory, GVA, 0, bytes, 1, &walk), EOPNOTSUPP);
	assert_string_equal(bytes, "a");
	assert_int_equal(fake_calls(), calls);
	mshv_memory_close(memory);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		fake_vp_test(translate),
		fake_vp_test(translation_fails),
#if defined(__x86_64__)
		fake_vp_test(walk_vp),
		fake_vp_test(paging_by_hypercall),
#else
		fake_vp_test(no_walk),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
