// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest.h"
#include "guest_vm.h"
#include "mshv_env.h"
#include "sim.h"

/* Page tables */
#define PTE_P		0x1ull
#define PTE_W		0x2ull
#define PTE_PS		0x80ull
#define PTE_ADDRESS	0x000ffffffffff000ull
#define LARGE_BYTES	(2ull << 20)
#define DIRECT_BYTES	(4ull << 30)

/* Control registers */
#define CR0_LONG	0x80010033ull	/* PG WP NE ET MP PE */
#define CR4_LONG	0x620ull	/* OSXMMEXCPT OSFXSR PAE */
#define EFER_LONG	0x500ull	/* LMA LME */
#define RFLAGS_FIXED	0x2ull

/* Segment attributes, as in the high word of a descriptor. */
#define SEG_CODE64	0xa09b
#define SEG_DATA	0xc093
#define SEG_TSS64	0x008b
#define SEG_LDT		0x0082
#define SEG_CODE16	0x009b
#define SEG_DATA16	0x0093

#define STACK_BYTES	(4 * PAGE_BYTES)
#define STUB_BYTES	16

extern const char guest_stubs[];

uint64_t guest_alloc(struct guest *g, uint64_t bytes)
{
	uint64_t gpa = g->next_gpa;

	bytes = (bytes + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	if (gpa + bytes > GUEST_RAM_BYTES)
		return 0;
	g->next_gpa += bytes;
	return gpa;
}

void *guest_host(struct guest *g, uint64_t gpa)
{
	return g->ram + gpa;
}

void *guest_copy_of(struct guest *g, const void *object)
{
	return guest_host(g, g->image_gpa + ((uintptr_t)object - g->image));
}

/* The entry for @va in a table, and the next table, made if there is none. */
static uint64_t *next_table(struct guest *g, uint64_t *table, uint64_t va, int level)
{
	uint64_t *entry = &table[(va >> (12 + 9 * level)) & 511];

	if (!*entry) {
		uint64_t gpa = guest_alloc(g, PAGE_BYTES);

		if (!gpa)
			return NULL;
		*entry = gpa | PTE_P | PTE_W;
	}
	return guest_host(g, *entry & PTE_ADDRESS);
}

static int map(struct guest *g, uint64_t va, uint64_t gpa, int leaf_level)
{
	uint64_t *table = guest_host(g, g->cr3);
	int level;

	for (level = 3; level > leaf_level; level--) {
		table = next_table(g, table, va, level);
		if (!table)
			return -ENOMEM;
	}
	table[(va >> (12 + 9 * leaf_level)) & 511] =
		gpa | PTE_P | PTE_W | (leaf_level ? PTE_PS : 0);
	return 0;
}

int guest_map_page(struct guest *g, uint64_t va, uint64_t gpa)
{
	return map(g, va, gpa, 0);
}

/* From and to where the program is loaded. */
static int image_bounds(struct dl_phdr_info *info, size_t size, void *data)
{
	struct guest *g = data;
	uint64_t first = UINT64_MAX, last = 0, from, to;
	int i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		if (info->dlpi_phdr[i].p_type != PT_LOAD)
			continue;
		from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
		to = from + info->dlpi_phdr[i].p_memsz;
		first = from < first ? from : first;
		last = to > last ? to : last;
	}
	g->image = first & ~(PAGE_BYTES - 1);
	g->image_bytes = last - g->image;
	return 1;	/* the first object is the program: enough */
}

/* Segments may have gaps between them, which nobody may read. */
static int image_copy(struct dl_phdr_info *info, size_t size, void *data)
{
	struct guest *g = data;
	uint64_t va;
	int i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		if (info->dlpi_phdr[i].p_type != PT_LOAD)
			continue;
		va = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
		memcpy(guest_copy_of(g, (void *)va), (void *)va,
		       info->dlpi_phdr[i].p_memsz);
	}
	return 1;
}

static int load_image(struct guest *g)
{
	uint64_t offset;
	int ret;

	dl_iterate_phdr(image_bounds, g);
	g->image_gpa = guest_alloc(g, g->image_bytes);
	if (!g->image_gpa)
		return -ENOMEM;
	dl_iterate_phdr(image_copy, g);
	for (offset = 0; offset < g->image_bytes; offset += PAGE_BYTES) {
		ret = map(g, g->image + offset, g->image_gpa + offset, 0);
		if (ret)
			return ret;
	}
	return 0;
}

static int make_tables(struct guest *g)
{
	uint64_t gpa, *gdt;
	struct {
		uint16_t offset0, selector, type, offset1;
		uint32_t offset2, reserved;
	} *idt;
	uintptr_t stub;
	int i, ret;

	g->cr3 = guest_alloc(g, PAGE_BYTES);
	g->gdt = guest_alloc(g, PAGE_BYTES);
	g->idt = guest_alloc(g, PAGE_BYTES);

	for (gpa = 0; gpa < DIRECT_BYTES; gpa += LARGE_BYTES) {
		ret = map(g, GUEST_DIRECT + gpa, gpa, 1);
		if (ret)
			return ret;
	}

	gdt = guest_host(g, g->gdt);
	gdt[GUEST_CS / 8] = 0x00af9b000000ffffull;
	gdt[GUEST_DS / 8] = 0x00cf93000000ffffull;

	idt = guest_host(g, g->idt);
	for (i = 0; i < 256; i++) {
		stub = (uintptr_t)guest_stubs + i * STUB_BYTES;
		idt[i].offset0 = stub;
		idt[i].selector = GUEST_CS;
		idt[i].type = 0x8e00;	/* interrupt gate */
		idt[i].offset1 = stub >> 16;
		idt[i].offset2 = stub >> 32;
	}
	return 0;
}

/* Not by sim_open(): $MSHV_NO_SIM makes no hypervisor of it that runs guests. */
const char *guest_missing(void)
{
	struct mshv_sim_probe probe;
	int ctl = open(MSHV_SIM_DEVICE, O_RDWR | O_CLOEXEC), ret;

	if (ctl < 0)
		return errno == ENOENT ? NULL : "cannot ask mshv_sim whether guests run";
	ret = sim_probe(ctl, &probe);
	close(ctl);
	if (!ret && (probe.features & MSHV_SIM_HAS_GUESTS))
		return NULL;
	return "mshv_sim runs no guests: it needs a CPU with AMD SVM, and engine=svm or auto";
}

int guest_require(char *why, size_t size)
{
	int ret = env_require_device(why, size);
	const char *missing = ret ? NULL : guest_missing();

	if (!missing)
		return ret;
	snprintf(why, size, "%s", missing);
	return -ENODEV;
}

int guest_create(struct guest *g, uint64_t pt_flags)
{
	return guest_create_with(g, pt_flags, 0);
}

/* The partition is there: what every guest has in it. */
static int guest_furnish(struct guest *g, uint64_t features)
{
	int ret = 0;

	if (features)
		ret = partition_set_property(g->pt,
					     HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
					     features);
	if (!ret)
		ret = partition_initialize(g->pt);
	if (ret)
		return ret;

	g->ram = pages_alloc(GUEST_RAM_BYTES);
	if (!g->ram)
		return -ENOMEM;
	/*
	 * F46: after a fork() the guest would keep pages of a large one that were copied.
	 * Without large pages (EINVAL) there is nothing to ask for.
	 */
	if (madvise(g->ram, GUEST_RAM_BYTES, MADV_NOHUGEPAGE) && errno != EINVAL)
		return -errno;
	ret = memory_map(g->pt, 0, g->ram, GUEST_RAM_BYTES, MEM_W | MEM_X);
	if (ret)
		return ret;

	g->next_gpa = GUEST_REAL_GPA + PAGE_BYTES;
	ret = make_tables(g);
	return ret ? ret : load_image(g);
}

int guest_create_privileged(struct guest *g, uint64_t pt_flags, uint64_t features,
			    uint64_t privileges)
{
	int ret = 0;

	memset(g, 0, sizeof(*g));
	g->dev = dev_open();
	if (g->dev < 0)
		return g->dev;
	g->pt = partition_create(g->dev, pt_flags);
	if (g->pt < 0)
		return g->pt;
	if (privileges)
		ret = partition_set_property(g->pt, HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS,
					     privileges);
	return ret ? ret : guest_furnish(g, features);
}

int guest_create_with(struct guest *g, uint64_t pt_flags, uint64_t features)
{
	return guest_create_privileged(g, pt_flags, features, 0);
}

int guest_create_v2(struct guest *g, const struct mshv_create_partition_v2 *args)
{
	memset(g, 0, sizeof(*g));
	g->dev = dev_open();
	if (g->dev < 0)
		return g->dev;
	g->pt = partition_create_v2(g->dev, args);
	return g->pt < 0 ? g->pt : guest_furnish(g, 0);
}

static struct hv_register_assoc reg64(uint32_t name, uint64_t value)
{
	struct hv_register_assoc reg = { .name = name };

	reg.value.reg64 = value;
	return reg;
}

static struct hv_register_assoc segment(uint32_t name, uint64_t base,
					uint32_t limit, uint16_t selector,
					uint16_t attributes)
{
	struct hv_register_assoc reg = { .name = name };

	reg.value.segment.base = base;
	reg.value.segment.limit = limit;
	reg.value.segment.selector = selector;
	reg.value.segment.attributes = attributes;
	return reg;
}

static struct hv_register_assoc table(uint32_t name, uint64_t base, uint16_t limit)
{
	struct hv_register_assoc reg = { .name = name };

	reg.value.table.base = base;
	reg.value.table.limit = limit;
	return reg;
}

static int add_vp(struct guest *g, uint32_t index)
{
	int fd;

	if (index >= GUEST_VPS_MAX)
		return -EINVAL;
	fd = vp_create(g->pt, index);
	if (fd >= 0)
		g->vp[index].fd = fd;
	return fd;
}

int guest_add_vp(struct guest *g, uint32_t index, guest_fn *main, uint64_t arg)
{
	uint64_t self = guest_alloc(g, PAGE_BYTES);
	uint64_t tss = guest_alloc(g, PAGE_BYTES);
	uint64_t stack = guest_alloc(g, STACK_BYTES);
	struct guest_self *s = guest_host(g, self);
	int ret = add_vp(g, index);

	if (ret < 0)
		return ret;
	if (!self || !tss || !stack)
		return -ENOMEM;

	g->vp[index].self = s;
	s->self = guest_ptr(self);
	s->main = main;
	s->main_arg = arg;
	s->vp_index = index;

	const struct hv_register_assoc regs[] = {
		segment(HV_X64_REGISTER_CS, 0, UINT32_MAX, GUEST_CS, SEG_CODE64),
		segment(HV_X64_REGISTER_DS, 0, UINT32_MAX, GUEST_DS, SEG_DATA),
		segment(HV_X64_REGISTER_ES, 0, UINT32_MAX, GUEST_DS, SEG_DATA),
		segment(HV_X64_REGISTER_FS, 0, UINT32_MAX, GUEST_DS, SEG_DATA),
		segment(HV_X64_REGISTER_GS, GUEST_DIRECT + self, UINT32_MAX,
			GUEST_DS, SEG_DATA),
		segment(HV_X64_REGISTER_SS, 0, UINT32_MAX, GUEST_DS, SEG_DATA),
		segment(HV_X64_REGISTER_TR, GUEST_DIRECT + tss, 0x67, 0x18, SEG_TSS64),
		segment(HV_X64_REGISTER_LDTR, 0, 0xffff, 0, SEG_LDT),
		table(HV_X64_REGISTER_GDTR, GUEST_DIRECT + g->gdt, 3 * 8 - 1),
		table(HV_X64_REGISTER_IDTR, GUEST_DIRECT + g->idt, 256 * 16 - 1),
		reg64(HV_X64_REGISTER_CR0, CR0_LONG),
		reg64(HV_X64_REGISTER_CR3, g->cr3),
		reg64(HV_X64_REGISTER_CR4, CR4_LONG),
		reg64(HV_X64_REGISTER_EFER, EFER_LONG),
		reg64(HV_X64_REGISTER_RIP, (uintptr_t)guest_start),
		reg64(HV_X64_REGISTER_RFLAGS, RFLAGS_FIXED),
		/* As if it had just been called. */
		reg64(HV_X64_REGISTER_RSP, GUEST_DIRECT + stack + STACK_BYTES - 8),
	};

	return vp_set_registers(g->vp[index].fd, index, regs,
				ARRAY_SIZE(regs));
}

int guest_add_real_vp(struct guest *g, uint32_t index, const void *code, size_t bytes)
{
	const struct hv_register_assoc regs[] = {
		segment(HV_X64_REGISTER_CS, 0, 0xffff, 0, SEG_CODE16),
		segment(HV_X64_REGISTER_DS, 0, 0xffff, 0, SEG_DATA16),
		segment(HV_X64_REGISTER_ES, 0, 0xffff, 0, SEG_DATA16),
		segment(HV_X64_REGISTER_SS, 0, 0xffff, 0, SEG_DATA16),
		reg64(HV_X64_REGISTER_RIP, GUEST_REAL_GPA),
		reg64(HV_X64_REGISTER_RFLAGS, RFLAGS_FIXED),
		reg64(HV_X64_REGISTER_RSP, GUEST_REAL_GPA),
	};
	int ret;

	if (bytes > PAGE_BYTES)
		return -E2BIG;
	ret = add_vp(g, index);
	if (ret < 0)
		return ret;
	memcpy(guest_host(g, GUEST_REAL_GPA), code, bytes);
	return vp_set_registers(g->vp[index].fd, index, regs,
				ARRAY_SIZE(regs));
}

int guest_get_reg(struct guest *g, uint32_t index, uint32_t name, uint64_t *value)
{
	return vp_get_reg64(g->vp[index].fd, index, name, value);
}

int guest_set_reg(struct guest *g, uint32_t index, uint32_t name, uint64_t value)
{
	return vp_set_reg64(g->vp[index].fd, index, name, value);
}

int guest_skip_instruction(struct guest *g, uint32_t index)
{
	const struct hv_x64_intercept_message_header *header = guest_header(g, index);

	return guest_set_reg(g, index, HV_X64_REGISTER_RIP,
			     header->rip + header->instruction_length);
}

/* The kind of call that the last message is; 0 if it is none. */
static uint32_t call_kind(const struct guest *g, uint32_t index)
{
	const struct hv_x64_io_port_intercept_message *io =
		guest_payload(g, index, hv_x64_io_port_intercept_message);

	if (!g->vp[index].self ||
	    g->vp[index].message.header.message_type != HVMSG_X64_IO_PORT_INTERCEPT ||
	    io->port_number != GUEST_PORT || io->access_info.string_op ||
	    io->header.intercept_access_type != HV_INTERCEPT_ACCESS_WRITE)
		return 0;
	return (uint32_t)io->rax;
}

int guest_run(struct guest *g, uint32_t index)
{
	struct guest_vp *vp = &g->vp[index];
	uint32_t kind;
	int ret;

	for (;;) {
		ret = vp_run(vp->fd, &vp->message);
		if (ret)
			return ret;
		kind = call_kind(g, index);
		if (!kind)
			return GUEST_EXIT;

		/* The guest is stopped, but it may still have written nonsense. */
		memcpy(vp->args, vp->self->args, sizeof(vp->args));
		memcpy(vp->text, vp->self->text, sizeof(vp->text));
		vp->text[sizeof(vp->text) - 1] = '\0';
		ret = guest_skip_instruction(g, index);
		if (ret)
			return ret;

		switch (kind) {
		case GUEST_CALL_SYNC:
			return GUEST_SYNC;
		case GUEST_CALL_DONE:
			return GUEST_DONE;
		case GUEST_CALL_FAIL:
			return GUEST_FAILED;
		case GUEST_CALL_PRINT:
			fprintf(stderr, "# guest VP %u: %s\n", index, vp->text);
			break;
		default:
			return -EPROTO;
		}
	}
}

const char *guest_describe(const struct guest *g, uint32_t index, int event)
{
	static char text[GUEST_TEXT + 128];
	const struct guest_vp *vp = &g->vp[index];
	const struct hv_x64_memory_intercept_message *memory =
		guest_payload(g, index, hv_x64_memory_intercept_message);
	const struct hv_x64_io_port_intercept_message *io =
		guest_payload(g, index, hv_x64_io_port_intercept_message);
	size_t n;

	if (event < 0) {
		snprintf(text, sizeof(text), "VP %u: %s", index, strerror(-event));
		return text;
	}
	switch (event) {
	case GUEST_SYNC:
	case GUEST_DONE:
		snprintf(text, sizeof(text), "VP %u: %s 0x%llx 0x%llx", index,
			 event == GUEST_SYNC ? "sync" : "done",
			 (unsigned long long)vp->args[0], (unsigned long long)vp->args[1]);
		break;
	case GUEST_FAILED:
		snprintf(text, sizeof(text), "VP %u failed: %s", index, vp->text);
		break;
	default:
		n = snprintf(text, sizeof(text), "VP %u: message 0x%x at rip 0x%llx",
			     index, vp->message.header.message_type,
			     (unsigned long long)io->header.rip);
		if (vp->message.header.message_type == HVMSG_X64_IO_PORT_INTERCEPT)
			snprintf(text + n, sizeof(text) - n, ", port 0x%x", io->port_number);
		else if (vp->message.header.message_type == HVMSG_UNMAPPED_GPA ||
			 vp->message.header.message_type == HVMSG_GPA_INTERCEPT)
			snprintf(text + n, sizeof(text) - n, ", gpa 0x%llx, access %u",
				 (unsigned long long)memory->guest_physical_address,
				 memory->header.intercept_access_type);
	}
	return text;
}
