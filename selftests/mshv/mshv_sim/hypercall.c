// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypercall page, as the driver sees it: one entry point that takes the
 * control word apart, checks what the TLFS ("Hypercall interface") says about
 * inputs, finds partition and VP, and calls the handler of the table row.
 */
#include <linux/io.h>
#include <linux/module.h>
#include <linux/mm.h>
#include <linux/seq_file.h>

#include "control.h"
#include "port.h"

static unsigned int partial_reps;
module_param(partial_reps, uint, 0644);
MODULE_PARM_DESC(partial_reps, "Complete at most N elements per rep hypercall (default 0: all)");

static bool ext_properties = true;
module_param(ext_properties, bool, 0444);
MODULE_PARM_DESC(ext_properties, "Have extended partition properties; hypervisors before them did not");

#define SIMPLE(_code, _in, _out, _flags, _states, _fn)			\
	{ .code = HVCALL_##_code, .name = #_code, .in = _in, .out = _out,\
	  .flags = _flags, .states = _states, .simple = _fn }
#define REP(_code, _in, _rep_in, _rep_out, _flags, _states, _fn)	\
	{ .code = HVCALL_##_code, .name = #_code, .in = _in,		\
	  .rep_in = _rep_in, .rep_out = _rep_out,			\
	  .flags = _flags, .states = _states, .rep = _fn }

#define PT	SIM_CALL_PARTITION
#define VP	(SIM_CALL_PARTITION | SIM_CALL_VP)
#define SELF	SIM_CALL_SELF_OK
#define STOP	SIM_CALL_STOP_VP
#define LIVE	(SIM_UNINIT | SIM_ACTIVE)

static u64 sim_hc_dispatch_vp(struct sim_call *c)
{
	return sim_vp_dispatch(c->vp, c->in, c->out);
}

/*
 * Sorted by code, but for the first: that comes with each exit, and the compiler
 * shall find it.  Sizes are those of the structures in include/hyperv.
 */
static const struct sim_hypercall sim_rows[] = {
	SIMPLE(DISPATCH_VP, sizeof(struct hv_input_dispatch_vp), 8, VP, SIM_ACTIVE,
	       sim_hc_dispatch_vp),
	SIMPLE(CREATE_PARTITION, sizeof(struct hv_input_create_partition), 8, 0, 0,
	       sim_hc_create_partition),
	SIMPLE(INITIALIZE_PARTITION, 8, 0, PT, SIM_UNINIT, sim_hc_initialize_partition),
	SIMPLE(FINALIZE_PARTITION, 8, 0, PT, LIVE, sim_hc_finalize_partition),
	/* In which state it can be is for the police to see, too. */
	SIMPLE(DELETE_PARTITION, 8, 0, PT, 0, sim_hc_delete_partition),
	SIMPLE(GET_PARTITION_PROPERTY, 16, 8, PT | SELF, LIVE,
	       sim_hc_get_partition_property),
	SIMPLE(SET_PARTITION_PROPERTY, 24, 0, PT, LIVE, sim_hc_set_partition_property),
	REP(DEPOSIT_MEMORY, 8, 8, 0, PT | SELF, 0, sim_hc_deposit),
	REP(WITHDRAW_MEMORY, 16, 0, 8, PT | SELF, 0, sim_hc_withdraw),
	REP(MAP_GPA_PAGES, sizeof(struct hv_input_map_gpa_pages), 8, 0, PT, LIVE,
	    sim_hc_map_gpa),
	REP(UNMAP_GPA_PAGES, sizeof(struct hv_input_unmap_gpa_pages), 0, 0, PT, 0,
	    sim_hc_unmap_gpa),
	SIMPLE(INSTALL_INTERCEPT, 24, 0, PT, LIVE, sim_hc_install_intercept),
	SIMPLE(CREATE_VP, sizeof(struct hv_create_vp), 0, PT, SIM_ACTIVE, sim_hc_create_vp),
	SIMPLE(DELETE_VP, 16, 0, VP, SIM_ACTIVE, sim_hc_delete_vp),
	REP(GET_VP_REGISTERS, 16, 4, 16, VP | STOP, SIM_ACTIVE, sim_hc_get_vp_registers),
	REP(SET_VP_REGISTERS, 16, 32, 0, VP | STOP, SIM_ACTIVE, sim_hc_set_vp_registers),
	SIMPLE(TRANSLATE_VIRTUAL_ADDRESS, 32, 16, VP, SIM_ACTIVE, sim_hc_translate),
	SIMPLE(CLEAR_VIRTUAL_INTERRUPT, 8, 0, PT, SIM_ACTIVE, sim_hc_clear_interrupt),
	SIMPLE(DELETE_PORT, 16, 0, PT | SELF, 0, sim_hc_delete_port),
	SIMPLE(DISCONNECT_PORT, 16, 0, PT | SELF, LIVE, sim_hc_disconnect_port),
	SIMPLE(POST_MESSAGE, sizeof(struct sim_input_post_message), 0, 0, 0,
	       sim_hc_post_message),
	SIMPLE(SIGNAL_EVENT, sizeof(struct sim_input_signal_event), 0, 0, 0,
	       sim_hc_signal_event),
	SIMPLE(MAP_STATS_PAGE, sizeof(struct hv_input_map_stats_page), 8, 0, 0,
	       sim_hc_map_stats_page),
	SIMPLE(UNMAP_STATS_PAGE, sizeof(struct hv_input_unmap_stats_page), 0, 0, 0,
	       sim_hc_unmap_stats_page),
	SIMPLE(GET_SYSTEM_PROPERTY, sizeof(struct hv_input_get_system_property), 8, 0, 0,
	       sim_hc_get_system_property),
	SIMPLE(NOTIFY_PORT_RING_EMPTY, 8, 0, 0, 0, sim_hc_notify_ring_empty),
	SIMPLE(REGISTER_INTERCEPT_RESULT, 60, 0, PT, SIM_ACTIVE,
	       sim_hc_register_intercept_result),
	SIMPLE(ASSERT_VIRTUAL_INTERRUPT, sizeof(struct hv_input_assert_virtual_interrupt),
	       0, PT, SIM_ACTIVE, sim_hc_assert_interrupt),
	SIMPLE(CREATE_PORT, sizeof(struct hv_input_create_port), 0, PT | SELF, LIVE,
	       sim_hc_create_port),
	SIMPLE(CONNECT_PORT, sizeof(struct hv_input_connect_port), 0, PT | SELF, LIVE,
	       sim_hc_connect_port),
	SIMPLE(SIGNAL_EVENT_DIRECT, 16, 8, VP, SIM_ACTIVE, sim_hc_signal_event_direct),
	SIMPLE(POST_MESSAGE_DIRECT, SIM_POST_DIRECT_SIZE, 0, VP, SIM_ACTIVE,
	       sim_hc_post_message_direct),
	REP(GET_GPA_PAGES_ACCESS_STATES, 24, 0, 1, PT, SIM_ACTIVE, sim_hc_access_states),
	SIMPLE(MAP_VP_STATE_PAGE, sizeof(struct hv_input_map_vp_state_page), 8, VP,
	       SIM_ACTIVE, sim_hc_map_vp_state_page),
	SIMPLE(UNMAP_VP_STATE_PAGE, sizeof(struct hv_input_unmap_vp_state_page), 0, VP,
	       SIM_ACTIVE, sim_hc_unmap_vp_state_page),
	SIMPLE(GET_VP_STATE, sizeof(struct hv_input_get_vp_state),
	       sizeof(union hv_output_get_vp_state), VP | SIM_CALL_VARHEAD, SIM_ACTIVE,
	       sim_hc_get_vp_state),
	SIMPLE(SET_VP_STATE, sizeof(struct hv_input_set_vp_state), 0, VP | SIM_CALL_VARHEAD,
	       SIM_ACTIVE, sim_hc_set_vp_state),
	REP(GET_VP_CPUID_VALUES, 24, 24, 16, VP | STOP, SIM_ACTIVE, sim_hc_get_vp_cpuid),
	SIMPLE(GET_PARTITION_PROPERTY_EX, 24,
	       sizeof(struct hv_partition_property_vmm_capabilities), PT | SELF, LIVE,
	       sim_hc_get_partition_property_ex),
	SIMPLE(MAP_STATS_PAGE2, sizeof(struct hv_input_map_stats_page2), 0, 0, 0,
	       sim_hc_map_stats_page2),
};

/* Each CPU counts for itself, so that no two write to one cache line. */
static DEFINE_PER_CPU(struct sim_hypercall_count [ARRAY_SIZE(sim_rows)], sim_counts);
static atomic64_t sim_unknown;

/* The last page of this CPU that began with an input, and with an output. */
static DEFINE_PER_CPU(u64, sim_input_page);
static DEFINE_PER_CPU(u64, sim_output_page);

/* Codes are below 0x140: an index instead of a search. */
#define SIM_CODES	0x140
static const struct sim_hypercall *sim_index[SIM_CODES];

int sim_hypercalls_init(void)
{
	int i, cpu;

	/* Some page of memory, to begin with. */
	for_each_possible_cpu(cpu) {
		per_cpu(sim_input_page, cpu) = page_to_phys(ZERO_PAGE(0));
		per_cpu(sim_output_page, cpu) = page_to_phys(ZERO_PAGE(0));
	}
	for (i = 0; i < ARRAY_SIZE(sim_rows); i++)
		sim_index[sim_rows[i].code] = &sim_rows[i];
	/* What this hypervisor is too old for, or has no use for. */
	if (!ext_properties)
		sim_index[HVCALL_GET_PARTITION_PROPERTY_EX] = NULL;
	if (!sim_config.overlay)
		sim_index[HVCALL_MAP_STATS_PAGE2] = NULL;
	return 0;
}

static struct sim_hypercall_count sim_counts_sum(int row)
{
	struct sim_hypercall_count sum = {};
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct sim_hypercall_count *c = &per_cpu(sim_counts, cpu)[row];

		sum.calls += READ_ONCE(c->calls);
		sum.reps += READ_ONCE(c->reps);
		sum.errors += READ_ONCE(c->errors);
	}
	return sum;
}

void sim_hypercalls_show(struct seq_file *m)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(sim_rows); i++) {
		struct sim_hypercall_count sum = sim_counts_sum(i);

		seq_printf(m, "%04x %s %llu %llu %llu\n", sim_rows[i].code,
			   sim_rows[i].name, sum.calls, sum.reps, sum.errors);
	}
	seq_printf(m, "---- unknown %lld 0 %lld\n", atomic64_read(&sim_unknown),
		   atomic64_read(&sim_unknown));
}

/*
 * An argument area must be 8-byte aligned and may not cross a page (TLFS,
 * "Hypercall inputs"); it must be memory, as we read it through the direct map.
 */
static noinline bool sim_is_area(u64 pa, u32 size, u64 __percpu *last)
{
	if (!pa || !IS_ALIGNED(pa, 8) || offset_in_page(pa) + size > HV_HYP_PAGE_SIZE ||
	    !pfn_valid(PHYS_PFN(pa)))
		return false;
	if (!offset_in_page(pa))
		raw_cpu_write(*last, pa);
	return true;
}

static __always_inline bool sim_argument(void **area, u64 pa, u32 size, u64 __percpu *last)
{
	*area = phys_to_virt(pa);
	return likely(raw_cpu_read(*last) == pa && size <= HV_HYP_PAGE_SIZE) ||
	       sim_is_area(pa, size, last);
}

static __always_inline u64 sim_find_target(struct sim_call *c)
{
	const struct sim_hypercall *row = c->row;
	u64 id;

	if (!(row->flags & SIM_CALL_PARTITION))
		return HV_STATUS_SUCCESS;

	id = *(u64 *)c->in;
	c->pt = row->flags & SIM_CALL_SELF_OK ? sim_partition_find(id) :
						sim_partition_find_child(id);
	if (!c->pt)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (row->states && !(row->states & READ_ONCE(c->pt->state)))
		return HV_STATUS_INVALID_PARTITION_STATE;

	if (row->flags & SIM_CALL_VP) {
		u32 index = *(u32 *)(c->in + 8);

		if (index < SIM_MAX_VPS)
			c->vp = rcu_dereference(c->pt->vps[index]);
		if (!c->vp)
			return HV_STATUS_INVALID_VP_INDEX;
	}
	return HV_STATUS_SUCCESS;
}

static noinline u64 sim_run_reps(struct sim_call *c, u32 start, u32 *done)
{
	u32 limit = READ_ONCE(partial_reps), i;
	unsigned long flags;
	u64 status = HV_STATUS_SUCCESS;
	bool stop = c->row->flags & SIM_CALL_STOP_VP;

	if (stop) {
		sim_vp_stop(c->vp, &flags);
		if (c->vp->dead)
			status = HV_STATUS_INVALID_VP_INDEX;
	}
	for (i = start; i < c->rep_count && status == HV_STATUS_SUCCESS; i++) {
		if ((limit && i - start == limit) || (c->rep_limit && i - start == c->rep_limit))
			break;
		status = c->row->rep(c, i);
		if (status != HV_STATUS_SUCCESS)
			break;
	}
	if (stop)
		sim_vp_resume(c->vp, flags);
	*done = i;
	return status;
}

/* What else than the code is in the control word; most calls have nothing there. */
static noinline u64 sim_decode(struct sim_call *c, u64 control, u32 *start)
{
	const struct sim_hypercall *row = c->row;

	if (control & HV_HYPERCALL_RSVD_MASK) {
		sim_violation("%s: reserved bits in the control word %#llx", row->name, control);
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	}
	*start = (control & HV_HYPERCALL_REP_START_MASK) >> HV_HYPERCALL_REP_START_OFFSET;
	c->rep_count = (control & HV_HYPERCALL_REP_COMP_MASK) >> HV_HYPERCALL_REP_COMP_OFFSET;
	c->varhead = (control & HV_HYPERCALL_VARHEAD_MASK) >> HV_HYPERCALL_VARHEAD_OFFSET;
	c->fast = control & HV_HYPERCALL_FAST_BIT;
	if (row->rep ? *start >= c->rep_count : c->rep_count || *start)
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	if (c->varhead && !(row->flags & SIM_CALL_VARHEAD))
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	c->in_size += c->varhead * 8 + c->rep_count * row->rep_in;
	c->out_size += c->rep_count * row->rep_out;
	return HV_STATUS_SUCCESS;
}

static __always_inline u64 sim_arguments(struct sim_call *c, u64 p1, u64 p2)
{
	if (!sim_argument(&c->in, p1, c->in_size, &sim_input_page))
		return HV_STATUS_INVALID_ALIGNMENT;
	if (!c->out_size || sim_argument(&c->out, p2, c->out_size, &sim_output_page))
		return HV_STATUS_SUCCESS;
	c->out = NULL;
	if (p2)
		return HV_STATUS_INVALID_ALIGNMENT;
	if (c->row->flags & SIM_CALL_OUT_OPTIONAL)
		return HV_STATUS_SUCCESS;
	sim_violation("%s without an output page", c->row->name);
	return HV_STATUS_INVALID_HYPERCALL_INPUT;
}

/* @w: NULL unless somebody is interested.  Inlined for each of the two cases. */
static __always_inline u64 sim_call_row(const struct sim_hypercall *row, u64 control, u64 p1,
					u64 p2, u32 *done, struct sim_watch *w)
{
	u64 fast[2] __uninitialized, status;
	/* Every member, so that the compiler has nothing to clear. */
	struct sim_call c = {
		.row = row, .in = NULL, .out = NULL, .in_size = row->in, .out_size = row->out,
		.rep_count = 0, .rep_limit = 0, .varhead = 0, .fast = false,
		.pt = NULL, .vp = NULL, .flush = NULL,
	};
	u32 start = 0;

	if (unlikely(row->rep || control > U16_MAX)) {
		status = sim_decode(&c, control, &start);
		/* The count that is reported back includes what was done before. */
		*done = row->rep ? start : 0;
		if (status != HV_STATUS_SUCCESS)
			return status;
	}
	if (unlikely(c.fast)) {
		if (c.in_size > sizeof(fast) || c.out_size)
			return HV_STATUS_INVALID_HYPERCALL_INPUT;
		fast[0] = p1;
		fast[1] = p2;
		c.in = fast;
	} else {
		status = sim_arguments(&c, p1, p2);
		if (status != HV_STATUS_SUCCESS)
			return status;
	}

	if (w && sim_watch_begin(w, &c))
		return sim_watch_end(w, &c, HV_STATUS_SUCCESS, done);

	status = sim_find_target(&c);
	if (status == HV_STATUS_SUCCESS) {
		if (row->rep)
			status = sim_run_reps(&c, start, done);
		else
			status = row->simple(&c);
	}
	if (c.flush)
		sim_gpa_flush(c.flush);
	return w ? sim_watch_end(w, &c, status, done) : status;
}

static __always_inline u64 sim_hypercall_one(const struct sim_hypercall *row, u64 control,
					     u64 p1, u64 p2, struct sim_watch *w)
{
	struct sim_hypercall_count __percpu *count = &sim_counts[row - sim_rows];
	u32 done = 0;
	u64 status;

	rcu_read_lock();
	status = sim_call_row(row, control, p1, p2, &done, w);
	rcu_read_unlock();

	this_cpu_inc(count->calls);
	if (done)
		this_cpu_add(count->reps, done);
	if (unlikely(status != HV_STATUS_SUCCESS))
		this_cpu_inc(count->errors);
	return status | (u64)done << HV_HYPERCALL_REP_COMP_OFFSET;
}

static u64 sim_hypercall_watched(const struct sim_hypercall *row, u64 control, u64 p1, u64 p2)
{
	bool irqs_off = irqs_disabled();
	struct sim_watch watch;
	u64 result;

	sim_watch_init(&watch);
	rcu_read_lock();
	result = sim_hypercall_one(row, control, p1, p2, &watch);
	sim_record(&watch, control, result, irqs_off);
	rcu_read_unlock();
	return result;
}

/*
 * Each CPU has one page for inputs, and interrupt handlers make hypercalls, too: whoever
 * uses it keeps interrupts off.  DISPATCH_VP has a page of its own, that other threads
 * of the CPU use; as it is the hot path, this is asked only while somebody watches.
 */
static void sim_police_context(const struct sim_hypercall *row, u64 control, u64 p1)
{
	if (irqs_disabled() || control & HV_HYPERCALL_FAST_BIT)
		return;
	if (row->code == HVCALL_DISPATCH_VP ? preemptible() :
	    p1 == virt_to_phys(*raw_cpu_ptr(hyperv_pcpu_input_arg)))
		sim_violation("%s: the CPU's input page is used with %s on", row->name,
			      row->code == HVCALL_DISPATCH_VP ? "preemption" : "interrupts");
}

static noinline u64 sim_hypercall_any(u64 control, u64 p1, u64 p2)
{
	u16 code = control & HV_HYPERCALL_RESULT_MASK;
	const struct sim_hypercall *row = code < SIM_CODES ? sim_index[code] : NULL;
	unsigned long flags = arch_local_save_flags();
	u64 result;

	if (!row) {
		atomic64_inc(&sim_unknown);
		return HV_STATUS_INVALID_HYPERCALL_CODE;
	}
	sim_police_context(row, control, p1);
	result = sim_watched() ? sim_hypercall_watched(row, control, p1, p2) :
				 sim_hypercall_one(row, control, p1, p2, NULL);
	if ((arch_local_save_flags() ^ flags) & X86_EFLAGS_IF)
		sim_violation("%s: interrupts %s on entry, not so on return", row->name,
			      flags & X86_EFLAGS_IF ? "on" : "off");
	return result;
}

/*
 * What hv_std_hypercall() has become.  The one call that comes with each exit goes
 * the same way as the others, but with its row known to the compiler.
 */
u64 sim_hypercall(u64 control, u64 p1, u64 p2)
{
	if (likely(control == HVCALL_DISPATCH_VP && !sim_watched()))
		return sim_hypercall_one(&sim_rows[0], HVCALL_DISPATCH_VP, p1, p2, NULL);
	return sim_hypercall_any(control, p1, p2);
}
