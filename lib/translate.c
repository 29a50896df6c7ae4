// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Guest virtual addresses of a VP. See <mshv/translate.h>.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include <mshv/ioctl.h>
#include <mshv/translate.h>

#include "internal.h"

int mshv_vp_translate_gva(struct mshv_vp *vp, uint64_t gva, uint64_t flags,
			  uint64_t *gpa, uint32_t *result)
{
	union hv_translate_gva_result answer;
	uint64_t raw, to;
	int ret;

	if (!vp || !gpa)
		return libmshv_fail(EINVAL, "translate: NULL argument");

	ret = mshv_hvcall_translate_virtual_address(vp->fd, vp->index, flags,
						    gva, &raw, &to);
	if (ret)
		return ret;
	answer.as_uint64 = raw;
	if (result)
		*result = answer.result_code;

	switch (answer.result_code) {
	case HV_TRANSLATE_GVA_SUCCESS:
		*gpa = to;
		return 0;
	case HV_TRANSLATE_GVA_PAGE_NOT_PRESENT:
	case HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION:
	case HV_TRANSLATE_GVA_INVALIDE_PAGE_TABLE_FLAGS:
		return libmshv_fail(EFAULT,
				    "translate: the guest's page tables refuse");
	case HV_TRANSLATE_GVA_GPA_UNMAPPED:
	case HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS:
	case HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS:
	case HV_TRANSLATE_GVA_GPA_ILLEGAL_OVERLAY_ACCESS:
	case HV_TRANSLATE_GVA_INTERCEPT:
	case HV_TRANSLATE_GVA_GPA_UNACCEPTED:
		return libmshv_fail(ENXIO,
				    "translate: guest memory isn't accessible");
	}
	return libmshv_fail(EPROTO, "translate: unknown result code");
}

#if defined(__x86_64__)

int mshv_vp_get_paging(struct mshv_vp *vp, struct mshv_x64_paging *paging)
{
	enum { CR0, CR3, CR4, EFER, RFLAGS, SS, COUNT };
	static const uint32_t names[COUNT] = {
		HV_X64_REGISTER_CR0, HV_X64_REGISTER_CR3, HV_X64_REGISTER_CR4,
		HV_X64_REGISTER_EFER, HV_X64_REGISTER_RFLAGS,
		HV_X64_REGISTER_SS,
	};
	struct hv_register_assoc regs[COUNT];
	size_t i;
	int ret;

	if (!paging)
		return libmshv_fail(EINVAL, "get paging: NULL argument");

	memset(regs, 0, sizeof(regs));
	for (i = 0; i < COUNT; i++)
		regs[i].name = names[i];
	ret = mshv_vp_get_registers(vp, regs, COUNT);
	if (ret)
		return ret;
	*paging = (struct mshv_x64_paging) {
		.cr0 = regs[CR0].value.reg64,
		.cr3 = regs[CR3].value.reg64,
		.cr4 = regs[CR4].value.reg64,
		.efer = regs[EFER].value.reg64,
		.rflags = regs[RFLAGS].value.reg64,
		.cpl = regs[SS].value.segment.descriptor_privilege_level,
	};
	return 0;
}

#else

int mshv_vp_get_paging(struct mshv_vp *vp, struct mshv_x64_paging *paging)
{
	(void)vp;
	(void)paging;
	return libmshv_fail(EOPNOTSUPP, "get paging: x86_64 only");
}

#endif
