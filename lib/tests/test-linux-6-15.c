// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The whole library on the first driver there was; see fake-linux-6-15.h. */
#include "config.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "fake-linux-6-15.h"

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
