/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A partition with memory and VPs that run guest code: C functions of the test
 * program in long mode (guest/guest.h), or a few bytes in real mode.
 *
 * As in mshv_ops.h a failure is -errno; wrap calls in OK().
 */
#ifndef GUEST_VM_H
#define GUEST_VM_H

#include "guest.h"
#include "mshv_ops.h"

#define GUEST_VPS_MAX		32
#define GUEST_RAM_BYTES		(8ull << 20)
/* Where code for real mode lies, and runs as 0000:1000. */
#define GUEST_REAL_GPA		0x1000ull
/* Guest-physical addresses from here on are not RAM. */
#define GUEST_HOLE_GPA		0x40000000ull

enum guest_event {
	GUEST_EXIT,	/* an intercept that is not a call: see message */
	GUEST_SYNC,	/* args of guest_sync() */
	GUEST_DONE,	/* args[0] of guest_done() */
	GUEST_FAILED,	/* text */
};

struct guest_vp {
	int fd;
	struct hv_message message;	/* of the last exit */
	uint64_t args[GUEST_ARGS];
	char text[GUEST_TEXT];
	struct guest_self *self;	/* in guest memory; NULL in real mode */
};

struct guest {
	int dev, pt;
	char *ram;
	uint64_t next_gpa;		/* what guest_alloc() gives next */
	uint64_t cr3, gdt, idt;
	uint64_t image, image_bytes;	/* the program: first address, and size */
	uint64_t image_gpa;
	struct guest_vp vp[GUEST_VPS_MAX];
};

/*
 * Why no guest runs here; NULL: they do. The simulator needs a CPU with SVM for them, and
 * without would wait for ever for somebody to say what they do.
 */
const char *guest_missing(void);
/* For MSHV_TEST_MAIN_OF(): the device, and guests. */
int guest_require(char *why, size_t size);

/* Create and initialize the partition, map its RAM and load the program. */
int guest_create(struct guest *g, uint64_t pt_flags);

/*
 * The same with synthetic features, of bank 0 of enum
 * hv_partition_synthetic_processor_features; 0: what a partition has by default.
 */
int guest_create_with(struct guest *g, uint64_t pt_flags, uint64_t features);
/* Features by their names there: ".access_synic_regs = 1, ..." and what any needs. */
#define GUEST_FEATURES(...)							\
	((union hv_partition_synthetic_processor_features) {			\
		.hypervisor_present = 1, .hv1 = 1, __VA_ARGS__			\
	}.as_uint64[0])
/* And with HV_PARTITION_PRIVILEGE_*. */
int guest_create_privileged(struct guest *g, uint64_t pt_flags, uint64_t features,
			    uint64_t privileges);
int guest_create_v2(struct guest *g, const struct mshv_create_partition_v2 *args);

/* A VP that will call @main with @arg. */
int guest_add_vp(struct guest *g, uint32_t index, guest_fn *main, uint64_t arg);

/* A VP that will run @code, at most a page, in real mode. */
int guest_add_real_vp(struct guest *g, uint32_t index, const void *code,
		      size_t bytes);

/*
 * Run a VP until something happens that the test should know. Calls are already
 * completed: the next guest_run() goes on behind them. Returns enum guest_event.
 */
int guest_run(struct guest *g, uint32_t index);

/* What guest_run() returned, in words. */
const char *guest_describe(const struct guest *g, uint32_t index, int event);

/* RAM, zero and page-aligned; 0 if there is none left. */
uint64_t guest_alloc(struct guest *g, uint64_t bytes);
void *guest_host(struct guest *g, uint64_t gpa);

/* The guest's copy of an object of the test program. */
void *guest_copy_of(struct guest *g, const void *object);

/* Map a page of the guest's virtual addresses. */
int guest_map_page(struct guest *g, uint64_t va, uint64_t gpa);

/* The payload of the last message, and what most intercepts begin with. */
#define guest_payload(g, index, type) \
	((const struct type *)(g)->vp[index].message.u.payload)
#define guest_header(g, index) \
	guest_payload(g, index, hv_x64_intercept_message_header)

/* Continue behind the intercepted instruction. */
int guest_skip_instruction(struct guest *g, uint32_t index);
int guest_get_reg(struct guest *g, uint32_t index, uint32_t name, uint64_t *value);
int guest_set_reg(struct guest *g, uint32_t index, uint32_t name, uint64_t value);

#endif /* GUEST_VM_H */
