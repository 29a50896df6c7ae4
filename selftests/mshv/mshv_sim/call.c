// SPDX-License-Identifier: GPL-2.0-only
/*
 * A test in the place of the root's kernel: hypercalls that the driver has no
 * reason to make, and a SINT that the driver does not use.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "control.h"

/* ------------------------------------------------------------- hypercalls */

/*
 * Calls that name pages of the parent by number, or take away what the driver uses:
 * whoever may make them may break the kernel.  They pass if they name nothing that
 * exists.
 */
static bool call_names_pages(u64 control)
{
	switch (control & HV_HYPERCALL_RESULT_MASK) {
	case HVCALL_GET_VP_STATE:
	case HVCALL_SET_VP_STATE:
		return control & HV_HYPERCALL_VARHEAD_MASK;
	case HVCALL_DEPOSIT_MEMORY:
	case HVCALL_WITHDRAW_MEMORY:
	case HVCALL_MAP_GPA_PAGES:
	case HVCALL_MAP_VP_STATE_PAGE:
	case HVCALL_UNMAP_VP_STATE_PAGE:
		return true;
	}
	return false;
}

static bool call_names_stats(u64 control, u64 first)
{
	switch (control & HV_HYPERCALL_RESULT_MASK) {
	case HVCALL_MAP_STATS_PAGE:
	case HVCALL_MAP_STATS_PAGE2:
	case HVCALL_UNMAP_STATS_PAGE:
		switch ((u32)first) {
		case HV_STATS_OBJECT_HYPERVISOR:
		case HV_STATS_OBJECT_LOGICAL_PROCESSOR:
		case HV_STATS_OBJECT_PARTITION:
		case HV_STATS_OBJECT_VP:
			return true;
		}
	}
	return false;
}

/* Two pages in a row, so that arguments can lie across their boundary. */
#define ARGUMENT_ORDER	1
#define ARGUMENT_BYTES	(PAGE_SIZE << ARGUMENT_ORDER)

struct call_arguments {
	u8 *in, *out;
	u64 p1, p2;
	u64 first;		/* of the input: what it names */
	struct page *page;	/* of the caller's, whose address is in the input */
};

/*
 * The monitor page of a port or connection of the root, which is a page of its
 * memory: a test has the address of one of its own in this place.
 */
static u64 *call_page_address(u64 control, void *input)
{
	struct hv_input_connect_port *connect = input;
	struct hv_input_create_port *create = input;
	u64 *address = NULL;

	rcu_read_lock();
	switch (control & (HV_HYPERCALL_RESULT_MASK | HV_HYPERCALL_FAST_BIT)) {
	case HVCALL_CREATE_PORT:
		if (create->port_info.port_type == HV_PORT_TYPE_MONITOR &&
		    sim_partition_find(create->port_partition_id) == sim_root)
			address = &create->port_info.monitor_port_info.monitor_address;
		break;
	case HVCALL_CONNECT_PORT:
		if (connect->connection_info.port_type == HV_PORT_TYPE_MONITOR &&
		    sim_partition_find(connect->connection_partition_id) == sim_root)
			address = &connect->connection_info.monitor_connection_info.monitor_address;
		break;
	}
	rcu_read_unlock();
	return address;
}

static bool call_pin_page(struct call_arguments *c, u64 *address)
{
	if (!address)
		return true;
	if (pin_user_pages_fast(*address & PAGE_MASK, 1, FOLL_WRITE | FOLL_LONGTERM, &c->page) != 1)
		return false;
	*address = page_to_phys(c->page) + offset_in_page(*address);
	return true;
}

static bool call_area_ok(u32 offset, u32 bytes)
{
	return offset < PAGE_SIZE && bytes <= PAGE_SIZE;
}

/* A register as the test says: no address of memory, which would be anybody's. */
static bool call_raw_ok(u64 control, u64 value)
{
	return (control & HV_HYPERCALL_FAST_BIT) || !value || !pfn_valid(PHYS_PFN(value));
}

static long call_prepare(const struct mshv_sim_hypercall *a, struct call_arguments *c)
{
	bool fast = a->control & HV_HYPERCALL_FAST_BIT;

	c->p1 = a->input;
	c->p2 = a->output;
	if (a->flags & MSHV_SIM_CALL_RAW_INPUT) {
		if (!call_raw_ok(a->control, a->input))
			return -EPERM;
	} else {
		c->p1 = virt_to_phys(c->in + a->input_offset);
		if (copy_from_user(c->in + a->input_offset, u64_to_user_ptr(a->input),
				   a->input_bytes) ||
		    !call_pin_page(c, call_page_address(a->control, c->in + a->input_offset)))
			return -EFAULT;
	}
	if (a->flags & MSHV_SIM_CALL_RAW_OUTPUT) {
		if (!call_raw_ok(a->control, a->output))
			return -EPERM;
	} else {
		c->p2 = virt_to_phys(c->out + a->output_offset);
	}
	c->first = fast ? c->p1 : *(u64 *)(c->in + a->input_offset);
	return call_names_stats(a->control, c->first) ? -EPERM : 0;
}

/* As the driver does: with interrupts off, unless there are no arguments in memory. */
static u64 call_make(const struct mshv_sim_hypercall *a, const struct call_arguments *c)
{
	unsigned long flags;
	u64 result;

	if (a->control & HV_HYPERCALL_FAST_BIT)
		return sim_hypercall(a->control, c->p1, c->p2);
	local_irq_save(flags);
	result = sim_hypercall(a->control, c->p1, c->p2);
	local_irq_restore(flags);
	return result;
}

/* What does not exist must not begin to before the call has looked for it. */
static long call_make_for_nobody(const struct mshv_sim_hypercall *a,
				 const struct call_arguments *c, u64 *result)
{
	unsigned long flags;
	long err = -EPERM;

	sim_partitions_freeze(&flags);
	if (!sim_partition_find(c->first)) {
		*result = sim_hypercall(a->control, c->p1, c->p2);
		err = 0;
	}
	sim_partitions_thaw(flags);
	return err;
}

long sim_call_hypercall(struct sim_file *file, void *arg)
{
	struct mshv_sim_hypercall *a = arg;
	struct call_arguments c = {};
	long err = -ENOMEM;

	if ((a->flags & ~(MSHV_SIM_CALL_RAW_INPUT | MSHV_SIM_CALL_RAW_OUTPUT)) || a->reserved)
		return -EINVAL;
	if (!call_area_ok(a->input_offset, a->input_bytes) ||
	    !call_area_ok(a->output_offset, a->output_bytes))
		return -EINVAL;
	c.in = (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, ARGUMENT_ORDER);
	c.out = (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, ARGUMENT_ORDER);
	if (c.in && c.out)
		err = call_prepare(a, &c);
	if (!err && call_names_pages(a->control))
		err = call_make_for_nobody(a, &c, &a->result);
	else if (!err)
		a->result = call_make(a, &c);
	if (!err && !(a->flags & MSHV_SIM_CALL_RAW_OUTPUT) &&
	    copy_to_user(u64_to_user_ptr(a->output), c.out + a->output_offset,
			 a->output_bytes))
		err = -EFAULT;
	if (c.page)
		unpin_user_page(c.page);
	free_pages((unsigned long)c.in, ARGUMENT_ORDER);
	free_pages((unsigned long)c.out, ARGUMENT_ORDER);
	return err;
}

/* ------------------------------------------------------------------ a SINT */

#define CALL_DRIVERS_SINTS	(BIT(HV_SYNIC_INTERCEPTION_SINT_INDEX) | \
				 BIT(HV_SYNIC_DOORBELL_SINT_INDEX))

long sim_call_sint(struct sim_file *file, void *arg)
{
	struct mshv_sim_sint *a = arg;
	struct hv_message message;

	BUILD_BUG_ON(sizeof(a->message) != sizeof(message));
	BUILD_BUG_ON(sizeof(a->events) != HV_EVENT_FLAGS_BYTE_COUNT);
	if (a->flags & ~(MSHV_SIM_SINT_CONFIGURE | MSHV_SIM_SINT_TAKE))
		return -EINVAL;
	if (a->sint >= HV_SYNIC_SINT_COUNT)
		return -EINVAL;
	if (BIT(a->sint) & CALL_DRIVERS_SINTS)
		return -EBUSY;
	if (a->cpu >= nr_cpu_ids || !cpu_online(a->cpu))
		return -ENXIO;
	if (a->flags & MSHV_SIM_SINT_CONFIGURE) {
		file->sints |= BIT(a->sint);
		sim_synic_configure(a->cpu, a->sint, a->config);
	}
	if (a->flags & MSHV_SIM_SINT_TAKE) {
		sim_synic_take(a->cpu, a->sint, &message, a->events);
		memcpy(a->message, &message, sizeof(message));
	}
	return 0;
}

void sim_call_close(struct sim_file *file)
{
	struct hv_message message;
	u64 events[HV_EVENT_FLAGS_BYTE_COUNT / sizeof(u64)];
	int cpu, sint;

	for (sint = 0; sint < HV_SYNIC_SINT_COUNT; sint++) {
		if (!(file->sints & BIT(sint)))
			continue;
		for_each_possible_cpu(cpu) {
			sim_synic_configure(cpu, sint, HV_SYNIC_SINT_MASKED);
			sim_synic_take(cpu, sint, &message, events);
		}
	}
}
