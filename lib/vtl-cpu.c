// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * A CPU of a paravisor: into VTL 0 and back. See <mshv/vtl.h>.
 *
 * The kernel uses the run page of the CPU that the thread is on, whatever the
 * fd was mapped with. A thread that moved would find its message in the page of
 * another one, so that is checked; the thread being bound, it stays true.
 */
#include "config.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mshv/vtl_run.h>

#include "vtl-internal.h"

#if defined(__x86_64__)

/* Page numbers in the VTL's file: drivers/hv/mshv_vtl_main.c, Linux 7.2. */
#define RUN_PAGE	0u
#define REGISTER_PAGE	(1u << 16)
#define CPU_MASK	(REGISTER_PAGE - 1)

struct mshv_vtl_cpu {
	struct mshv_vtl *vtl;
	uint32_t number;
	struct mshv_vtl_run *run;
	struct hv_vp_register_page *registers;	/* NULL if there is none */
};

_Static_assert(sizeof(struct hv_message) == MSHV_MAX_RUN_MSG_SIZE,
	       "the run page has no room for a message");

static void *map_page(int fd, uint32_t number)
{
	long size = sysconf(_SC_PAGESIZE);

	return mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    (off_t)number * size);
}

static void unmap_page(void *page)
{
	int saved = errno;

	if (page && page != MAP_FAILED)
		munmap(page, (size_t)sysconf(_SC_PAGESIZE));
	errno = saved;
}

static int check_cpu(uint32_t number, const char *what)
{
	int here = sched_getcpu();

	if (here < 0 || (uint32_t)here != number)
		return libmshv_fail(EINVAL, what);
	return 0;
}

int mshv_vtl_cpu_open(struct mshv_vtl *vtl, uint32_t number,
		      struct mshv_vtl_cpu **out)
{
	struct mshv_vtl_cpu *cpu;
	int ret;

	if (!out)
		return libmshv_fail(EINVAL, "open CPU: NULL argument");
	*out = NULL;
	if (!vtl)
		return libmshv_fail(EINVAL, "open CPU: NULL argument");
	if (number > CPU_MASK)
		return libmshv_fail(EINVAL, "open CPU: number out of range");
	ret = check_cpu(number, "open CPU: this thread is on another one");
	if (ret)
		return ret;

	cpu = calloc(1, sizeof(*cpu));
	if (!cpu)
		return libmshv_fail(ENOMEM, "open CPU: no memory");
	cpu->number = number;
	cpu->run = map_page(vtl->fd, RUN_PAGE | number);
	if (cpu->run != MAP_FAILED && vtl->has_register_page)
		cpu->registers = map_page(vtl->fd, REGISTER_PAGE | number);
	if (cpu->run == MAP_FAILED || (void *)cpu->registers == MAP_FAILED) {
		ret = libmshv_fail(errno, "open CPU: its pages can't be mapped");
		unmap_page(cpu->run);
		free(cpu);
		return ret;
	}
	cpu->vtl = libmshv_vtl_get(vtl);
	*out = cpu;
	return 0;
}

void mshv_vtl_cpu_close(struct mshv_vtl_cpu *cpu)
{
	if (!cpu)
		return;
	unmap_page(cpu->registers);
	unmap_page(cpu->run);
	mshv_vtl_close(cpu->vtl);
	free(cpu);
}

int mshv_vtl_cpu_run(struct mshv_vtl_cpu *cpu, const struct hv_message **message)
{
	int ret;

	if (message)
		*message = NULL;
	if (!cpu)
		return libmshv_fail(EINVAL, "run VTL 0: NULL argument");
	ret = check_cpu(cpu->number, "run VTL 0: this thread is on another CPU");
	if (ret)
		return ret;

	ret = mshv_ioctl_return_to_lower_vtl(cpu->vtl->fd);
	if (ret == -EINTR)
		/* Nobody else takes it back. One that comes now is for later. */
		__atomic_store_n(&cpu->run->cancel, 0, __ATOMIC_SEQ_CST);
	if (!ret && message)
		*message = (const void *)cpu->run->exit_message;
	return ret;
}

int mshv_vtl_cpu_cancel(struct mshv_vtl_cpu *cpu)
{
	if (!cpu)
		return libmshv_fail(EINVAL, "cancel VTL 0: NULL argument");
	__atomic_store_n(&cpu->run->cancel, 1, __ATOMIC_SEQ_CST);
	return 0;
}

struct mshv_vtl_cpu_context *mshv_vtl_cpu_context(struct mshv_vtl_cpu *cpu)
{
	return cpu ? &cpu->run->cpu_context : NULL;
}

struct hv_vp_register_page *mshv_vtl_cpu_register_page(struct mshv_vtl_cpu *cpu)
{
	return cpu ? cpu->registers : NULL;
}

int mshv_vtl_cpu_set_actions(struct mshv_vtl_cpu *cpu, const void *actions,
			     size_t size)
{
	if (!cpu || (!actions && size))
		return libmshv_fail(EINVAL, "set return actions: NULL argument");
	if (size > sizeof(cpu->run->vtl_ret_actions))
		return libmshv_fail(EINVAL, "set return actions: too long");
	if (size)
		memcpy(cpu->run->vtl_ret_actions, actions, size);
	__atomic_store_n(&cpu->run->vtl_ret_action_size, (uint32_t)size,
			 __ATOMIC_RELEASE);
	return 0;
}

#else

/* No such handle comes into being. */
int mshv_vtl_cpu_open(struct mshv_vtl *vtl, uint32_t number,
		      struct mshv_vtl_cpu **out)
{
	(void)vtl;
	(void)number;
	if (out)
		*out = NULL;
	return libmshv_fail(EOPNOTSUPP, "open CPU: x86_64 only");
}

void mshv_vtl_cpu_close(struct mshv_vtl_cpu *cpu)
{
	(void)cpu;
}

int mshv_vtl_cpu_run(struct mshv_vtl_cpu *cpu, const struct hv_message **message)
{
	(void)cpu;
	if (message)
		*message = NULL;
	return libmshv_fail(EINVAL, "run VTL 0: NULL argument");
}

int mshv_vtl_cpu_cancel(struct mshv_vtl_cpu *cpu)
{
	(void)cpu;
	return libmshv_fail(EINVAL, "cancel VTL 0: NULL argument");
}

struct mshv_vtl_cpu_context *mshv_vtl_cpu_context(struct mshv_vtl_cpu *cpu)
{
	(void)cpu;
	return NULL;
}

struct hv_vp_register_page *mshv_vtl_cpu_register_page(struct mshv_vtl_cpu *cpu)
{
	(void)cpu;
	return NULL;
}

int mshv_vtl_cpu_set_actions(struct mshv_vtl_cpu *cpu, const void *actions,
			     size_t size)
{
	(void)cpu;
	(void)actions;
	(void)size;
	return libmshv_fail(EINVAL, "set return actions: NULL argument");
}

#endif
