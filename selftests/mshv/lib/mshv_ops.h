/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One function for each operation of /dev/mshv, no policy: the result is what
 * the kernel gave, a failure is -errno. A test that needs success wraps the
 * call in OK(), one that needs a failure compares.
 */
#ifndef MSHV_OPS_H
#define MSHV_OPS_H

#include <stddef.h>
#include <stdint.h>
#include <mshv/hvhdk.h>
#include <mshv/uapi.h>

#define PAGE_BYTES	((uint64_t)MSHV_HV_PAGE_SIZE)

/* Bits of struct mshv_user_mem_region.flags and of pt_flags */
#define MEM_R		0
#define MEM_W		(1u << MSHV_SET_MEM_BIT_WRITABLE)
#define MEM_X		(1u << MSHV_SET_MEM_BIT_EXECUTABLE)
#define MEM_UNMAP	(1u << MSHV_SET_MEM_BIT_UNMAP)
#define PT(name)	(1ull << MSHV_PT_BIT_##name)

/*
 * A structure that ends with an array of no size, and room for @n elements of it:
 * only GNU C would have them as a member behind it.
 */
#define WITH_ARRAY(type, array, n)					\
	union {								\
		type head;						\
		uint8_t room[sizeof(type) + (n) * sizeof(((type *)0)->array[0])]; \
	}

int mshv_ioctl(int fd, unsigned long request, const void *arg);

/* /dev/mshv */
int dev_open(void);
int partition_create(int dev, uint64_t pt_flags);
int partition_create_v2(int dev, const struct mshv_create_partition_v2 *args);

/* Partition */
int partition_initialize(int pt);
int memory_map(int pt, uint64_t gpa, const void *host, uint64_t bytes,
	       unsigned int flags);
int memory_unmap(int pt, uint64_t gpa, const void *host, uint64_t bytes);
int vp_create(int pt, uint32_t vp_index);
/* The routing table becomes this one MSI. */
int route_one(int pt, uint32_t gsi, uint32_t address_lo, uint32_t data);

/* VP */
int vp_run(int vp, struct hv_message *message);
void *vp_state_page(int vp, unsigned int offset, int prot);
/*
 * MSHV_GET_VP_STATE or MSHV_SET_VP_STATE. @bytes is how many @buf has, and then what the
 * kernel makes of it.
 */
int vp_state(int vp, unsigned long request, unsigned int type, void *buf, uint32_t *bytes);
/* The same with a page. */
int vp_get_state(int vp, unsigned int type, void *page);
int vp_set_state(int vp, unsigned int type, void *page);

/*
 * Hypercalls. @fd is of the device, a partition or a VP. The kernel puts the
 * partition id into the first eight bytes of the input. @hv_status may be NULL.
 */
struct hvcall {
	uint16_t code, reps, in_bytes, out_bytes;
	const void *in;
	void *out;
	uint16_t status;	/* out: HV_STATUS_* */
	uint16_t reps_done;	/* out */
};

int hvcall(int fd, struct hvcall *call);
int vp_get_registers(int fd, uint32_t vp_index, const uint32_t *names,
		     union hv_register_value *values, unsigned int count);
int vp_set_registers(int fd, uint32_t vp_index,
		     const struct hv_register_assoc *regs, unsigned int count);
int vp_get_reg64(int fd, uint32_t vp_index, uint32_t name, uint64_t *value);
int vp_set_reg64(int fd, uint32_t vp_index, uint32_t name, uint64_t value);
int partition_get_property(int fd, uint32_t code, uint64_t *value);
int partition_set_property(int pt, uint32_t code, uint64_t value);
/* The same, but the hypervisor's status (> 0) for what it refuses: its errno varies. */
int partition_set_property_status(int pt, uint32_t code, uint64_t value);
int partition_install_intercept(int pt, uint32_t type, uint32_t access,
				uint64_t parameter);

/* Memory of the test, page-aligned and zero; NULL if there is none. */
void *pages_alloc(uint64_t bytes);

#endif /* MSHV_OPS_H */
