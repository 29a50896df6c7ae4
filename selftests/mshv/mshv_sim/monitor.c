// SPDX-License-Identifier: GPL-2.0-only
/*
 * Monitored notifications (TLFS 2.0, 14.5 and 14.8.10): a page that two partitions
 * and the hypervisor share.  The sender sets a bit in it, and after a while the
 * hypervisor signals an event for it, as if the sender had made the hypercall.
 *
 * The page belongs to the partition of the port.  The root's memory has nothing
 * that a page could lie over: where the root takes part, the page is its own.
 *
 * All is under sim_ports_lock but the page's references and the timer's end.
 */
#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "port.h"

#define GROUPS		4
#define TRIGGERS	32

struct monitor_page {
	u32 enabled;			/* a bit per group */
	u32 reserved1;
	u64 groups[GROUPS];		/* which triggers are pending; << 32: armed */
	u8 reserved2[536];
	u16 latency[GROUPS][TRIGGERS];	/* in 100 ns */
	u8 reserved3[256];
	struct sim_input_signal_event parameters[GROUPS][TRIGGERS];
	u8 reserved4[1984];
};
static_assert(sizeof(struct monitor_page) == HV_HYP_PAGE_SIZE);

struct sim_monitor {
	struct sim_partition *to, *from;	/* from: NULL without a connection */
	u64 gpa;				/* in the port's partition */
	struct monitor_page *page;		/* NULL: the port is gone */
	struct page *parents;			/* the same, if it is one of the root's */
	struct list_head link;			/* then in monitors_of_root */
	struct sim_overlay at_port, at_connection;
	struct hrtimer timer;
	u64 due[GROUPS][TRIGGERS];		/* of those that are armed, in ns */
	struct sim_input_signal_event sent[GROUPS * TRIGGERS];	/* the timer's own */
};

static LIST_HEAD(monitors_of_root);

/* ------------------------------------------------------------- inspection */

#define LATENCY_NS	100
/* The TLFS leaves the limits open; with nothing to look for it says "reduced". */
#define SHORTEST_NS	(100 * NSEC_PER_USEC)
#define IDLE_NS		(10 * NSEC_PER_MSEC)

static u64 monitor_latency(const struct sim_monitor *m, int group, int trigger)
{
	return READ_ONCE(m->page->latency[group][trigger]) * LATENCY_NS;
}

/* Bits of @armed whose time has come. */
static u32 monitor_due(const struct sim_monitor *m, int group, u32 armed, u64 now)
{
	unsigned long bits = armed;
	u32 due = 0;
	int i;

	for_each_set_bit(i, &bits, TRIGGERS)
		if (m->due[group][i] <= now)
			due |= BIT(i);
	return due;
}

/*
 * What is pending and not armed is new: it is armed now, and due after its latency.
 * Both bits change at once, as the sender may set them again meanwhile.
 */
static u32 monitor_group(struct sim_monitor *m, int group, u64 now, u32 n)
{
	u64 *word = &m->page->groups[group];
	u64 old = READ_ONCE(*word), new;
	unsigned long fresh, fires;
	u32 pending;
	int i;

	do {
		pending = old;
		fresh = pending & ~(u32)(old >> 32);
		fires = monitor_due(m, group, pending & ~fresh, now);
		pending &= ~fires;
		new = (u64)pending << 32 | pending;
	} while (new != old && !try_cmpxchg(word, &old, new));

	for_each_set_bit(i, &fresh, TRIGGERS)
		m->due[group][i] = now + monitor_latency(m, group, i);
	for_each_set_bit(i, &fires, TRIGGERS)
		m->sent[n++] = m->page->parameters[group][i];
	return n;
}

static u32 monitor_inspect(struct sim_monitor *m, u64 now, u64 *wait)
{
	unsigned long enabled = READ_ONCE(m->page->enabled);
	int group, i;
	u64 latency;
	u32 n = 0;

	*wait = IDLE_NS;
	for_each_set_bit(group, &enabled, GROUPS) {
		n = monitor_group(m, group, now, n);
		for (i = 0; i < TRIGGERS; i++) {
			latency = monitor_latency(m, group, i);
			if (latency)
				*wait = min(*wait, latency);
		}
	}
	*wait = max_t(u64, *wait, SHORTEST_NS);
	return n;
}

static enum hrtimer_restart monitor_fires(struct hrtimer *timer)
{
	struct sim_monitor *m = container_of(timer, struct sim_monitor, timer);
	struct sim_partition *from;
	u64 now = ktime_get(), wait;
	unsigned long flags;
	bool again = false;
	u32 i, n = 0;

	raw_spin_lock_irqsave(&sim_ports_lock, flags);
	from = m->from;
	if (from) {
		sim_partition_get(from);
		n = monitor_inspect(m, now, &wait);
		if (!hrtimer_is_queued(timer)) {
			hrtimer_set_expires(timer, now + wait);
			again = true;
		}
	}
	raw_spin_unlock_irqrestore(&sim_ports_lock, flags);
	/* Nobody hears of what is wrong with them (TLFS). */
	for (i = 0; i < n; i++)
		sim_ipc_signal(from, &m->sent[i]);
	if (from)
		sim_partition_put(from);
	return again ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

/* ---------------------------------------------------------------- the page */

#define PAGE_RIGHTS	(HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE)

static u64 monitor_address_status(u64 gpa)
{
	if (!IS_ALIGNED(gpa, HV_HYP_PAGE_SIZE))
		return HV_STATUS_INVALID_ALIGNMENT;
	/* Nested page tables have as many bits as sim_overlay_set() takes. */
	return gpa >> 48 ? HV_STATUS_INVALID_PARAMETER : HV_STATUS_SUCCESS;
}

static u64 monitor_overlay(struct sim_monitor *m)
{
	return sim_overlay_set(m->to, &m->at_port, m->page, m->gpa | 1, PAGE_RIGHTS);
}

static void monitor_page_drop(struct sim_monitor *m)
{
	sim_overlay_remove(m->to, &m->at_port);
	if (m->parents)
		list_del(&m->link);
	else
		sim_mem_give(&m->to->mem, m->page);
	m->page = NULL;
}

/* From now on the page is that of the root, for as long as there is the port. */
static u64 monitor_take_parents(struct sim_monitor *m, u64 gpa)
{
	void *page = sim_overlay_page(PHYS_PFN(gpa));
	struct sim_monitor *other;

	list_for_each_entry(other, &monitors_of_root, link)
		if (other->page == page)
			return HV_STATUS_INVALID_PARAMETER;
	if (!page || m->parents)
		return HV_STATUS_INVALID_PARAMETER;
	if (m->page) {
		memcpy(page, m->page, HV_HYP_PAGE_SIZE);
		monitor_page_drop(m);
	}
	m->page = page;
	m->parents = virt_to_page(page);
	get_page(m->parents);
	list_add(&m->link, &monitors_of_root);
	return HV_STATUS_SUCCESS;
}

/* ----------------------------------------------------- the port, as it comes */

u64 sim_monitor_create(struct sim_port *p, u64 gpa)
{
	u64 status = monitor_address_status(gpa);
	struct sim_monitor *m;

	if (status != HV_STATUS_SUCCESS)
		return status;
	m = kzalloc_obj(*m, GFP_ATOMIC | __GFP_NOWARN);
	if (!m)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	m->to = p->pt;
	m->gpa = gpa;
	hrtimer_setup(&m->timer, monitor_fires, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_HARD);
	p->monitor = m;
	return HV_STATUS_SUCCESS;
}

u64 sim_monitor_place(struct sim_monitor *m)
{
	if (m->to == sim_root)
		return monitor_take_parents(m, m->gpa);
	m->page = sim_mem_take(&m->to->mem);
	return m->page ? monitor_overlay(m) : HV_STATUS_INSUFFICIENT_MEMORY;
}

u64 sim_monitor_connect(struct sim_monitor *m, struct sim_partition *from, u64 gpa)
{
	u64 status = monitor_address_status(gpa);

	if (status != HV_STATUS_SUCCESS)
		return status;
	if (from == sim_root)
		status = monitor_take_parents(m, gpa) ?: monitor_overlay(m);
	else
		status = sim_overlay_set(from, &m->at_connection, m->page, gpa | 1, PAGE_RIGHTS);
	if (status == HV_STATUS_SUCCESS) {
		m->from = from;
		hrtimer_start(&m->timer, ktime_get(), HRTIMER_MODE_ABS_HARD);
	}
	return status;
}

void sim_monitor_disconnect(struct sim_monitor *m)
{
	if (!m->from)
		return;
	sim_overlay_remove(m->from, &m->at_connection);
	/* The timer's callback that can't be stopped any more finds it so. */
	m->from = NULL;
	hrtimer_try_to_cancel(&m->timer);
}

void sim_monitor_remove(struct sim_monitor *m)
{
	sim_monitor_disconnect(m);
	if (m->page)
		monitor_page_drop(m);
}

void sim_monitor_free(struct sim_monitor *m)
{
	if (!m)
		return;
	sim_monitor_remove(m);
	hrtimer_cancel(&m->timer);
	if (m->parents)
		put_page(m->parents);
	kfree(m);
}
