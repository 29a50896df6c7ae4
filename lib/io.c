// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Finishing an intercepted port access. See <mshv/vp.h>.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "internal.h"

#if defined(__x86_64__)

/* What IN leaves in RAX. Writing EAX clears the upper half. */
static uint64_t merge_rax(uint64_t rax, uint32_t value, unsigned int size)
{
	switch (size) {
	case 1:
		return (rax & ~0xffULL) | (uint8_t)value;
	case 2:
		return (rax & ~0xffffULL) | (uint16_t)value;
	default:
		return value;
	}
}

/* What can't be said through the register page; @rax: NULL after an OUT. */
__attribute__((noinline, cold))
static int finish_by_hvcall(struct mshv_vp *vp, uint64_t rip,
			    const uint64_t *rax)
{
	struct hv_register_assoc regs[2];
	int ret;

	memset(regs, 0, sizeof(regs));
	regs[0].name = HV_X64_REGISTER_RIP;
	regs[0].value.reg64 = rip;
	regs[1].name = HV_X64_REGISTER_RAX;
	regs[1].value.reg64 = rax ? *rax : 0;
	ret = mshv_vp_set_registers(vp, regs, rax ? 2 : 1);
	vp->state.io_done = !ret;
	return ret;
}

__attribute__((noinline, cold))
static int finish_in_by_hvcall(struct mshv_vp *vp, uint64_t rip, uint64_t rax)
{
	return finish_by_hvcall(vp, rip, &rax);
}

/* Every port access comes here: nothing is called, and no stack is used. */
int mshv_vp_complete_io(struct mshv_vp *vp, uint32_t value)
{
	const struct hv_x64_io_port_intercept_message *io;
	uint64_t rip, rax;
	bool on_page;

	if (unlikely(!vp))
		return libmshv_fail(EINVAL, "complete I/O: NULL argument");
	if (unlikely(!vp->state.has_message || vp->state.io_done ||
		     vp->buf.message.header.message_type !=
		     HVMSG_X64_IO_PORT_INTERCEPT))
		return libmshv_fail(EINVAL,
				    "complete I/O: no port access is waiting");
	if (unlikely(libmshv_io_port_flaw(&vp->buf.message)))
		return libmshv_fail(EBADMSG, "complete I/O: malformed message");

	io = (const void *)vp->buf.message.u.payload;
	if (unlikely(io->access_info.string_op))
		return libmshv_fail(EOPNOTSUPP,
				    "complete I/O: string instruction");
	if (unlikely(!io->header.instruction_length))
		return libmshv_fail(EBADMSG,
				    "complete I/O: instruction length unknown");

	rip = libmshv_next_rip(&io->header);
	on_page = vp->state.page_current && libmshv_page_valid(vp);
	if (io->header.intercept_access_type == HV_INTERCEPT_ACCESS_READ) {
		rax = merge_rax(io->rax, value, io->access_info.access_size);
		if (unlikely(!on_page))
			return finish_in_by_hvcall(vp, rip, rax);
		vp->page->rax = rax;
		vp->page->dirty |= 1U << HV_X64_REGISTER_CLASS_GENERAL;
	} else if (unlikely(!on_page)) {
		return finish_by_hvcall(vp, rip, NULL);
	}
	vp->page->rip = rip;
	vp->page->dirty |= 1U << HV_X64_REGISTER_CLASS_IP;
	vp->state.io_done = true;
	return 0;
}

#else

int mshv_vp_complete_io(struct mshv_vp *vp, uint32_t value)
{
	(void)value;
	if (!vp)
		return libmshv_fail(EINVAL, "complete I/O: NULL argument");
	return libmshv_fail(EOPNOTSUPP, "complete I/O: x86_64 only");
}

#endif
