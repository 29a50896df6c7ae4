// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
#include "config.h"

#include <sys/mman.h>
#include <unistd.h>

#include "fake-linux-6-15.h"

static const uint16_t passed_on[] = {
	0x44, 0x45, 0x4d, 0x50, 0x51, 0x52, 0x56, 0x91, 0x94, 0xc0, 0xc1, 0xc9,
	0xf4,
};

struct linux_6_15 k;

static int refuse(int err)
{
	errno = err;
	return -1;
}

/* ---------------------------------------------------------- the hypervisor */

static union hv_register_value *reg(uint32_t name)
{
	size_t i;

	for (i = 0; i < REGISTERS; i++) {
		/* HV_REGISTER_EXPLICIT_SUSPEND is 0 */
		if (!k.regs[i].name)
			k.regs[i].name = name + 1;
		if (k.regs[i].name == name + 1)
			return &k.regs[i].value;
	}
	fail_msg("no room for register 0x%x", name);
	return NULL;
}

uint64_t *property(uint32_t code)
{
	size_t i;

	for (i = 0; i < PROPERTIES; i++) {
		if (!k.properties[i].code)
			k.properties[i].code = code;
		if (k.properties[i].code == code)
			return &k.properties[i].value;
	}
	fail_msg("no room for property 0x%x", code);
	return NULL;
}

static uint16_t page_states(const struct hv_input_get_gpa_pages_access_state *in,
			    uint8_t *out, uint16_t count)
{
	uint16_t i;

	for (i = 0; i < count; i++) {
		uint8_t *page = &k.access[in->hv_gpa_page_number + i];

		assert_true(in->hv_gpa_page_number + i < PAGES);
		out[i] = *page;
		if (in->flags.clear_dirty)
			*page &= (uint8_t)~2;
		if (in->flags.set_dirty)
			*page |= 3;
	}
	return HV_STATUS_SUCCESS;
}

/* Its status. */
static uint16_t hypercall(uint16_t code, const void *input, void *output,
			  uint16_t reps)
{
	const struct hv_input_get_vp_registers *get = input;
	const struct hv_input_set_vp_registers *set = input;
	const struct hv_input_set_partition_property *prop = input;
	union hv_register_value *values = output;
	uint16_t i;

	switch (code) {
	case HVCALL_GET_PARTITION_PROPERTY:
		*(uint64_t *)output = *property(prop->property_code);
		return HV_STATUS_SUCCESS;
	case HVCALL_SET_PARTITION_PROPERTY:
		*property(prop->property_code) = prop->property_value;
		return HV_STATUS_SUCCESS;
	case HVCALL_GET_VP_REGISTERS:
		for (i = 0; i < reps; i++)
			values[i] = *reg(get->names[i]);
		return HV_STATUS_SUCCESS;
	case HVCALL_SET_VP_REGISTERS:
		for (i = 0; i < reps; i++)
			*reg(set->elements[i].name) = set->elements[i].value;
		return HV_STATUS_SUCCESS;
	case HVCALL_GET_GPA_PAGES_ACCESS_STATES:
		return page_states(input, output, reps);
	case HVCALL_ASSERT_VIRTUAL_INTERRUPT:
	case HVCALL_CLEAR_VIRTUAL_INTERRUPT:
		k.interrupts++;
		return HV_STATUS_SUCCESS;
	case HVCALL_POST_MESSAGE_DIRECT:
		k.messages++;
		return HV_STATUS_SUCCESS;
	case HVCALL_GET_VP_CPUID_VALUES:
		for (i = 0; i < reps; i++)
			((uint32_t *)output)[4 * i] = 0x100u + i;
		return HV_STATUS_SUCCESS;
	case HVCALL_TRANSLATE_VIRTUAL_ADDRESS:
		memset(output, 0, 16);
		((uint64_t *)output)[1] = 0x77;
		return HV_STATUS_SUCCESS;
	}
	return HV_STATUS_SUCCESS;
}

/* -------------------------------------------------------------- the driver */

static int root_hvcall(struct mshv_root_hvcall *args)
{
	void *output = (void *)(uintptr_t)args->out_ptr;
	uint64_t input[512];
	size_t i;

	if (args->status || !args->in_ptr || args->in_sz < 8 ||
	    args->in_sz > 4096 || (output && (!args->out_sz || args->out_sz > 4096)))
		return refuse(EINVAL);
	for (i = 0; i < ARRAY_SIZE(passed_on); i++)
		if (passed_on[i] == args->code)
			break;
	if (i == ARRAY_SIZE(passed_on))
		return refuse(EINVAL);
	if (!fake_readable((void *)(uintptr_t)args->in_ptr, args->in_sz))
		return refuse(EFAULT);
	memcpy(input, (void *)(uintptr_t)args->in_ptr, args->in_sz);
	input[0] = 0x1234;

	if (output)
		memset(output, 0xdb, args->out_sz);
	if (k.hungry && !k.fed) {
		k.fed = true;
		k.deposits++;
		args->status = HV_STATUS_INSUFFICIENT_MEMORY;
		args->reps = 0;
		return refuse(EAGAIN);
	}
	k.fed = false;
	args->status = hypercall(args->code, input, output, args->reps);
	return 0;
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

static int set_memory(const struct mshv_user_mem_region *mem)
{
	struct mshv_user_mem_region *free_one = NULL, *r;
	bool unmap = mem->flags & 1 << MSHV_SET_MEM_BIT_UNMAP;

	if (!mem->size || mem->size % 4096 || mem->userspace_addr % 4096 ||
	    mem->flags > 7)
		return refuse(EINVAL);
	for (r = k.regions; r < k.regions + REGIONS; r++) {
		if (!r->size) {
			free_one = r;
			continue;
		}
		if (unmap && r->guest_pfn == mem->guest_pfn &&
		    r->size == mem->size &&
		    r->userspace_addr == mem->userspace_addr) {
			memset(r, 0, sizeof(*r));
			return 0;
		}
		if (!unmap &&
		    (overlap(r->guest_pfn, r->size / 4096, mem->guest_pfn,
			     mem->size / 4096) ||
		     overlap(r->userspace_addr, r->size, mem->userspace_addr,
			     mem->size)))
			return refuse(EEXIST);
	}
	if (unmap)
		return refuse(EINVAL);
	assert_non_null(free_one);
	*free_one = *mem;
	return 0;
}

static int access_bitmap(const struct mshv_gpap_access_bitmap *args)
{
	uint8_t *bits = (uint8_t *)(uintptr_t)args->bitmap_ptr;
	uint64_t i;

	memset(bits, 0, (args->page_count + 7) / 8);
	for (i = 0; i < args->page_count; i++) {
		uint8_t *page = &k.access[args->gpap_base + i];

		assert_true(args->gpap_base + i < PAGES);
		if (*page & 2)
			bits[i / 8] |= (uint8_t)(1u << i % 8);
		if (args->access_op == MSHV_GPAP_ACCESS_OP_CLEAR)
			*page &= (uint8_t)~2;
		else
			*page |= 3;
	}
	return 0;
}

static int vp_state(struct mshv_get_set_vp_state *args, bool set)
{
	static const uint32_t sizes[] = { 4096, 832, 4096, 4096, 200 };
	uint32_t room = args->buf_sz;
	void *buf = (void *)(uintptr_t)args->buf_ptr;

	if (args->type >= ARRAY_SIZE(sizes) || !room || room % 4096 ||
	    args->buf_ptr % 4096)
		return refuse(EINVAL);
	args->buf_sz = sizes[args->type];
	if (args->buf_sz > room)
		return refuse(EINVAL);
	if (set)
		memcpy(k.states[args->type], buf, args->buf_sz);
	else
		memcpy(buf, k.states[args->type], args->buf_sz);
	return 0;
}

static int create_partition(const struct mshv_create_partition *args)
{
	if (args->pt_flags & ~V1_FLAGS || args->pt_isolation)
		return refuse(EINVAL);
	k.flags = args->pt_flags;
	return k.partition = fake_no_page_fd();
}

static int create_vp(const struct mshv_create_vp *args)
{
	void *page;

	if (k.vp >= 0)
		return refuse(EEXIST);
	assert_int_equal(args->vp_index, 0);
	assert_true(k.initialized);
	k.vp = fake_page_fd(&page);
	((struct hv_vp_register_page *)page)->version =
		HV_VP_REGISTER_PAGE_VERSION_1;
	munmap(page, (size_t)sysconf(_SC_PAGESIZE));
	return k.vp;
}

static int on_partition(uint32_t request, void *arg)
{
	switch (request) {
	case MSHV_INITIALIZE_PARTITION:
		k.initialized = true;
		return 0;
	case MSHV_CREATE_VP:
		return create_vp(arg);
	case MSHV_SET_GUEST_MEMORY:
		return set_memory(arg);
	case MSHV_IRQFD:
		k.irqfds++;
		return 0;
	case MSHV_IOEVENTFD:
		k.ioeventfds++;
		return 0;
	case MSHV_SET_MSI_ROUTING:
		k.routes = ((struct mshv_user_irq_table *)arg)->nr;
		return 0;
	case MSHV_GET_GPAP_ACCESS_BITMAP:
		return access_bitmap(arg);
	case MSHV_ROOT_HVCALL:
		return root_hvcall(arg);
	}
	return refuse(ENOTTY);
}

static int on_vp(uint32_t request, void *arg)
{
	switch (request) {
	case MSHV_RUN_VP:
		memset(arg, 0, sizeof(struct mshv_run_vp));
		*(uint32_t *)arg = HVMSG_X64_HALT;
		return 0;
	case MSHV_GET_VP_STATE:
		return vp_state(arg, false);
	case MSHV_SET_VP_STATE:
		return vp_state(arg, true);
	case MSHV_ROOT_HVCALL:
		/* asynchronous: on a partition's fd only */
		if (((struct mshv_root_hvcall *)arg)->code ==
		    HVCALL_SET_PARTITION_PROPERTY)
			return refuse(EINVAL);
		return root_hvcall(arg);
	}
	return refuse(ENOTTY);
}

int driver(int fd, uint32_t request, void *arg)
{
	if (fd == k.dev)
		return request == MSHV_CREATE_PARTITION ? create_partition(arg) :
							  refuse(ENOTTY);
	if (fd == k.partition)
		return on_partition(request, arg);
	assert_int_equal(fd, k.vp);
	return on_vp(request, arg);
}
