/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * What this kernel and this hypervisor can do, question by question.
 */
#ifndef MSHV_PROBE_H
#define MSHV_PROBE_H

#include <stddef.h>
#include <stdint.h>

#include <mshv/device.h>
#include <mshv/export.h>

LIBMSHV_BEGIN_DECLS

/**
 * enum libmshv_question - What can be asked of a device
 * @LIBMSHV_ASK_ROOT_DRIVER: is it driven by mshv_root?
 * @LIBMSHV_ASK_VTL_DRIVER: is it driven by mshv_vtl?
 * @LIBMSHV_ASK_CREATE_V1: are partitions created; value: flags that are taken
 * @LIBMSHV_ASK_CREATE_V2: can features be taken away from their processors?
 * @LIBMSHV_ASK_NESTED: can a partition run guests of its own?
 * @LIBMSHV_ASK_SMT: can the VPs of a partition share a core?
 * @LIBMSHV_ASK_ISOLATION_SNP: is there isolation by SEV-SNP?
 * @LIBMSHV_ASK_OWN_PROPERTY: HVCALL_GET_PARTITION_PROPERTY on the device
 * @LIBMSHV_ASK_OWN_PROPERTY_EX: HVCALL_GET_PARTITION_PROPERTY_EX on the device
 * @LIBMSHV_ASK_HOST_FEATURES: is it told which processor features there are;
 *	value: the first bank
 * @LIBMSHV_ASK_HOST_FEATURES1: likewise; value: the second bank
 * @LIBMSHV_ASK_HOST_XSAVE: likewise; value: the XSAVE features
 * @LIBMSHV_ASK_HOST_SYNTHETIC: likewise; value: the synthetic features
 * @LIBMSHV_ASK_VMM_CAPABILITIES: does the hypervisor tell; value: flags of
 *	struct hv_partition_property_vmm_capabilities
 * @LIBMSHV_ASK_INTEGRATED_SCHEDULER: can this partition schedule the VPs of its
 *	guests (according to the VMM capabilities)?
 * @LIBMSHV_ASK_ROOT_SCHEDULER: does this kernel schedule the VPs? No call of
 *	the driver tells, up to Linux 7.3.
 * @LIBMSHV_ASK_HVCALL_GET_PROPERTY: hypercall 0x44 on a partition's fd
 * @LIBMSHV_ASK_HVCALL_GET_PROPERTY_EX: hypercall 0x101
 * @LIBMSHV_ASK_HVCALL_SET_PROPERTY: hypercall 0x45
 * @LIBMSHV_ASK_HVCALL_INSTALL_INTERCEPT: hypercall 0x4d
 * @LIBMSHV_ASK_HVCALL_GET_VP_REGISTERS: hypercall 0x50
 * @LIBMSHV_ASK_HVCALL_SET_VP_REGISTERS: hypercall 0x51
 * @LIBMSHV_ASK_HVCALL_TRANSLATE: hypercall 0x52
 * @LIBMSHV_ASK_HVCALL_CLEAR_INTERRUPT: hypercall 0x56
 * @LIBMSHV_ASK_HVCALL_INTERCEPT_RESULT: hypercall 0x91
 * @LIBMSHV_ASK_HVCALL_ASSERT_INTERRUPT: hypercall 0x94
 * @LIBMSHV_ASK_HVCALL_SIGNAL_EVENT: hypercall 0xc0
 * @LIBMSHV_ASK_HVCALL_POST_MESSAGE: hypercall 0xc1
 * @LIBMSHV_ASK_HVCALL_PAGE_STATES: hypercall 0xc9
 * @LIBMSHV_ASK_HVCALL_GET_CPUID: hypercall 0xf4
 * @LIBMSHV_ASK_REGISTER_PAGE: can a VP's register page be mapped?
 * @LIBMSHV_ASK_INTERCEPT_PAGE: can its intercept message page be mapped?
 * @LIBMSHV_ASK_GHCB_PAGE: can its GHCB be mapped?
 * @LIBMSHV_ASK_STATE_LAPIC: MSHV_VP_STATE_LAPIC; value: its size in bytes
 * @LIBMSHV_ASK_STATE_XSAVE: MSHV_VP_STATE_XSAVE, likewise
 * @LIBMSHV_ASK_STATE_SIMP: MSHV_VP_STATE_SIMP, likewise
 * @LIBMSHV_ASK_STATE_SIEFP: MSHV_VP_STATE_SIEFP, likewise
 * @LIBMSHV_ASK_STATE_TIMERS: MSHV_VP_STATE_SYNTHETIC_TIMERS, likewise
 * @LIBMSHV_ASK_VTL_REGISTER_PAGE: mshv_vtl: can the register page be mapped?
 * @LIBMSHV_ASK_VTL_RETURN_ACTION: mshv_vtl: are there actions on return?
 * @LIBMSHV_ASK_VTL_DR6_SHARED: mshv_vtl: do the VTLs share DR6?
 * @LIBMSHV_ASK_COUNT: how many there are; later versions append
 *
 * Since: 0.1
 */
enum libmshv_question {
	LIBMSHV_ASK_ROOT_DRIVER,
	LIBMSHV_ASK_VTL_DRIVER,
	LIBMSHV_ASK_CREATE_V1,
	LIBMSHV_ASK_CREATE_V2,
	LIBMSHV_ASK_NESTED,
	LIBMSHV_ASK_SMT,
	LIBMSHV_ASK_ISOLATION_SNP,
	LIBMSHV_ASK_OWN_PROPERTY,
	LIBMSHV_ASK_OWN_PROPERTY_EX,
	LIBMSHV_ASK_HOST_FEATURES,
	LIBMSHV_ASK_HOST_FEATURES1,
	LIBMSHV_ASK_HOST_XSAVE,
	LIBMSHV_ASK_HOST_SYNTHETIC,
	LIBMSHV_ASK_VMM_CAPABILITIES,
	LIBMSHV_ASK_INTEGRATED_SCHEDULER,
	LIBMSHV_ASK_ROOT_SCHEDULER,
	LIBMSHV_ASK_HVCALL_GET_PROPERTY,
	LIBMSHV_ASK_HVCALL_GET_PROPERTY_EX,
	LIBMSHV_ASK_HVCALL_SET_PROPERTY,
	LIBMSHV_ASK_HVCALL_INSTALL_INTERCEPT,
	LIBMSHV_ASK_HVCALL_GET_VP_REGISTERS,
	LIBMSHV_ASK_HVCALL_SET_VP_REGISTERS,
	LIBMSHV_ASK_HVCALL_TRANSLATE,
	LIBMSHV_ASK_HVCALL_CLEAR_INTERRUPT,
	LIBMSHV_ASK_HVCALL_INTERCEPT_RESULT,
	LIBMSHV_ASK_HVCALL_ASSERT_INTERRUPT,
	LIBMSHV_ASK_HVCALL_SIGNAL_EVENT,
	LIBMSHV_ASK_HVCALL_POST_MESSAGE,
	LIBMSHV_ASK_HVCALL_PAGE_STATES,
	LIBMSHV_ASK_HVCALL_GET_CPUID,
	LIBMSHV_ASK_REGISTER_PAGE,
	LIBMSHV_ASK_INTERCEPT_PAGE,
	LIBMSHV_ASK_GHCB_PAGE,
	LIBMSHV_ASK_STATE_LAPIC,
	LIBMSHV_ASK_STATE_XSAVE,
	LIBMSHV_ASK_STATE_SIMP,
	LIBMSHV_ASK_STATE_SIEFP,
	LIBMSHV_ASK_STATE_TIMERS,
	LIBMSHV_ASK_VTL_REGISTER_PAGE,
	LIBMSHV_ASK_VTL_RETURN_ACTION,
	LIBMSHV_ASK_VTL_DR6_SHARED,
	LIBMSHV_ASK_COUNT,
};

/**
 * enum libmshv_answer - What can be answered
 * @LIBMSHV_ANSWER_UNKNOWN: it can't be told; mshv_answer.how says why
 * @LIBMSHV_ANSWER_NO: no
 * @LIBMSHV_ANSWER_YES: yes
 *
 * Since: 0.1
 */
enum libmshv_answer {
	LIBMSHV_ANSWER_UNKNOWN,
	LIBMSHV_ANSWER_NO,
	LIBMSHV_ANSWER_YES,
};

/**
 * struct mshv_answer - The answer to one question
 * @answer: enum libmshv_answer
 * @reserved: 0
 * @value: what the question says it is, 0 for the others and unless @answer is
 *	LIBMSHV_ANSWER_YES
 * @how: how it was found, one line in English. A constant, never NULL.
 *
 * Since: 0.1
 */
struct mshv_answer {
	uint32_t answer;
	uint32_t reserved;
	uint64_t value;
	const char *how;
};

/* mshv_dev_ask(): create nothing; what needs a partition stays unknown. */
#define LIBMSHV_ASK_PASSIVE	(1u << 0)

/**
 * mshv_dev_ask() - Ask all there is to ask of a device
 * @dev: the handle
 * @flags: LIBMSHV_ASK_PASSIVE or 0
 * @answers: where to put the answers, one for each enum libmshv_question in
 *	that order
 * @count: number of elements; more than LIBMSHV_ASK_COUNT are unknown, fewer
 *	are cut off
 *
 * Never looks at version numbers: every answer comes from a call, most of them
 * from one that can't have an effect. To learn about VPs, a partition with one
 * VP is created, and destroyed again before this returns. A driver that doesn't
 * create it only leaves those answers unknown.
 *
 * Context: Any thread. Takes as long as creating a partition and a VP.
 * Return: 0, or
 *
 * * -EINVAL: @dev is NULL; @answers is NULL and @count is not 0; unknown flags
 * * -ENOMEM: out of memory
 *
 * Since: 0.1
 */
int mshv_dev_ask(struct mshv_dev *dev, uint32_t flags,
		 struct mshv_answer *answers, size_t count);

/**
 * mshv_question_name() - Name of a question
 * @question: enum libmshv_question
 *
 * Context: Any thread, any time; async-signal-safe.
 * Return: the name, for instance "register-page"; NULL if there is no such
 * question. A constant.
 * Since: 0.1
 */
const char *mshv_question_name(unsigned int question);

/**
 * mshv_answers_format() - Answers as text
 * @answers: from mshv_dev_ask()
 * @count: number of elements
 * @buf: where to put the text, always terminated if @size is not 0
 * @size: size of @buf in bytes
 *
 * One line for each answer: name, yes, no or unknown, the value in hexadecimal
 * if it is not 0, and in parentheses how it was found.
 *
 * Context: Any thread.
 * Return: length of the whole text in bytes without the terminator, like
 * snprintf(): a value of @size or more means that it was cut short. -EINVAL if
 * a pointer is NULL whose size is not 0.
 * Since: 0.1
 */
int mshv_answers_format(const struct mshv_answer *answers, size_t count,
			char *buf, size_t size);

LIBMSHV_END_DECLS

#endif /* MSHV_PROBE_H */
