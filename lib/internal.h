/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * What the files of the library share. Names start with libmshv_ so that the
 * static library has no symbol outside its prefix.
 */
#ifndef LIBMSHV_INTERNAL_H
#define LIBMSHV_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <mshv/error.h>
#include <mshv/mshv.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* What LIBMSHV_ARCH_NATIVE stands for. */
#if defined(__x86_64__)
#define LIBMSHV_ARCH_BUILT	LIBMSHV_ARCH_X64
#else
#define LIBMSHV_ARCH_BUILT	LIBMSHV_ARCH_ARM64
#endif

/* What the compiler can't know: which way things usually go. */
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

/*
 * Sizes that struct mshv_partition_options can have: that of the first version
 * that had it, and one that no version will have.
 */
#define LIBMSHV_OPTIONS_SIZE_MIN	sizeof(struct mshv_partition_options)
#define LIBMSHV_OPTIONS_SIZE_MAX	4096

#define LIBMSHV_PAYLOAD_TOO_SHORT	"message: payload too short"

struct mshv_dev {
	atomic_uint refs;
	int fd;
};

struct mshv_partition {
	atomic_uint refs;
	int fd;
	bool no_lapic;			/* created without; else not known */
	struct mshv_dev *dev;		/* NULL if made from a fd alone */

	/* The registries of its memory, for the log of written pages. */
	pthread_mutex_t lock;
	struct mshv_memory *memories;
};

struct libmshv_region {
	uint64_t gpa, last;		/* addresses of first and last byte */
	char *addr;
	uint32_t flags;			/* what the guest may do */
	_Atomic uint64_t *written;	/* by others than the guest: a bit a page */
};

struct mshv_memory {
	struct mshv_partition *partition;
	struct mshv_memory *next;	/* of the same partition, by its lock */
	struct libmshv_region *regions;	/* sorted, none overlaps another */
	size_t count, room;
	/*
	 * Whoever changes the table has both locks. The second is held for
	 * moments: never while the kernel is asked or the caller called back.
	 */
	pthread_mutex_t change;
	pthread_rwlock_t table;
};

struct mshv_vp {
	int fd;
	int run_fd;			/* the same, unless it can be kicked */
	uint32_t index;
	struct mshv_partition *partition;	/* NULL if made from a fd alone */
	struct hv_vp_register_page *page;	/* NULL if there is none */

	/* What is written after each run; together, so that it is one store. */
	struct vp_state {
		bool has_message;
		bool io_done;		/* the instruction of that message */
		/* The page says what the hypervisor thinks (registers.c). */
		bool page_current;
		/* ... but not about the control registers. */
		bool control_stale;
	} state;

	struct {
		int signo;		/* 0: can't be kicked */
		int no_fd;		/* what run_fd becomes by a kick */
		_Atomic pid_t tid;	/* of the last thread that ran the VP */
	} kick;

	/*
	 * Where mshv_vp_run() puts the message: a call with the same argument
	 * as the last one knows that it isn't NULL, that the VP can't be
	 * kicked, and that nobody wanted a trace. Else libmshv_no_out(), which is no call's argument.
	 */
	const struct hv_message **out;

	/*
	 * The kernel always copies the message here, so this copy is what the
	 * caller sees. Mapping the intercept message page as well would save
	 * nothing, and its bytes could change between a check and a use.
	 */
	union {
		struct mshv_run_vp run;
		struct hv_message message;
	} buf;
};

static inline const struct hv_message **libmshv_no_out(struct mshv_vp *vp)
{
	return (void *)vp;
}

static inline size_t libmshv_min(uint64_t a, size_t b)
{
	return a < b ? (size_t)a : b;
}

/* error.c */
int libmshv_fail(int errnum, const char *what);
int libmshv_fail_ioctl(int errnum, uint32_t request, const char *what);
void libmshv_error_set_hvcall(uint16_t code, uint16_t status);
void libmshv_error_set_index(size_t index);
void libmshv_error_set_what(const char *what);
void libmshv_error_restore(const struct mshv_error *before);

/* sys.c */
int libmshv_ioctl(int fd, uint32_t request, const void *arg, const char *what);
int libmshv_ioctl0(int fd, uint32_t request, const void *arg, const char *what);
int libmshv_fd_check(int fd, const char *what);
void libmshv_fd_close(int fd);
bool libmshv_all_zero(const void *p, size_t size);

/* trace.c: NULL if nobody listens; else call the other, which returns @ret. */
extern mshv_trace_fn libmshv_trace_hook __attribute__((visibility("hidden")));
__attribute__((cold))
int libmshv_trace(int fd, uint32_t request, const void *arg, int ret);

/* partition.c, device.c: references that children hold; NULL is fine */
struct mshv_dev *libmshv_dev_get(struct mshv_dev *dev);
struct mshv_partition *libmshv_partition_get(struct mshv_partition *partition);

/* hvcall.c: a hypercall of which some elements failed is one that failed */
struct libmshv_call {
	const char *what;
	uint16_t code;
	uint16_t reps;		/* 0 unless the call takes a list */
	const void *in;
	size_t in_size;
	void *out;
	size_t out_size;
	bool once;		/* an element that is done changes what it finds */
};

int libmshv_hvcall(int fd, const struct libmshv_call *call);
int libmshv_batch_failed(int ret, size_t done);
uint16_t libmshv_batch_size(size_t left, size_t max);

/* kick.c */
int libmshv_kick_before_run(struct mshv_vp *vp);
int libmshv_kick_after_run(struct mshv_vp *vp, int ret);
void libmshv_kick_close(struct mshv_vp *vp);

#if defined(__x86_64__)
/* Whether the register page exists, and is one that we know how to read. */
static inline bool libmshv_page_valid(const struct mshv_vp *vp)
{
	return vp->page && vp->page->isvalid &&
	       vp->page->version == HV_VP_REGISTER_PAGE_VERSION_1;
}
#endif

/* RIP behind the instruction. Outside of 64-bit code it has 32 bits. */
static inline uint64_t
libmshv_next_rip(const struct hv_x64_intercept_message_header *header)
{
	uint64_t rip = header->rip + header->instruction_length;

	if (header->execution_state.efer_lma && header->cs_segment._long)
		return rip;
	return (uint32_t)rip;
}

/* memory.c */
int libmshv_memory_range_check(const struct mshv_partition *partition,
			       uint64_t gpa, const void *addr,
			       uint64_t size_bytes);

/* dirty.c: of a part of @region, whose table is locked; after the write */
void libmshv_dirty_mark(const struct libmshv_region *region, uint64_t gpa,
			uint64_t size_bytes);

/* regions.c: what the table says is true until it is unlocked */
void libmshv_memory_lock(const struct mshv_memory *memory);
void libmshv_memory_unlock(const struct mshv_memory *memory);
size_t libmshv_region_find(const struct mshv_memory *memory, uint64_t gpa);
const struct libmshv_region *
libmshv_region_at(const struct mshv_memory *memory, uint64_t gpa);

/* An access that the guest makes, or whose place is being looked at. */
enum libmshv_access {
	LIBMSHV_ACCESS_READ,
	LIBMSHV_ACCESS_WRITE,
	LIBMSHV_ACCESS_MAY_WRITE,	/* touches nothing */
};

/* gva.c: as mshv_vp_read_gva() and mshv_vp_write_gva(), many times */
int libmshv_copy_gva(const struct mshv_x64_paging *paging,
		     const struct mshv_memory *memory, uint64_t gva,
		     uint64_t flags, char *buf, size_t size,
		     enum libmshv_access access, struct mshv_walk *walk);

/* registers.c: @vp's page has nothing any more that the hypervisor lacks */
int libmshv_page_flush(struct mshv_vp *vp);

/* What is wrong with a message about a port access; NULL: nothing. */
static inline const char *libmshv_io_port_flaw(const struct hv_message *message)
{
	const struct hv_x64_io_port_intercept_message *io =
		(const void *)message->u.payload;
	unsigned int size = io->access_info.access_size;
	size_t stated = message->header.payload_size;

	if (stated && stated < sizeof(*io))
		return LIBMSHV_PAYLOAD_TOO_SHORT;
	if (size != 1 && size != 2 && size != 4)
		return "message: port access of odd size";
	if (io->header.intercept_access_type > HV_INTERCEPT_ACCESS_WRITE)
		return "message: port access neither read nor write";
	return NULL;
}

#endif /* LIBMSHV_INTERNAL_H */
