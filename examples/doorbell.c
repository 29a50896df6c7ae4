// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * A device without exits: an irqfd interrupts the guest, the guest answers by
 * writing to a doorbell, an ioeventfd. Meanwhile its VP is never stopped.
 */
#include <pthread.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vm.h"

#define PORT		0xf4
#define ROUNDS		3
#define VECTOR		0x41
#define HANDLER		0x7d00
#define DOORBELL	0x200000	/* where the guest has no memory */
#define RING		0x1234

/*
 * Switch the local APIC on, ring, wait for ROUNDS interrupts, then OUT:
 * mov edi, 0xfee000f0; mov eax, 0x1ff; mov [edi], eax; mov cl, ROUNDS;
 * mov edi, DOORBELL; mov ax, RING; mov [edi], ax; again: sti; hlt; cli; test cl, cl; jnz again; out PORT, al
 */
static const uint8_t code[] = {
	0x66, 0xbf, 0xf0, 0x00, 0xe0, 0xfe, 0x66, 0xb8, 0xff, 0x01, 0x00, 0x00,
	0x67, 0x66, 0x89, 0x07, 0xb1, ROUNDS, 0x66, 0xbf, 0x00, 0x00, 0x20,
	0x00, 0xb8, 0x34, 0x12, 0x67, 0x89, 0x07, 0xfb, 0xf4, 0xfa, 0x84, 0xc9,
	0x75, 0xf9, 0xe6, PORT,
};

/*
 * End of interrupt, then ring: mov edi, 0xfee000b0; xor eax, eax;
 * mov [edi], eax; dec cl; mov edi, DOORBELL; mov ax, RING; mov [edi], ax; iret
 */
static const uint8_t handler[] = {
	0x66, 0xbf, 0xb0, 0x00, 0xe0, 0xfe, 0x66, 0x31, 0xc0, 0x67, 0x66, 0x89,
	0x07, 0xfe, 0xc9, 0x66, 0xbf, 0x00, 0x00, 0x20, 0x00, 0xb8, 0x34, 0x12,
	0x67, 0x89, 0x07, 0xcf,
};

static void *run(void *arg)
{
	vm_run_to_port(arg, PORT);
	return NULL;
}

static void wait_for(int doorbell)
{
	struct pollfd fd = { .fd = doorbell, .events = POLLIN };
	eventfd_t rung;

	if (poll(&fd, 1, 30000) != 1 || eventfd_read(doorbell, &rung)) {
		fprintf(stderr, "the guest doesn't ring\n");
		exit(1);
	}
}

/* A line of the guest's interrupt controller: GSI, and what it sends. */
static void route(struct mshv_irq_table *table, uint32_t *gsi)
{
	must(mshv_irq_table_add(table, 24, 0xfee00000, VECTOR, gsi),
	     "add a route");
	must(mshv_irq_table_commit(table), "commit the routes");
}

int main(void)
{
	int interrupt = eventfd(0, EFD_CLOEXEC);
	int doorbell = eventfd(0, EFD_CLOEXEC);
	struct mshv_irq_table *table;
	uint64_t match = RING;
	pthread_t thread;
	uint32_t gsi;
	struct vm vm;
	int i;

	vm_open(&vm, 1ull << MSHV_PT_BIT_LAPIC, code, sizeof(code));
	memcpy(vm.ram + HANDLER, handler, sizeof(handler));
	memcpy(vm.ram + 4 * VECTOR, &(uint32_t) { HANDLER }, 4);

	must(mshv_irq_table_create(vm.partition, &table), "routing table");
	route(table, &gsi);
	must(mshv_partition_assign_irqfd(vm.partition, interrupt, -1, gsi),
	     "assign the irqfd");
	must(mshv_partition_assign_ioeventfd(vm.partition, doorbell, DOORBELL,
					     2, &match), "assign the doorbell");

	if (pthread_create(&thread, NULL, run, &vm)) {
		perror("thread");
		return 1;
	}
	/* An interrupt that comes before the guest is ready would be lost. */
	wait_for(doorbell);
	printf("the guest is ready\n");
	for (i = 1; i <= ROUNDS; i++) {
		if (eventfd_write(interrupt, 1)) {
			perror("interrupt");
			return 1;
		}
		wait_for(doorbell);
		printf("interrupt %d: the guest rang the doorbell\n", i);
	}
	pthread_join(thread, NULL);
	printf("the guest is done\n");

	must(mshv_partition_deassign_ioeventfd(vm.partition, doorbell, DOORBELL,
					       2, &match), "take it away");
	must(mshv_partition_deassign_irqfd(vm.partition, interrupt, gsi),
	     "take it away");
	mshv_irq_table_close(table);
	vm_close(&vm);
	close(interrupt);
	close(doorbell);
	return 0;
}
