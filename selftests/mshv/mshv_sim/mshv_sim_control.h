/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/mshv_sim: how a test steers the simulated hypervisor.  For programs and
 * for the module itself.
 *
 * Each command takes a pointer to one structure that starts with its own size.
 * A structure may grow at its end in later versions:
 *   smaller than the first version	-EINVAL
 *   larger than what the module knows	-E2BIG, unless the rest is zero
 * Fields named "reserved" have to be zero, and so has each bit of "flags" that
 * is not listed here: else -EINVAL.  MSHV_SIM_PROBE tells what the module knows.
 *
 * Whatever a file descriptor has set up (rules, overrides, recording, scripts)
 * ends when the last copy of it is closed.  One thread at a time is served per
 * open file.
 */
#ifndef MSHV_SIM_CONTROL_H
#define MSHV_SIM_CONTROL_H

#include <linux/const.h>
#include <linux/ioctl.h>
#include <linux/types.h>

#define MSHV_SIM_DEVICE		"/dev/mshv_sim"
#define MSHV_SIM_IOCTL		0xb9

/* Name any: no partition has id 0; the two others can't be an index or a code. */
#define MSHV_SIM_ANY_PARTITION	0ull
#define MSHV_SIM_ANY_VP		0xffffffffu
#define MSHV_SIM_ANY_CODE	0xffffu
#define MSHV_SIM_ANY_CPU	0xffffffffu

/* ------------------------------------------------------------------ probe */

#define MSHV_SIM_PROBE		_IO(MSHV_SIM_IOCTL, 0x00)

/* Bits of mshv_sim_probe.features */
#define MSHV_SIM_HAS_FAULTS	_BITULL(0)
#define MSHV_SIM_HAS_RECORDING	_BITULL(1)
#define MSHV_SIM_HAS_OVERRIDES	_BITULL(2)
#define MSHV_SIM_HAS_MESSAGES	_BITULL(3)
#define MSHV_SIM_HAS_VIOLATIONS	_BITULL(4)
#define MSHV_SIM_HAS_CHECK	_BITULL(5)
#define MSHV_SIM_HAS_SCRIPTS	_BITULL(6)	/* by engine: not under svm */
#define MSHV_SIM_HAS_GUESTS	_BITULL(7)	/* by engine: runs real code */
#define MSHV_SIM_HAS_LEDGER	_BITULL(8)
#define MSHV_SIM_HAS_HOLD	_BITULL(9)
#define MSHV_SIM_HAS_HYPERCALLS	_BITULL(10)	/* and SINTs */
#define MSHV_SIM_HAS_VTL	_BITULL(11)	/* below mshv_vtl: faults, recording, VTLs */
#define MSHV_SIM_HAS_OWNER	_BITULL(16)	/* CHECK compares with page tables */

struct mshv_sim_probe {
	__u32 size;
	__u32 reserved;
	/* all out */
	__u64 features;
	__u64 root_partition;	/* id that the driver runs in */
	__u32 scheduler;	/* enum hv_scheduler_type */
	__u32 l1vh;		/* 1: the kernel plays an L1VH partition */
	__u32 max_rules;	/* per open file, faults and overrides each */
	__u32 max_records;
	__u32 max_messages;	/* on their way, per open file */
	__u32 max_script;	/* steps per VP */
	__u32 max_delay_us;
	__u32 record_size;	/* of struct mshv_sim_record in this module */
};

/* ----------------------------------------------------------------- faults */

#define MSHV_SIM_FAULT_ADD	_IO(MSHV_SIM_IOCTL, 0x10)
#define MSHV_SIM_FAULT_REMOVE	_IO(MSHV_SIM_IOCTL, 0x11)	/* by .id */
#define MSHV_SIM_FAULT_QUERY	_IO(MSHV_SIM_IOCTL, 0x12)	/* by .id */
#define MSHV_SIM_FAULT_NEXT	_IO(MSHV_SIM_IOCTL, 0x13)	/* first after .id */
#define MSHV_SIM_FAULT_CLEAR	_IO(MSHV_SIM_IOCTL, 0x14)	/* all of this file */

/* Bits of mshv_sim_fault.flags */
#define MSHV_SIM_FAULT_STATUS	_BITUL(0)	/* the call answers .status */
#define MSHV_SIM_FAULT_AFTER	_BITUL(1)	/* ... but has its effect first */

/*
 * A rule about hypercalls that the driver makes.  The calls that match are
 * counted; the first .skip of them pass, the next .count (0: all) are hit: they
 * take .delay_us longer and, if the flag says so, answer .status.  The rules of
 * all files are tried in the order in which they were added; the first that
 * hits decides, the ones behind it don't count that call.
 *
 * Without FAULT_AFTER the call has no effect, apart from the first .reps
 * elements of a rep hypercall; FAULT_STATUS with status 0 is then a lie.
 */
struct mshv_sim_fault {
	__u32 size;
	__u32 id;		/* out of ADD and NEXT; never 0 */
	__u32 flags;
	__u16 code;		/* HVCALL_*, MSHV_SIM_ANY_CODE */
	__u16 status;		/* HV_STATUS_* */
	__u64 partition;
	__u32 vp;
	__u32 skip;
	__u32 count;
	__u32 delay_us;
	__u32 reps;
	__u32 reserved;
	__u64 matches;		/* out */
	__u64 hits;		/* out */
};

/* -------------------------------------------------------------- recording */

#define MSHV_SIM_RECORD_START	_IO(MSHV_SIM_IOCTL, 0x20)
#define MSHV_SIM_RECORD_STOP	_IO(MSHV_SIM_IOCTL, 0x21)
#define MSHV_SIM_RECORD_QUERY	_IO(MSHV_SIM_IOCTL, 0x22)

/*
 * From START on, read() of the file gives whole struct mshv_sim_record, oldest
 * first, and 0 when there is none.  When the buffer is full the newest are lost
 * and counted.  START throws away what an earlier START has gathered; after
 * STOP what was gathered can still be read.
 */
struct mshv_sim_recording {
	__u32 size;
	__u32 records;		/* START: room for so many, 0: 1024 */
	__u64 partition;	/* START: only calls that concern it */
	__u16 code;		/* START: only these, or MSHV_SIM_ANY_CODE */
	__u16 reserved[3];
	__u64 ready;		/* out: can be read now */
	__u64 lost;		/* out */
};

#define MSHV_SIM_RECORD_INPUT	64
#define MSHV_SIM_RECORD_OUTPUT	16

struct mshv_sim_record {
	__u64 seq;		/* of all hypercalls while anybody records */
	__u64 time_ns;		/* CLOCK_MONOTONIC, on return */
	__u64 control;		/* the control word */
	__u64 partition;	/* 0: the call does not say */
	__u32 vp;		/* MSHV_SIM_ANY_VP: the call does not say */
	__u32 cpu;
	__u16 status;
	__u16 reps_done;
	__u16 input_bytes;	/* how many of .input are the call's */
	__u16 output_bytes;
	__u32 fault;		/* id of the rule that hit, or 0 */
	__u32 irqs_off;		/* 1: made with interrupts off */
	__u8 input[MSHV_SIM_RECORD_INPUT];
	__u8 output[MSHV_SIM_RECORD_OUTPUT];
};

/* -------------------------------------------------------------- overrides */

#define MSHV_SIM_OVERRIDE_ADD	 _IO(MSHV_SIM_IOCTL, 0x30)
#define MSHV_SIM_OVERRIDE_REMOVE _IO(MSHV_SIM_IOCTL, 0x31)	/* by .id */
#define MSHV_SIM_OVERRIDE_CLEAR	 _IO(MSHV_SIM_IOCTL, 0x32)	/* all of this file */

enum mshv_sim_override_kind {
	/* what the driver reads from an MSR; .vp is the CPU */
	MSHV_SIM_OVERRIDE_MSR		= 1,
	/* what HVCALL_GET_VP_REGISTERS answers for .index */
	MSHV_SIM_OVERRIDE_REGISTER	= 2,
	/* what the three calls answer for the property .index, known or not */
	MSHV_SIM_OVERRIDE_PROPERTY	= 3,	/* GET_PARTITION_PROPERTY */
	MSHV_SIM_OVERRIDE_PROPERTY_EX	= 4,	/* ..._EX: the word .word */
	MSHV_SIM_OVERRIDE_SYSTEM	= 5,	/* GET_SYSTEM_PROPERTY */
	/*
	 * word .word of a statistics page; .index is the enum hv_stats_object_type,
	 * .vp the index of the VP or logical processor, .area the area
	 */
	MSHV_SIM_OVERRIDE_STATS		= 6,
};

/*
 * The answer becomes (answer & ~mask) | (value & mask).  A call that asks for
 * an overridden property or register that does not exist succeeds.
 */
struct mshv_sim_override {
	__u32 size;
	__u32 id;		/* out of ADD */
	__u32 kind;
	__u32 index;
	__u64 partition;
	__u32 vp;
	__u32 area;		/* enum hv_stats_area_type */
	__u32 word;
	__u32 reserved;
	__u64 value;
	__u64 mask;
	__u64 uses;		/* out of REMOVE */
};

/* --------------------------------------------------------------- messages */

#define MSHV_SIM_POST_MESSAGE	_IO(MSHV_SIM_IOCTL, 0x40)
#define MSHV_SIM_HOLD		_IO(MSHV_SIM_IOCTL, 0x41)

/*
 * A message for the SINT0 slot of a CPU, as raw as can be.  It queues behind
 * those that are waiting for that slot.  -EAGAIN: max_messages are on their way;
 * -ENXIO: there is no such CPU.
 */
struct mshv_sim_message {
	__u32 size;
	__u32 cpu;
	__u32 flags;
	__u32 reserved;
	__u8 message[256];	/* struct hv_message */
};

/*
 * What happens to the messages that the simulator itself has for the driver.
 * Held ones are delivered, in order, once the hold ends: on demand, with the file, or
 * when the process that has opened the file is killed or ends.
 */
struct mshv_sim_hold {
	__u32 size;
	__u32 message_type;	/* enum hv_message_type; 0: ends the hold */
	__u64 partition;	/* sender */
	__u64 held;		/* out: how many are held now */
};

/* ------------------------------------------------------------- violations */

#define MSHV_SIM_VIOLATIONS	_IO(MSHV_SIM_IOCTL, 0x50)
#define MSHV_SIM_CHECK		_IO(MSHV_SIM_IOCTL, 0x51)
#define MSHV_SIM_LEDGER		_IO(MSHV_SIM_IOCTL, 0x52)

/* Bits of mshv_sim_violations.flags */
#define MSHV_SIM_VIOLATIONS_SKIP	_BITUL(0)	/* go to the end, read none */
#define MSHV_SIM_VIOLATIONS_FORGIVE	_BITUL(1)	/* they were expected */

#define MSHV_SIM_VIOLATION_TEXT		128

struct mshv_sim_violation {
	__u64 seq;		/* from 0 on, since the module was loaded */
	__u64 time_ns;		/* CLOCK_MONOTONIC */
	__u32 cpu;
	__u32 pid;		/* thread that was running: not always the culprit */
	char text[MSHV_SIM_VIOLATION_TEXT];
};

/*
 * Each open file has its own place in the log; it starts at the end.  Reads up
 * to .count entries from there and moves on.  Those that are forgiven are taken
 * off the number in debugfs, which fails a test.
 */
struct mshv_sim_violations {
	__u32 size;
	__u32 flags;
	__u64 entries;		/* pointer to struct mshv_sim_violation[.count] */
	__u32 count;		/* in: room; out: read or skipped */
	__u32 left;		/* out: that can still be read */
	__u64 lost;		/* out: overwritten before they were read */
};

/*
 * Looks at what can be checked at any time: that no GPA mapping leads to a page
 * that is free, and that each leads to a page that is pinned, or to the one that
 * the owner of the memory has in its page tables, and with no more rights.  Each
 * finding is a violation; .found says how many.
 */
struct mshv_sim_check {
	__u32 size;
	__u32 reserved;
	__u64 partition;
	__u64 pages;		/* out: pages that the guest can reach */
	__u64 found;		/* out */
	__u64 compared;		/* out: pages, with the owner's page tables */
};

struct mshv_sim_ledger {
	__u32 size;
	__u32 reserved;
	__u64 partition;
	/* all out; zero while no partition exists */
	__u64 partitions;
	__u64 vps;
	__u64 deposited_pages;
	__u64 used_pages;
	__u64 gpa_mappings;
	__u64 state_pages;
	__u64 stats_pages;	/* of children; not by partition */
	__u64 newest_partition;	/* id; 0: none exists */
	__u64 ports;		/* not by partition */
};

/* ---------------------------------------------------------------- scripts */

#define MSHV_SIM_SCRIPT_PUSH	_IO(MSHV_SIM_IOCTL, 0x60)
#define MSHV_SIM_SCRIPT_QUERY	_IO(MSHV_SIM_IOCTL, 0x61)
#define MSHV_SIM_SCRIPT_CLEAR	_IO(MSHV_SIM_IOCTL, 0x62)

/*
 * What a VP of the scripted engine does next.  A VP without steps runs, and
 * does nothing, until somebody makes it stop; steps may be added meanwhile.
 */
enum mshv_sim_step_action {
	/* an intercept with this message */
	MSHV_SIM_STEP_MESSAGE	= 1,
	/* HLT: X64_HALT without a LAPIC; with one, wait as RFLAGS.IF permits */
	MSHV_SIM_STEP_HALT	= 2,
	/* nothing but to run for .delay_us */
	MSHV_SIM_STEP_RUN	= 3,
	/* run until an interrupt is pending, take it and handle it; IF is ignored */
	MSHV_SIM_STEP_INTERRUPT	= 4,
	/* access guest memory; intercepts as often as the access is refused */
	MSHV_SIM_STEP_READ	= 5,
	MSHV_SIM_STEP_WRITE	= 6,
	MSHV_SIM_STEP_EXECUTE	= 7,
};

/*
 * Bits of mshv_sim_step.flags.  HEADER: the first 40 bytes of the payload get the
 * state of the VP; its instruction length and access type are taken from there.
 */
#define MSHV_SIM_STEP_HEADER	_BITUL(0)

struct mshv_sim_register {
	__u32 name;		/* HV_REGISTER_*, HV_X64_REGISTER_* */
	__u32 reserved;
	__u64 value[2];
};

#define MSHV_SIM_MAX_REGISTERS	64
#define MSHV_SIM_PAYLOAD	240

struct mshv_sim_step {
	__u32 size;
	__u32 action;
	__u64 partition;
	__u32 vp;
	__u32 flags;
	__u32 delay_us;		/* the VP runs so long before the step */
	__u32 register_count;	/* set before the step, as the guest would */
	__u64 registers;	/* pointer to struct mshv_sim_register[] */
	__u64 gpa;		/* READ, WRITE, EXECUTE */
	__u32 message_type;	/* MESSAGE */
	__u32 payload_bytes;	/* MESSAGE: of the payload; READ, WRITE: to access */
	__u8 payload[MSHV_SIM_PAYLOAD];	/* message, or what to write */
};

struct mshv_sim_script {
	__u32 size;
	__u32 vp;
	__u64 partition;
	/* all out */
	__u64 waiting;		/* steps to come */
	__u64 done;		/* steps since the VP was created */
	__u64 intercepts;
	__u64 interrupts;	/* taken by STEP_INTERRUPT */
	__u32 last_vector;	/* 0x100: NMI */
	__u32 last_status;	/* HV_STATUS_* of the last register that was refused */
	__u8 data[MSHV_SIM_PAYLOAD];	/* what the last STEP_READ has read */
};

/* ------------------------------------------------------ in the root's place */

#define MSHV_SIM_HYPERCALL	_IO(MSHV_SIM_IOCTL, 0x70)
#define MSHV_SIM_SINT		_IO(MSHV_SIM_IOCTL, 0x71)

/* Bits of mshv_sim_hypercall.flags: what is in the register is .input, .output */
#define MSHV_SIM_CALL_RAW_INPUT		_BITUL(0)
#define MSHV_SIM_CALL_RAW_OUTPUT	_BITUL(1)

/*
 * A hypercall of the root's kernel that its driver does not make, with arguments at
 * .input_offset and .output_offset of two pages each, so that they may be misaligned
 * or lie across the boundary.  A page at most is copied to and from there.  A raw
 * register is a value of a fast call, or an address where there is no memory.
 *
 * -EPERM: that address is one of memory, or the call would give, map or take away
 * pages of the parent, which it names by number.  Rules and recordings see these
 * calls, too.  What a call has made, a port for example, stays when the file is closed.
 *
 * Where a port or connection of the root's has the address of a monitor page, .input
 * has that of a page of the caller's memory; -EFAULT: it is none.
 */
struct mshv_sim_hypercall {
	__u32 size;
	__u32 flags;
	__u64 control;		/* the control word */
	__u64 input;		/* pointer, or what is in the register */
	__u64 output;
	__u32 input_bytes;
	__u32 output_bytes;
	__u32 input_offset;
	__u32 output_offset;
	__u64 reserved;
	__u64 result;		/* out: status, and elements completed << 32 */
};

/* Bits of mshv_sim_sint.flags */
#define MSHV_SIM_SINT_CONFIGURE	_BITUL(0)	/* the SINT's register becomes .config */
#define MSHV_SIM_SINT_TAKE	_BITUL(1)	/* the message in its slot, its events */

/*
 * A SINT of the root that another driver would use, such as VMBus, on one CPU.  No
 * interrupt is raised for it, unless it has the driver's vector.  CONFIGURE comes
 * before TAKE; what was configured ends with the file.  -EBUSY: the driver's own.
 */
struct mshv_sim_sint {
	__u32 size;
	__u32 flags;
	__u32 cpu;
	__u32 sint;
	__u64 config;
	/* out of TAKE; the slot is free and the flags are clear then */
	__u8 message[256];	/* struct hv_message; type 0: there was none */
	__u64 events[32];
};

/* ------------------------------------------------------------------- VTLs */

/*
 * Of mshv_vtl_sim, below a driver in VTL 2.  What a CPU means here is the VP with
 * the same number.
 */
#define MSHV_SIM_VTL_INFO	_IO(MSHV_SIM_IOCTL, 0x80)
#define MSHV_SIM_VTL_PUSH	_IO(MSHV_SIM_IOCTL, 0x81)
#define MSHV_SIM_VTL_QUERY	_IO(MSHV_SIM_IOCTL, 0x82)
#define MSHV_SIM_VTL_POST	_IO(MSHV_SIM_IOCTL, 0x83)
#define MSHV_SIM_VTL_ANSWER	_IO(MSHV_SIM_IOCTL, 0x84)
#define MSHV_SIM_VTL_POSTED	_IO(MSHV_SIM_IOCTL, 0x85)
#define MSHV_SIM_VTL_REGISTER	_IO(MSHV_SIM_IOCTL, 0x86)
#define MSHV_SIM_VTL_MEMORY	_IO(MSHV_SIM_IOCTL, 0x87)

/* What the driver has set up, and what the hypervisor has told it. */
struct mshv_sim_vtl_info {
	__u32 size;
	__u32 cpu;
	/* all out */
	__u64 capabilities;	/* HV_REGISTER_VSM_CAPABILITIES */
	__u64 partition_config;	/* HV_REGISTER_VSM_PARTITION_CONFIG */
	__u64 register_page;	/* HV_X64_REGISTER_REG_PAGE of .cpu */
	__u64 sint[16];		/* MSRs of .cpu */
	__u64 eoms;		/* writes of the EOM register, all CPUs */
	__u64 interrupts;	/* that a SINT has raised, all CPUs */
	__u32 queued;		/* messages that wait for a slot of .cpu */
	__u32 has_handler;	/* 1: the driver takes interrupts */
};

/*
 * What VTL 0 does the next times it is entered, one step each.  Without steps it
 * is interrupted at once.  Steps go when the file is closed that pushed them.
 */
enum mshv_sim_vtl_action {
	/* an intercept with .message: on the intercept page, or in the slot of SINT 0 */
	MSHV_SIM_VTL_INTERCEPT	= 1,
	/* an interrupt for VTL 2 that is none of its own */
	MSHV_SIM_VTL_INTERRUPT	= 2,
	/*
	 * run until another CPU asks this one to reschedule, but .delay_us at most;
	 * other interrupts are taken meanwhile
	 */
	MSHV_SIM_VTL_RUN	= 3,
	/* whatever .reason is; a driver may panic */
	MSHV_SIM_VTL_RAW	= 4,
};

#define MSHV_SIM_VTL_SET_XMM0	_BITUL(0)

struct mshv_sim_vtl_step {
	__u32 size;
	__u32 cpu;
	__u32 action;
	__u32 reason;		/* RAW */
	__u32 flags;
	__u32 delay_us;
	__u32 gpr_mask;		/* bit n: VTL 0 sets its register n */
	__u32 reserved;
	__u64 gprs[16];		/* in the order of struct mshv_vtl_cpu_context */
	__u64 xmm0[2];
	__u8 message[256];	/* struct hv_message */
};

struct mshv_sim_vtl_cpu {
	__u32 size;
	__u32 cpu;
	/* all out */
	__u64 entries;		/* into VTL 0, ever */
	__u64 steps;		/* done, ever */
	/* as VTL 0 found it at the last entry that took a step */
	__u64 gprs[16];
	__u64 xmm0[2];
	__u32 last_vector;	/* what ended the last RUN; 0: the time */
	__u32 control;		/* ECX of the return */
	__u8 actions[256];	/* VTL return actions, which are then cleared */
};

/* Bits of mshv_sim_vtl_post.flags: one of them */
#define MSHV_SIM_VTL_MESSAGE	_BITUL(0)	/* .message for a SINT */
#define MSHV_SIM_VTL_EVENT	_BITUL(1)	/* event flag .event of a SINT */

struct mshv_sim_vtl_post {
	__u32 size;
	__u32 cpu;
	__u32 flags;
	__u32 sint;
	__u32 event;
	__u32 reserved;
	__u8 message[256];
};

/* Bits of mshv_sim_vtl_answer.flags */
#define MSHV_SIM_VTL_ECHO	_BITUL(0)	/* .bytes of input instead of .output */

/*
 * What hypercall .code answers from now on, instead of having an effect.  The
 * newest one for a code counts; they go when the file is closed.
 */
struct mshv_sim_vtl_answer {
	__u32 size;
	__u16 code;
	__u16 status;
	__u16 reps;		/* done */
	__u16 flags;
	__u32 bytes;		/* that are written to the output page */
	__u8 output[256];
};

/* What VTL 2 has sent last: by HVCALL_POST_MESSAGE and HVCALL_SIGNAL_EVENT. */
struct mshv_sim_vtl_posted {
	__u32 size;
	__u32 reserved;
	/* all out */
	__u64 messages;		/* how many, ever */
	__u64 signals;
	__u64 signal;		/* input of the last one */
	__u32 connection;
	__u32 type;
	__u32 bytes;
	__u32 reserved2;
	__u8 payload[240];
};

/* Read a register of VTL 0 or VTL 2; or write it. */
#define MSHV_SIM_VTL_WRITE	_BITUL(0)

struct mshv_sim_vtl_register {
	__u32 size;
	__u32 cpu;
	__u32 vtl;
	__u32 name;
	__u32 flags;
	__u32 reserved;
	__u64 value[2];
};

/* Memory as VTL 0 sees it; not that which is the kernel's own. */
struct mshv_sim_vtl_memory {
	__u32 size;
	__u32 flags;
	__u64 gpa;
	__u32 bytes;
	__u32 reserved;
	__u8 data[256];
};

#endif /* MSHV_SIM_CONTROL_H */
