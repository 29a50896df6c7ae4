// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The whole library on the first driver there was, that of Linux 6.15, with a
 * small hypervisor below it. What it lacks and does otherwise than that of 7.2:
 *
 * - the device takes one call, with the 16 bytes of its first version and three
 *   flags; it passes no hypercalls on
 * - 13 hypercalls; HVCALL_GET_PARTITION_PROPERTY_EX is not among them
 * - a hypervisor out of memory is given a page, and the caller told to call again
 * - the output of a hypercall is copied even if that failed
 * - memory that isn't there can't be unmapped, but with EINVAL; and no two
 *   regions share an address of the VMM
 */
#include "config.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake.h"

#define FLAG(bit)	(1ULL << MSHV_PT_BIT_##bit)
#define V1_FLAGS	(FLAG(LAPIC) | FLAG(X2APIC) | FLAG(GPA_SUPER_PAGES))
#define REGISTERS	400
#define PROPERTIES	40
#define PAGES		70000
#define REGIONS		8

static const uint16_t passed_on[] = {
	0x44, 0x45, 0x4d, 0x50, 0x51, 0x52, 0x56, 0x91, 0x94, 0xc0, 0xc1, 0xc9,
	0xf4,
};

static struct {
	int dev, partition, vp;
	bool initialized;
	bool hungry;		/* each hypercall asks for a page first */
	bool fed;		/* ... and has got it */
	unsigned int deposits;
	uint64_t flags;

	struct { uint32_t name; union hv_register_value value; } regs[REGISTERS];
	struct { uint32_t code; uint64_t value; } properties[PROPERTIES];
	struct mshv_user_mem_region regions[REGIONS];
	uint8_t access[PAGES];
	uint8_t states[5][4096];
	unsigned int routes, irqfds, ioeventfds, interrupts, messages;
} k;

static int refuse(int err)
{
	errno = err;
	return -1;
}

/* ---------------------------------------------------------- the hypervisor */

static union hv_register_value *reg(uint32_t name)
{
	size_t i;

	for (i = 0; i < REGISTERS; i++) {
		/* HV_REGISTER_EXPLICIT_SUSPEND is 0 */
		if (!k.regs[i].name)
			k.regs[i].name = name + 1;
		if (k.regs[i].name == name + 1)
			return &k.regs[i].value;
	}
	fail_msg("no room for register 0x%x", name);
	return NULL;
}

static uint64_t *property(uint32_t code)
{
	size_t i;

	for (i = 0; i < PROPERTIES; i++) {
		if (!k.properties[i].code)
			k.properties[i].code = code;
		if (k.properties[i].code == code)
			return &k.properties[i].value;
	}
	fail_msg("no room for property 0x%x", code);
	return NULL;
}

static uint16_t page_states(const struct hv_input_get_gpa_pages_access_state *in,
			    uint8_t *out, uint16_t count)
{
	uint16_t i;

	for (i = 0; i < count; i++) {
		uint8_t *page = &k.access[in->hv_gpa_page_number + i];

		assert_true(in->hv_gpa_page_number + i < PAGES);
		out[i] = *page;
		if (in->flags.clear_dirty)
			*page &= (uint8_t)~2;
		if (in->flags.set_dirty)
			*page |= 3;
	}
	return HV_STATUS_SUCCESS;
}

/* Its status. */
static uint16_t hypercall(uint16_t code, const void *input, void *output,
			  uint16_t reps)
{
	const struct hv_input_get_vp_registers *get = input;
	const struct hv_input_set_vp_registers *set = input;
	const struct hv_input_set_partition_property *prop = input;
	union hv_register_value *values = output;
	uint16_t i;

	switch (code) {
	case HVCALL_GET_PARTITION_PROPERTY:
		*(uint64_t *)output = *property(prop->property_code);
		return HV_STATUS_SUCCESS;
	case HVCALL_SET_PARTITION_PROPERTY:
		*property(prop->property_code) = prop->property_value;
		return HV_STATUS_SUCCESS;
	case HVCALL_GET_VP_REGISTERS:
		for (i = 0; i < reps; i++)
			values[i] = *reg(get->names[i]);
		return HV_STATUS_SUCCESS;
	case HVCALL_SET_VP_REGISTERS:
		for (i = 0; i < reps; i++)
			*reg(set->elements[i].name) = set->elements[i].value;
		return HV_STATUS_SUCCESS;
	case HVCALL_GET_GPA_PAGES_ACCESS_STATES:
		return page_states(input, output, reps);
	case HVCALL_ASSERT_VIRTUAL_INTERRUPT:
	case HVCALL_CLEAR_VIRTUAL_INTERRUPT:
		k.interrupts++;
		return HV_STATUS_SUCCESS;
	case HVCALL_POST_MESSAGE_DIRECT:
		k.messages++;
		return HV_STATUS_SUCCESS;
	case HVCALL_GET_VP_CPUID_VALUES:
		for (i = 0; i < reps; i++)
			((uint32_t *)output)[4 * i] = 0x100u + i;
		return HV_STATUS_SUCCESS;
	case HVCALL_TRANSLATE_VIRTUAL_ADDRESS:
		memset(output, 0, 16);
		((uint64_t *)output)[1] = 0x77;
		return HV_STATUS_SUCCESS;
	}
	return HV_STATUS_SUCCESS;
}

/* -------------------------------------------------------------- the driver */

static int root_hvcall(struct mshv_root_hvcall *args)
{
	void *output = (void *)(uintptr_t)args->out_ptr;
	uint64_t input[512];
	size_t i;

	if (args->status || !args->in_ptr || args->in_sz < 8 ||
	    args->in_sz > 4096 || (output && (!args->out_sz || args->out_sz > 4096)))
		return refuse(EINVAL);
	for (i = 0; i < ARRAY_SIZE(passed_on); i++)
		if (passed_on[i] == args->code)
			break;
	if (i == ARRAY_SIZE(passed_on))
		return refuse(EINVAL);
	if (!fake_readable((void *)(uintptr_t)args->in_ptr, args->in_sz))
		return refuse(EFAULT);
	memcpy(input, (void *)(uintptr_t)args->in_ptr, args->in_sz);
	input[0] = 0x1234;

	if (output)
		memset(output, 0xdb, args->out_sz);
	if (k.hungry && !k.fed) {
		k.fed = true;
		k.deposits++;
		args->status = HV_STATUS_INSUFFICIENT_MEMORY;
		args->reps = 0;
		return refuse(EAGAIN);
	}
	k.fed = false;
	args->status = hypercall(args->code, input, output, args->reps);
	return 0;
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

static int set_memory(const struct mshv_user_mem_region *mem)
{
	struct mshv_user_mem_region *free_one = NULL, *r;
	bool unmap = mem->flags & 1 << MSHV_SET_MEM_BIT_UNMAP;

	if (!mem->size || mem->size % 4096 || mem->userspace_addr % 4096 ||
	    mem->flags > 7)
		return refuse(EINVAL);
	for (r = k.regions; r < k.regions + REGIONS; r++) {
		if (!r->size) {
			free_one = r;
			continue;
		}
		if (unmap && r->guest_pfn == mem->guest_pfn &&
		    r->size == mem->size &&
		    r->userspace_addr == mem->userspace_addr) {
			memset(r, 0, sizeof(*r));
			return 0;
		}
		if (!unmap &&
		    (overlap(r->guest_pfn, r->size / 4096, mem->guest_pfn,
			     mem->size / 4096) ||
		     overlap(r->userspace_addr, r->size, mem->userspace_addr,
			     mem->size)))
			return refuse(EEXIST);
	}
	if (unmap)
		return refuse(EINVAL);
	assert_non_null(free_one);
	*free_one = *mem;
	return 0;
}

static int access_bitmap(const struct mshv_gpap_access_bitmap *args)
{
	uint8_t *bits = (uint8_t *)(uintptr_t)args->bitmap_ptr;
	uint64_t i;

	memset(bits, 0, (args->page_count + 7) / 8);
	for (i = 0; i < args->page_count; i++) {
		uint8_t *page = &k.access[args->gpap_base + i];

		assert_true(args->gpap_base + i < PAGES);
		if (*page & 2)
			bits[i / 8] |= (uint8_t)(1u << i % 8);
		if (args->access_op == MSHV_GPAP_ACCESS_OP_CLEAR)
			*page &= (uint8_t)~2;
		else
			*page |= 3;
	}
	return 0;
}

static int vp_state(struct mshv_get_set_vp_state *args, bool set)
{
	static const uint32_t sizes[] = { 4096, 832, 4096, 4096, 200 };
	uint32_t room = args->buf_sz;
	void *buf = (void *)(uintptr_t)args->buf_ptr;

	if (args->type >= ARRAY_SIZE(sizes) || !room || room % 4096 ||
	    args->buf_ptr % 4096)
		return refuse(EINVAL);
	args->buf_sz = sizes[args->type];
	if (args->buf_sz > room)
		return refuse(EINVAL);
	if (set)
		memcpy(k.states[args->type], buf, args->buf_sz);
	else
		memcpy(buf, k.states[args->type], args->buf_sz);
	return 0;
}

static int create_partition(const struct mshv_create_partition *args)
{
	if (args->pt_flags & ~V1_FLAGS || args->pt_isolation)
		return refuse(EINVAL);
	k.flags = args->pt_flags;
	return k.partition = fake_no_page_fd();
}

static int create_vp(const struct mshv_create_vp *args)
{
	void *page;

	if (k.vp >= 0)
		return refuse(EEXIST);
	assert_int_equal(args->vp_index, 0);
	assert_true(k.initialized);
	k.vp = fake_page_fd(&page);
	((struct hv_vp_register_page *)page)->version =
		HV_VP_REGISTER_PAGE_VERSION_1;
	munmap(page, (size_t)sysconf(_SC_PAGESIZE));
	return k.vp;
}

static int on_partition(uint32_t request, void *arg)
{
	switch (request) {
	case MSHV_INITIALIZE_PARTITION:
		k.initialized = true;
		return 0;
	case MSHV_CREATE_VP:
		return create_vp(arg);
	case MSHV_SET_GUEST_MEMORY:
		return set_memory(arg);
	case MSHV_IRQFD:
		k.irqfds++;
		return 0;
	case MSHV_IOEVENTFD:
		k.ioeventfds++;
		return 0;
	case MSHV_SET_MSI_ROUTING:
		k.routes = ((struct mshv_user_irq_table *)arg)->nr;
		return 0;
	case MSHV_GET_GPAP_ACCESS_BITMAP:
		return access_bitmap(arg);
	case MSHV_ROOT_HVCALL:
		return root_hvcall(arg);
	}
	return refuse(ENOTTY);
}

static int on_vp(uint32_t request, void *arg)
{
	switch (request) {
	case MSHV_RUN_VP:
		memset(arg, 0, sizeof(struct mshv_run_vp));
		*(uint32_t *)arg = HVMSG_X64_HALT;
		return 0;
	case MSHV_GET_VP_STATE:
		return vp_state(arg, false);
	case MSHV_SET_VP_STATE:
		return vp_state(arg, true);
	case MSHV_ROOT_HVCALL:
		/* asynchronous: on a partition's fd only */
		if (((struct mshv_root_hvcall *)arg)->code ==
		    HVCALL_SET_PARTITION_PROPERTY)
			return refuse(EINVAL);
		return root_hvcall(arg);
	}
	return refuse(ENOTTY);
}

static int driver(int fd, uint32_t request, void *arg)
{
	if (fd == k.dev)
		return request == MSHV_CREATE_PARTITION ? create_partition(arg) :
							  refuse(ENOTTY);
	if (fd == k.partition)
		return on_partition(request, arg);
	assert_int_equal(fd, k.vp);
	return on_vp(request, arg);
}

/* ------------------------------------------------------------------- tests */

static struct mshv_dev *dev;
static struct mshv_partition *partition;
static struct mshv_vp *vp;
static struct mshv_memory *memory;
static _Alignas(4096) char ram[4][4096];

static int setup(void **state)
{
	fake_reset(state);
	memset(&k, 0, sizeof(k));
	k.partition = k.vp = -1;
	assert_works(mshv_dev_open("/dev/null", &dev));
	k.dev = mshv_dev_fd(dev);
	fake_instead = driver;
	return 0;
}

static int teardown(void **state)
{
	mshv_memory_close(memory);
	mshv_vp_close(vp);
	mshv_partition_close(partition);
	mshv_dev_close(dev);
	memory = NULL;
	vp = NULL;
	partition = NULL;
	fake_instead = NULL;
	return fake_done(state);
}

#define old_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void open_all(void)
{
	struct mshv_partition_config *config;

	assert_works(mshv_partition_config_create(&config));
	assert_works(mshv_partition_config_build(config, dev, &partition, NULL));
	mshv_partition_config_close(config);
	assert_works(mshv_vp_create(partition, 0, &vp));
	assert_works(mshv_memory_create(partition, &memory));
}

static void probed(void **state)
{
	struct mshv_dev_info info = { .size = sizeof(info) };
	struct mshv_answer answers[LIBMSHV_ASK_COUNT];
	unsigned int i;

	(void)state;
	assert_works(mshv_dev_probe(dev, &info));
	assert_int_equal(info.driver, LIBMSHV_DRIVER_ROOT);
	assert_int_equal(info.features, 0);
	assert_int_equal(info.create_flags, V1_FLAGS);
	assert_int_equal(info.isolations, 1);
	assert_int_equal(k.partition, -1);

	assert_works(mshv_dev_ask(dev, 0, answers, LIBMSHV_ASK_COUNT));
	for (i = 0; i < LIBMSHV_ASK_COUNT; i++) {
		uint32_t expected = LIBMSHV_ANSWER_YES;

		if (i == LIBMSHV_ASK_VTL_DRIVER ||
		    (i >= LIBMSHV_ASK_CREATE_V2 &&
		     i <= LIBMSHV_ASK_VMM_CAPABILITIES) ||
		    i == LIBMSHV_ASK_HVCALL_GET_PROPERTY_EX ||
		    i >= LIBMSHV_ASK_VTL_REGISTER_PAGE)
			expected = LIBMSHV_ANSWER_NO;
		if (i == LIBMSHV_ASK_INTEGRATED_SCHEDULER ||
		    i == LIBMSHV_ASK_ROOT_SCHEDULER)
			expected = LIBMSHV_ANSWER_UNKNOWN;
		/* all pages are one file here */
		if (i == LIBMSHV_ASK_INTERCEPT_PAGE || i == LIBMSHV_ASK_GHCB_PAGE)
			continue;
		if (answers[i].answer != expected)
			fail_msg("%s: %u (%s)", mshv_question_name(i),
				 answers[i].answer, answers[i].how);
	}
	/* what the trial made is gone */
	assert_false(fake_fd_open(k.partition));
	assert_false(fake_fd_open(k.vp));
}

static void partitions(void **state)
{
	struct mshv_partition_options options = LIBMSHV_PARTITION_OPTIONS_INIT;
	struct mshv_partition_config *config;
	struct mshv_config_error error;

	(void)state;
	/* all features of the host: that is what version 1 means */
	assert_works(mshv_partition_config_create(&config));
	assert_works(mshv_partition_config_build(config, dev, &partition, &error));
	assert_int_equal(k.flags, V1_FLAGS);
	assert_true(k.initialized);
	mshv_partition_close(partition);

	/* whoever asks for version 2 and then takes nothing away gets version 1 */
	options.flags = FLAG(LAPIC) | FLAG(CPU_AND_XSAVE_FEATURES);
	assert_works(mshv_partition_create(dev, &options, &partition));
	assert_int_equal(k.flags, FLAG(LAPIC));
	mshv_partition_close(partition);

	/* what it can't do is refused, not left out */
	options.disabled_processor_features[0] = 1;
	assert_fails(mshv_partition_create(dev, &options, &partition), EINVAL);
	assert_works(mshv_partition_config_set(config, "nested", "on", &error));
	assert_fails(mshv_partition_config_build(config, dev, &partition, &error),
		     EOPNOTSUPP);
	assert_string_equal(error.text, "nested: not in this kernel");
	assert_works(mshv_partition_config_set(config, "nested", "off", &error));
	assert_works(mshv_partition_config_deny(config, LIBMSHV_FEATURE_PROCESSOR,
						mshv_feature_name(0, 0)));
	assert_fails(mshv_partition_config_build(config, dev, &partition, &error),
		     EOPNOTSUPP);
	mshv_partition_config_close(config);

	/* synthetic features: without being told which there are */
	assert_works(mshv_partition_config_create(&config));
	assert_works(mshv_partition_config_set(config, "synthetic", "host", &error));
	assert_works(mshv_partition_config_build(config, dev, &partition, &error));
	assert_true(*property(HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES) != 0);
	mshv_partition_config_close(config);
}

static void properties(void **state)
{
	uint64_t value = 9;

	(void)state;
	open_all();
	assert_fails(mshv_dev_get_property(dev, 0x60000, &value), ENOTTY);
	assert_fails(mshv_dev_get_property_ex(dev, 0x90007, 0, &value, 8), ENOTTY);
	assert_fails(mshv_partition_get_property_ex(partition, 0x90007, 0, &value,
						    8), EINVAL);
	assert_int_equal(value, 9);
	assert_works(mshv_partition_set_property(partition, 0x50017, 1));
	assert_works(mshv_partition_get_property(partition, 0x50017, &value));
	assert_int_equal(value, 1);
}

static void guest_memory(void **state)
{
	char byte = 0;

	(void)state;
	open_all();
	assert_works(mshv_memory_map(memory, 0, ram[0], 8192,
				     LIBMSHV_MEMORY_WRITABLE));
	assert_fails(mshv_memory_map(memory, 0x1000, ram[2], 4096, 0), EEXIST);
	/* the same memory twice: later drivers allow it */
	assert_fails(mshv_memory_map(memory, 0x10000, ram[1], 4096, 0), EEXIST);
	assert_works(mshv_memory_write(memory, 0x1fff, "x", 1));
	assert_works(mshv_memory_read(memory, 0x1fff, &byte, 1));
	assert_int_equal(byte, 'x');
	assert_works(mshv_memory_unmap(memory, 0));
	assert_fails(mshv_memory_unmap(memory, 0), ENOENT);
	assert_fails(mshv_partition_unmap_memory(partition, 0, ram[0], 8192),
		     EINVAL);
}

static void dirty_log(void **state)
{
	uint64_t bitmap[PAGES / 64 + 1];
	char *big = mmap(NULL, PAGES * 4096ul, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_true(big != MAP_FAILED);
	open_all();
	assert_works(mshv_memory_map(memory, 0, big, PAGES * 4096ul, 0));
	assert_works(mshv_partition_start_dirty_log(partition));
	k.access[3] = k.access[66000] = 3;
	assert_works(mshv_partition_get_dirty_log(partition, 0, 69999 * 4096ul,
						  bitmap, 0));
	assert_int_equal(bitmap[0], 8);
	assert_int_equal(k.access[3], 3);
	assert_works(mshv_partition_get_dirty_log(partition, 0, 69999 * 4096ul,
						  bitmap, LIBMSHV_DIRTY_CLEAR));
	assert_int_equal(bitmap[66000 / 64], 1ULL << 66000 % 64);
	assert_int_equal(k.access[3] | k.access[66000], 1);
	assert_works(mshv_memory_stop_dirty_log(memory));
	munmap(big, PAGES * 4096ul);
}

static void interrupts(void **state)
{
	struct mshv_irq_table *table;
	struct hv_message message = { 0 };
	uint32_t gsi;

	(void)state;
	open_all();
	assert_works(mshv_irq_table_create(partition, &table));
	assert_works(mshv_irq_table_add(table, 1, 0xfee00000, 0x31, &gsi));
	assert_works(mshv_irq_table_commit(table));
	assert_int_equal(k.routes, 1);
	mshv_irq_table_close(table);
	assert_works(mshv_partition_assign_irqfd(partition, k.dev, -1, gsi));
	assert_works(mshv_partition_deassign_irqfd(partition, k.dev, gsi));
	assert_works(mshv_partition_assign_ioeventfd(partition, k.dev, 0, 4, NULL));
	assert_int_equal(k.irqfds, 2);
	assert_int_equal(k.ioeventfds, 1);
	assert_works(mshv_partition_assert_interrupt(partition, 0, 0, 0, 0x42));
	assert_int_equal(k.interrupts, 1);
	assert_works(mshv_partition_post_message(partition, 0, 2, &message));
	assert_works(mshv_partition_signal_event(partition, 0, 2, 3, NULL));
	assert_int_equal(k.messages, 1);
}

static void processors(void **state)
{
	struct hv_register_assoc regs[300];
	const struct hv_message *message;
	struct mshv_vp *second;
	uint64_t gpa;
	uint32_t i;

	(void)state;
	open_all();
	assert_fails(mshv_vp_create(partition, 0, &second), EEXIST);
	assert_works(mshv_vp_run(vp, &message));
	assert_int_equal(mshv_message_type(message), HVMSG_X64_HALT);

	memset(regs, 0, sizeof(regs));
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		regs[i].name = 0x00090000 + i;
		regs[i].value.reg64 = i;
	}
	assert_works(mshv_vp_set_registers(vp, regs, ARRAY_SIZE(regs)));
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		regs[i].value.reg64 = 0;
	assert_works(mshv_partition_get_vp_registers(partition, 0, regs,
						     ARRAY_SIZE(regs)));
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		assert_int_equal(regs[i].value.reg64, i);

	assert_works(mshv_vp_translate_gva(vp, 0x5678, 0, &gpa, NULL));
	assert_int_equal(gpa, 0x77678);
}

/* A VP is saved and put back, with every kind of state. */
static void snapshots(void **state)
{
	size_t size, again_size;
	void *blob, *again;

	(void)state;
	open_all();
	memset(k.states, 0x5a, sizeof(k.states));
	assert_works(mshv_partition_save_alloc(partition, &vp, 1, &blob, &size));
	memset(k.states, 0, sizeof(k.states));
	assert_works(mshv_partition_restore(partition, &vp, 1, blob, size));
	assert_int_equal(k.states[MSHV_VP_STATE_SYNTHETIC_TIMERS][199], 0x5a);
	assert_works(mshv_partition_save_alloc(partition, &vp, 1, &again,
					       &again_size));
	assert_int_equal(again_size, size);
	assert_memory_equal(again, blob, size);
	free(again);
	free(blob);
}

/* All of it again, and the hypervisor never has memory at once. */
static void out_of_memory(void **state)
{
	static void (*const again[])(void **state) = {
		properties, dirty_log, interrupts, processors, snapshots,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(again); i++) {
		k.hungry = true;
		again[i](state);
		assert_true(k.deposits >= 2);
		teardown(state);
		setup(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		old_test(probed),
		old_test(partitions),
		old_test(properties),
		old_test(guest_memory),
		old_test(dirty_log),
		old_test(interrupts),
		old_test(processors),
		old_test(snapshots),
		old_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
