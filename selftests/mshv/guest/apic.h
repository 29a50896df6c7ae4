/* SPDX-License-Identifier: GPL-2.0-only */
/* The local APIC, as a guest of guest.h uses it. */
#ifndef GUEST_APIC_H
#define GUEST_APIC_H

#include "guest.h"

#define APIC_BASE_MSR		0x1b
#define APIC_BASE_BSP		(1u << 8)
#define APIC_BASE_X2APIC	(1u << 10)
#define APIC_BASE_ENABLE	(1u << 11)
#define APIC_GPA		0xfee00000ull
#define X2APIC_MSR		0x800

/* Register numbers: offsets in the page / 16, and from X2APIC_MSR. */
enum {
	APIC_ID		= 0x02,
	APIC_VERSION	= 0x03,
	APIC_TPR	= 0x08,
	APIC_PPR	= 0x0a,
	APIC_EOI	= 0x0b,
	APIC_LDR	= 0x0d,
	APIC_DFR	= 0x0e,
	APIC_SVR	= 0x0f,
	APIC_ISR	= 0x10,
	APIC_TMR	= 0x18,
	APIC_IRR	= 0x20,
	APIC_ESR	= 0x28,
	APIC_ICR	= 0x30,
	APIC_ICR_HIGH	= 0x31,
	APIC_LVT_TIMER	= 0x32,
	APIC_LVT_LINT0	= 0x35,
	APIC_LVT_LINT1	= 0x36,
	APIC_LVT_ERROR	= 0x37,
	APIC_INITIAL	= 0x38,
	APIC_CURRENT	= 0x39,
	APIC_DIVIDE	= 0x3e,
	APIC_SELF_IPI	= 0x3f,
};

#define APIC_SVR_ENABLE		0x100
#define APIC_LVT_MASKED		0x10000
#define APIC_TIMER_PERIODIC	0x20000
#define APIC_TIMER_DEADLINE	0x40000
#define APIC_DM_NMI		0x400
#define APIC_DM_INIT		0x500
#define APIC_DM_STARTUP		0x600
#define APIC_DM_EXTINT		0x700
#define APIC_DEST_LOGICAL	0x800
#define APIC_ASSERT		0x4000
#define APIC_TO_SELF		0x40000
#define APIC_TO_ALL		0x80000
#define APIC_TO_OTHERS		0xc0000

static inline uint32_t apic_read(unsigned int reg)
{
	return *(volatile uint32_t *)guest_ptr(APIC_GPA + reg * 16);
}

static inline void apic_write(unsigned int reg, uint32_t value)
{
	*(volatile uint32_t *)guest_ptr(APIC_GPA + reg * 16) = value;
}

static inline uint64_t x2apic_read(unsigned int reg)
{
	return guest_rdmsr(X2APIC_MSR + reg);
}

static inline void x2apic_write(unsigned int reg, uint64_t value)
{
	guest_wrmsr(X2APIC_MSR + reg, value);
}

static inline void apic_ipi(uint32_t dest, uint32_t command)
{
	apic_write(APIC_ICR_HIGH, dest << 24);
	apic_write(APIC_ICR, command);
}

static inline bool apic_bit(unsigned int first, uint8_t vector)
{
	return apic_read(first + vector / 32) >> (vector % 32) & 1;
}

static inline void guest_sti(void)
{
	__asm__ volatile("sti; nop" : : : "memory");
}

static inline void guest_cli(void)
{
	__asm__ volatile("cli" : : : "memory");
}

/* Wait for an interrupt and take it, with none in between. */
static inline void guest_sti_hlt(void)
{
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}

/*
 * For what an interrupt's handler does. With interrupts off while it looks, or the one that
 * it waits for may come between the look and the HLT, and no other ends that.
 */
#define GUEST_HALT_UNTIL(condition) do {				\
	guest_cli();							\
	while (!(condition))						\
		guest_sti_hlt();					\
} while (0)

static inline void guest_set_cr8(uint64_t value)
{
	__asm__ volatile("mov %0, %%cr8" : : "r" (value) : "memory");
}

static inline uint64_t guest_get_cr8(void)
{
	uint64_t value;

	__asm__ volatile("mov %%cr8, %0" : "=r" (value));
	return value;
}

#endif /* GUEST_APIC_H */
