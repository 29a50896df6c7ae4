// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Every function that calls the kernel, and a kernel that answers with nonsense:
 * numbers where there are none, failures without a reason, more or fewer
 * elements than it was asked for, a success that the hypervisor refused. The
 * caller gets an errno, and nothing is taken for done.
 */
#include "config.h"

#include <stdlib.h>

#include <mshv/downstream.h>
#include <mshv/ioctl_vtl.h>

#include "fake.h"

static int fd;
static struct mshv_dev *dev;
static struct mshv_partition *partition;
static struct mshv_vp *vp, *vps[1];
static struct mshv_memory *memory;
static struct mshv_irq_table *table;
static struct mshv_vtl *vtl;
static struct mshv_sint *sint;

static _Alignas(4096) char page[4096];
static struct mshv_create_partition create_v1;
static struct mshv_create_partition_v2 create_v2 = {
	.pt_flags = 1ULL << MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES,
};
static union {
	struct mshv_user_mem_region region;
	struct mshv_user_irqfd irqfd;
	struct mshv_user_ioeventfd ioeventfd;
	struct mshv_user_irq_table table;
	struct mshv_gpap_access_bitmap bitmap;
	struct mshv_run_vp run;
	struct mshv_get_set_vp_state state;
	struct mshv_vp_registers registers;
	struct mshv_vtl_ram_disposition ram;
	struct mshv_vtl_set_poll_file poll;
	struct mshv_vtl_signal_event event;
	struct mshv_vtl_sint_post_msg post;
	struct mshv_vtl_set_eventfd eventfd;
	struct mshv_sint_mask mask;
	struct mshv_vtl_hvcall_setup setup;
	struct mshv_vtl_hvcall hvcall;
} args;
static struct hv_register_assoc regs[3];
static uint64_t value, other, bitmap[1];
static uint8_t states[3];
static size_t size;
static struct hv_message message;
static const struct hv_message *run_message;
static struct mshv_standard_registers standard;
static struct mshv_special_registers special;
static struct mshv_fpu fpu;
static struct mshv_events events;
static struct mshv_activity activity;
static void *blob;
static union hv_partition_complete_isolated_import_data import;
#if defined(__x86_64__)
static uint32_t msrs[256];
static struct mshv_debug_registers debug;
static struct mshv_msr msr[2] = { { .msr = 0x10 }, { .msr = 0x174 } };
static struct mshv_cpuid cpuid[2] = { { .leaf = 1 }, { .leaf = 2 } };
static struct hv_register_x64_cpuid_result_parameters cpuid_result;
static struct hv_register_x64_msr_result_parameters msr_result;
static struct hv_cpuid_leaf_info leaves[3];
static union hv_output_get_vp_cpuid_values values[3];
static struct mshv_x64_paging paging;
static struct mshv_walk walk;
static struct hv_local_interrupt_controller_state lapic;
#endif

enum kind {
	PLAIN,		/* ends in one ioctl or several, each returns 0 */
	NUMBER,		/* the ioctl returns a number, and so does the call */
	HVCALL,		/* ends in a hypercall */
	STATUS,		/* the ioctl may return the hypervisor's status as a number (V9) */
};

#define THIN(X) \
	X(NUMBER, create_partition, mshv_ioctl_create_partition(fd, &create_v1)) \
	X(NUMBER, create_partition_v2, mshv_ioctl_create_partition_v2(fd, &create_v2)) \
	X(NUMBER, check_extension, mshv_ioctl_check_extension(fd, 1)) \
	X(PLAIN, initialize, mshv_ioctl_initialize_partition(fd)) \
	X(NUMBER, create_vp, mshv_ioctl_create_vp(fd, 1)) \
	X(PLAIN, set_memory, mshv_ioctl_set_guest_memory(fd, &args.region)) \
	X(PLAIN, irqfd, mshv_ioctl_irqfd(fd, &args.irqfd)) \
	X(PLAIN, ioeventfd, mshv_ioctl_ioeventfd(fd, &args.ioeventfd)) \
	X(PLAIN, msi_routing, mshv_ioctl_set_msi_routing(fd, &args.table)) \
	X(PLAIN, access_bitmap, mshv_ioctl_get_gpap_access_bitmap(fd, &args.bitmap)) \
	X(PLAIN, run_vp, mshv_ioctl_run_vp(fd, &args.run)) \
	X(PLAIN, get_vp_state, mshv_ioctl_get_vp_state(fd, &args.state)) \
	X(PLAIN, set_vp_state, mshv_ioctl_set_vp_state(fd, &args.state)) \
	X(NUMBER, create_vtl, mshv_ioctl_create_vtl(fd)) \
	X(PLAIN, get_registers, mshv_ioctl_get_vp_registers(fd, &args.registers)) \
	X(PLAIN, set_registers, mshv_ioctl_set_vp_registers(fd, &args.registers)) \
	X(PLAIN, add_memory, mshv_ioctl_add_vtl0_memory(fd, &args.ram)) \
	X(PLAIN, poll_file, mshv_ioctl_set_poll_file(fd, &args.poll)) \
	X(PLAIN, lower_vtl, mshv_ioctl_return_to_lower_vtl(fd)) \
	X(PLAIN, sint_signal, mshv_ioctl_sint_signal_event(fd, &args.event)) \
	X(STATUS, sint_post, mshv_ioctl_sint_post_message(fd, &args.post)) \
	X(PLAIN, sint_eventfd, mshv_ioctl_sint_set_eventfd(fd, &args.eventfd)) \
	X(PLAIN, sint_pause, mshv_ioctl_sint_pause_message_stream(fd, &args.mask)) \
	X(PLAIN, hvcall_setup, mshv_ioctl_hvcall_setup(fd, &args.setup)) \
	X(PLAIN, hvcall, mshv_ioctl_hvcall(fd, &args.hvcall))

#define HVCALLS(X) \
	X(HVCALL, hv_get_property, mshv_hvcall_get_partition_property(fd, 1, &value)) \
	X(HVCALL, hv_set_property, mshv_hvcall_set_partition_property(fd, 1, 2)) \
	X(HVCALL, hv_get_property_ex, mshv_hvcall_get_partition_property_ex(fd, 1, 2, &value, 8)) \
	X(HVCALL, hv_intercept, mshv_hvcall_install_intercept(fd, 1, 2, 3)) \
	X(HVCALL, hv_get_registers, mshv_hvcall_get_vp_registers(fd, 1, 0, regs, 3)) \
	X(HVCALL, hv_set_registers, mshv_hvcall_set_vp_registers(fd, 1, 0, regs, 3)) \
	X(HVCALL, hv_translate, mshv_hvcall_translate_virtual_address(fd, 1, 0, 0, &value, &other)) \
	X(HVCALL, hv_assert, mshv_hvcall_assert_virtual_interrupt(fd, 0, 0, 33, 0)) \
	X(HVCALL, hv_clear, mshv_hvcall_clear_virtual_interrupt(fd)) \
	X(HVCALL, hv_signal, mshv_hvcall_signal_event_direct(fd, 1, 0, 2, 3, NULL)) \
	X(HVCALL, hv_post, mshv_hvcall_post_message_direct(fd, 1, 0, 2, &message, 256)) \
	X(HVCALL, hv_access, mshv_hvcall_get_gpa_pages_access_states(fd, 0, 1, states, 3))

#define OBJECTS(X) \
	X(HVCALL, dev_property, mshv_dev_get_property(dev, 1, &value)) \
	X(HVCALL, dev_property_ex, mshv_dev_get_property_ex(dev, 1, 0, &value, 8)) \
	X(PLAIN, pt_initialize, mshv_partition_initialize(partition)) \
	X(HVCALL, pt_get_property, mshv_partition_get_property(partition, 1, &value)) \
	X(HVCALL, pt_set_property, mshv_partition_set_property(partition, 1, 2)) \
	X(HVCALL, pt_property_ex, mshv_partition_get_property_ex(partition, 1, 0, &value, 8)) \
	X(HVCALL, pt_intercept, mshv_partition_install_intercept(partition, 1, 2, 3)) \
	X(HVCALL, pt_get_registers, mshv_partition_get_vp_registers(partition, 0, regs, 3)) \
	X(HVCALL, pt_set_registers, mshv_partition_set_vp_registers(partition, 0, regs, 3)) \
	X(PLAIN, pt_map, mshv_partition_map_memory(partition, 0, page, 4096, 0)) \
	X(PLAIN, pt_unmap, mshv_partition_unmap_memory(partition, 0, page, 4096)) \
	X(PLAIN, pt_irqfd, mshv_partition_assign_irqfd(partition, 5, -1, 1)) \
	X(PLAIN, pt_no_irqfd, mshv_partition_deassign_irqfd(partition, 5, 1)) \
	X(PLAIN, pt_ioeventfd, mshv_partition_assign_ioeventfd(partition, 5, 0, 4, NULL)) \
	X(PLAIN, pt_no_ioeventfd, mshv_partition_deassign_ioeventfd(partition, 5, 0, 4, NULL)) \
	X(HVCALL, pt_assert, mshv_partition_assert_interrupt(partition, 0, 0, 0, 33)) \
	X(HVCALL, pt_notify, mshv_partition_notify_deliverable(partition, 0, 1)) \
	X(HVCALL, pt_post, mshv_partition_post_message(partition, 0, 2, &message)) \
	X(HVCALL, pt_signal, mshv_partition_signal_event(partition, 0, 2, 3, NULL)) \
	X(HVCALL, pt_start_log, mshv_partition_start_dirty_log(partition)) \
	X(HVCALL, pt_look, mshv_partition_get_dirty_log(partition, 0, 4096, bitmap, 0)) \
	X(PLAIN, pt_clear, mshv_partition_get_dirty_log(partition, 0, 4096, bitmap, LIBMSHV_DIRTY_CLEAR)) \
	X(HVCALL, pt_save, mshv_partition_save_alloc(partition, vps, 1, &blob, &size)) \
	X(HVCALL, pt_save_to, mshv_partition_save(partition, vps, 1, NULL, 0, &size)) \
	X(PLAIN, memory_map, mshv_memory_map(memory, 0x100000, page, 4096, 0)) \
	X(PLAIN, memory_unmap, mshv_memory_unmap(memory, 0)) \
	X(PLAIN, memory_stop, mshv_memory_stop_dirty_log(memory)) \
	X(PLAIN, table_commit, mshv_irq_table_commit(table)) \
	X(PLAIN, vp_run, mshv_vp_run(vp, &run_message)) \
	X(HVCALL, vp_get_registers, mshv_vp_get_registers(vp, regs, 3)) \
	X(HVCALL, vp_set_registers, mshv_vp_set_registers(vp, regs, 3)) \
	X(HVCALL, vp_get_standard, mshv_vp_get_standard_registers(vp, &standard)) \
	X(HVCALL, vp_set_standard, mshv_vp_set_standard_registers(vp, &standard)) \
	X(HVCALL, vp_get_special, mshv_vp_get_special_registers(vp, &special)) \
	X(HVCALL, vp_set_special, mshv_vp_set_special_registers(vp, &special)) \
	X(HVCALL, vp_get_fpu, mshv_vp_get_fpu(vp, &fpu)) \
	X(HVCALL, vp_set_fpu, mshv_vp_set_fpu(vp, &fpu)) \
	X(HVCALL, vp_get_events, mshv_vp_get_events(vp, &events)) \
	X(HVCALL, vp_set_events, mshv_vp_set_events(vp, &events)) \
	X(HVCALL, vp_get_activity, mshv_vp_get_activity(vp, &activity)) \
	X(HVCALL, vp_set_activity, mshv_vp_set_activity(vp, &activity)) \
	X(PLAIN, vp_get_state, mshv_vp_get_state(vp, MSHV_VP_STATE_SIMP, page, 4096, &size)) \
	X(PLAIN, vp_set_state, mshv_vp_set_state(vp, MSHV_VP_STATE_SIMP, page, 4096)) \
	X(HVCALL, vp_translate, mshv_vp_translate_gva(vp, 0, 0, &value, NULL)) \
	X(PLAIN, vp_save, mshv_vp_save_alloc(vp, &blob, &size)) \
	X(PLAIN, vp_save_to, mshv_vp_save(vp, NULL, 0, &size)) \
	X(PLAIN, vtl_memory, mshv_vtl_add_memory(vtl, 0, 4096)) \
	X(PLAIN, vtl_poll, mshv_vtl_set_poll_file(vtl, 0, 5)) \
	X(PLAIN, vtl_get, mshv_vtl_get_registers(vtl, regs, 3)) \
	X(PLAIN, vtl_set, mshv_vtl_set_registers(vtl, regs, 3)) \
	X(PLAIN, on_sint_pause, mshv_sint_pause(sint, 1)) \
	X(PLAIN, on_sint_eventfd, mshv_sint_set_eventfd(sint, 1, 5)) \
	X(PLAIN, on_sint_signal, mshv_sint_signal_event(sint, 1, 2)) \
	X(STATUS, on_sint_post, mshv_sint_post_message(sint, 1, 2, NULL, 0))

#define DOWNSTREAM(X) \
	X(PLAIN, ds_device, mshv_downstream_create_device(fd, 1)) \
	X(PLAIN, ds_test, mshv_downstream_test_device(fd, 1)) \
	X(PLAIN, ds_set, mshv_downstream_set_attribute(fd, 1, 2, NULL)) \
	X(PLAIN, ds_has, mshv_downstream_has_attribute(fd, 1, 2)) \
	X(PLAIN, ds_get, mshv_downstream_get_attribute(fd, 1, 2, &value)) \
	X(PLAIN, ds_access, mshv_downstream_modify_host_access(fd, 0, &value, 1)) \
	X(PLAIN, ds_import, mshv_downstream_import_pages(fd, 0, &value, 1)) \
	X(PLAIN, ds_complete, mshv_downstream_complete_import(fd, &import)) \
	X(PLAIN, ds_psp, mshv_downstream_psp_request(fd, 0, 4096)) \
	X(PLAIN, ds_ap, mshv_downstream_ap_create(fd, 1, 0)) \
	X(PLAIN, ds_translate, mshv_downstream_translate_gva(fd, 0, 0, &value, &other)) \
	X(PLAIN, ds_probe, mshv_downstream_probe(fd, 0))

#if defined(__x86_64__)
#define X64(X) \
	X(HVCALL, hv_cpuid, mshv_hvcall_register_intercept_result_cpuid(fd, 1, &cpuid_result)) \
	X(HVCALL, hv_msr_result, mshv_hvcall_register_intercept_result_msr(fd, 1, &msr_result)) \
	X(HVCALL, hv_get_cpuid, mshv_hvcall_get_vp_cpuid_values(fd, 1, 0, leaves, values, 3)) \
	X(HVCALL, pt_clear_interrupt, mshv_partition_clear_interrupt(partition)) \
	X(HVCALL, pt_cpuid, mshv_partition_set_cpuid(partition, cpuid, 2)) \
	X(HVCALL, pt_msr_list, mshv_partition_get_msr_list(partition, msrs, 256, &size)) \
	X(PLAIN, vp_get_lapic, mshv_vp_get_lapic(vp, &lapic)) \
	X(PLAIN, vp_set_lapic, mshv_vp_set_lapic(vp, &lapic)) \
	X(HVCALL, vp_get_debug, mshv_vp_get_debug_registers(vp, &debug)) \
	X(HVCALL, vp_set_debug, mshv_vp_set_debug_registers(vp, &debug)) \
	X(HVCALL, vp_get_xcr0, mshv_vp_get_xcr0(vp, &value)) \
	X(HVCALL, vp_set_xcr0, mshv_vp_set_xcr0(vp, 1)) \
	X(HVCALL, vp_get_msrs, mshv_vp_get_msrs(vp, msr, 2)) \
	X(HVCALL, vp_set_msrs, mshv_vp_set_msrs(vp, msr, 2)) \
	X(HVCALL, vp_get_cpuid, mshv_vp_get_cpuid(vp, cpuid, 2)) \
	X(HVCALL, vp_set_cpuid, mshv_vp_set_cpuid(vp, cpuid, 2)) \
	X(HVCALL, vp_get_paging, mshv_vp_get_paging(vp, &paging)) \
	X(HVCALL, vp_walk, mshv_vp_walk_gva(vp, memory, 0, 0, &walk))
#else
#define X64(X)
#endif

#define ALL(X) THIN(X) HVCALLS(X) OBJECTS(X) DOWNSTREAM(X) X64(X)

#define DEFINE(kind, name, expression) \
static int call_##name(void) { return expression; }
ALL(DEFINE)

#define ROW(kind, name, expression) { kind, #name, call_##name },
static const struct row {
	enum kind kind;
	const char *name;
	int (*call)(void);
} rows[] = { ALL(ROW) };

/* ------------------------------------------------------------- the kernel */

static enum answer {
	SUCCESS, A_NUMBER, NO_REASON, ODD_REASON,
	FEWER, NONE, MORE, REFUSED, REFUSED_ODDLY,
} answer;
static unsigned int calls;

static int answer_hvcall(struct mshv_root_hvcall *call)
{
	calls++;
	switch (answer) {
	case FEWER:
		call->reps = call->reps ? (uint16_t)(call->reps - 1) : 1;
		return 0;
	case NONE:
		call->reps = call->reps ? 0 : 0xffff;
		return 0;
	case MORE:
		call->reps++;
		return 0;
	case REFUSED:
		call->status = HV_STATUS_ACCESS_DENIED;
		return 0;
	default:	/* a status and a failing element that there can't be */
		call->status = 0xfff0;
		call->reps = 0xffff;
		errno = EIO;
		return -1;
	}
}

static int kernel(int on, uint32_t request, void *arg)
{
	(void)on;
	calls++;
	switch (answer) {
	case A_NUMBER:
		return 7;
	case NO_REASON:
		errno = 0;
		return -1;
	case ODD_REASON:
		errno = 4095;
		return -1;
	case SUCCESS:
		return 0;
	default:
		if (request == MSHV_ROOT_HVCALL)
			return answer_hvcall(arg);
		/* a component that is there, for saving a VP */
		if (request == MSHV_GET_VP_STATE)
			((struct mshv_get_set_vp_state *)arg)->buf_sz = 16;
		return 0;
	}
}

static int setup(void **state)
{
	fake_reset(state);
	fake_instead = kernel;
	answer = SUCCESS;
	memset(&args, 0, sizeof(args));
	fd = fake_no_page_fd();
	assert_works(mshv_dev_from_fd(fake_no_page_fd(), &dev));
	assert_works(mshv_partition_from_fd(dev, fd, &partition));
	vp = fake_vp_from_fd(partition, fake_no_page_fd(), 0);
	vps[0] = vp;
	assert_works(mshv_memory_create(partition, &memory));
	assert_works(mshv_memory_map(memory, 0, page, sizeof(page), 0));
	assert_works(mshv_irq_table_create(partition, &table));
	assert_works(mshv_vtl_from_fd(NULL, fake_no_page_fd(), &vtl));
	assert_works(mshv_sint_from_fd(fake_no_page_fd(), &sint));
	return 0;
}

static int teardown(void **state)
{
	mshv_sint_close(sint);
	mshv_vtl_close(vtl);
	mshv_irq_table_close(table);
	mshv_memory_close(memory);
	mshv_vp_close(vp);
	mshv_partition_close(partition);
	mshv_dev_close(dev);
	return fake_done(state);
}

#define wrapper_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* @row fails with @err, and says so everywhere. */
static void fails(const struct row *row, int err)
{
	int ret;

	calls = 0;
	errno = 0;
	/* a route that the kernel doesn't have yet */
	if (row->call == call_table_commit)
		mshv_irq_table_set(table, 1, 0xfee00000, 33);
	ret = row->call();
	if (ret != -err || errno != err || mshv_last_error()->errnum != err ||
	    !mshv_last_error()->what || !calls)
		fail_msg("%s: %d, errno %d, %s; %u calls", row->name, ret, errno,
			 mshv_last_error()->what, calls);
}

/* ------------------------------------------------------------------ tests */

static void numbers(void **state)
{
	size_t i;

	(void)state;
	answer = A_NUMBER;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].kind == NUMBER)
			assert_int_equal(rows[i].call(), 7);
		else
			fails(&rows[i], rows[i].kind == STATUS ? EIO : EPROTO);
		if (rows[i].kind == STATUS)
			assert_int_equal(mshv_last_error()->hv_status, 7);
	}
}

static void failures_without_reason(void **state)
{
	size_t i;

	(void)state;
	answer = NO_REASON;
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		fails(&rows[i], EPROTO);
}

static void unknown_errnos(void **state)
{
	char text[200];
	size_t i;

	(void)state;
	answer = ODD_REASON;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fails(&rows[i], 4095);
		assert_true(mshv_error_format(mshv_last_error(), text,
					      sizeof(text)) > 0);
	}
}

/* Also where a list has one element, or the call takes none. */
static void wrong_counts(void **state)
{
	size_t i;

	(void)state;
	for (answer = FEWER; answer <= MORE; answer++)
		for (i = 0; i < ARRAY_SIZE(rows); i++)
			if (rows[i].kind == HVCALL)
				fails(&rows[i], EPROTO);
}

static void success_that_was_refused(void **state)
{
	size_t i;

	(void)state;
	answer = REFUSED;
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].kind == HVCALL)
			fails(&rows[i], EPROTO);
}

/* Those for which a refusal is an answer go on. */
static bool takes_no(const struct row *row)
{
	return row->call == call_pt_save || row->call == call_pt_save_to;
}

static void unknown_status(void **state)
{
	char text[200];
	size_t i;

	(void)state;
	answer = REFUSED_ODDLY;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].kind != HVCALL || takes_no(&rows[i]))
			continue;
		fails(&rows[i], EIO);
		assert_int_equal(mshv_last_error()->hv_status, 0xfff0);
		/* not one of the list, unless the list was made of calls */
		assert_true(mshv_last_error()->index == LIBMSHV_INDEX_NONE ||
			    mshv_last_error()->index == 0);
		assert_true(mshv_error_format(mshv_last_error(), text,
					      sizeof(text)) > 0);
		assert_non_null(strstr(text, "0xfff0"));
	}
}

/* A result code, and banks of flags, that nobody has heard of. */
static int odd_values(int on, uint32_t request, void *arg)
{
	const struct mshv_root_hvcall *call = arg;

	(void)on;
	assert_int_equal(request, MSHV_ROOT_HVCALL);
	memset((void *)(uintptr_t)call->out_ptr, 0xee, call->out_sz);
	return 0;
}

static void unknown_values(void **state)
{
	uint32_t result = 0;

	(void)state;
	fake_instead = odd_values;
	value = 5;
	assert_fails(mshv_vp_translate_gva(vp, 0, 0, &value, &result), EPROTO);
	assert_int_equal(result, 0xeeeeeeee);
	assert_int_equal(value, 5);
#if defined(__x86_64__)
	/* a privilege of 3, and bits that no CR0 has, are taken as they are */
	assert_works(mshv_vp_get_paging(vp, &paging));
	assert_true(paging.cpl <= 3);
#endif
}

/* Its own size for a state, whatever the buffer is. */
static uint32_t stated;

static int odd_sizes(int on, uint32_t request, void *arg)
{
	(void)on;
	assert_true(request == MSHV_GET_VP_STATE || request == MSHV_SET_VP_STATE);
	((struct mshv_get_set_vp_state *)arg)->buf_sz = stated;
	return 0;
}

static void odd_state_sizes(void **state)
{
	static const uint32_t sizes[] = { 0, 4097, 1u << 31, UINT32_MAX };
	size_t i;

	(void)state;
	fake_instead = odd_sizes;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		stated = sizes[i];
		assert_fails(call_vp_get_state(), EPROTO);
		assert_fails(call_vp_set_state(), EPROTO);
#if defined(__x86_64__)
		assert_fails(call_vp_get_lapic(), EPROTO);
		assert_fails(call_vp_set_lapic(), EPROTO);
#endif
	}
#if defined(__x86_64__)
	/* less than the structure that it is */
	stated = 1;
	assert_fails(call_vp_get_lapic(), EPROTO);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		wrapper_test(numbers),
		wrapper_test(failures_without_reason),
		wrapper_test(unknown_errnos),
		wrapper_test(wrong_counts),
		wrapper_test(success_that_was_refused),
		wrapper_test(unknown_status),
		wrapper_test(unknown_values),
		wrapper_test(odd_state_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
