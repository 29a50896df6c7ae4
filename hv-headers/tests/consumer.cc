/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A C++ program that knows nothing but the installed headers. */
#include <mshv/hv.h>
#include <mshv/uapi.h>
#include <mshv/vtl_run.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <string>

namespace {

/* One counter of a statistics page by its name. */
std::map<std::string, int> counters()
{
#define ROW(name, number, text) { text, name },
	return { HV_STATS_VP_COUNTERS(ROW) };
}

template <typename T> T payload(const hv_message &message)
{
	static_assert(sizeof(T) <= HV_MESSAGE_PAYLOAD_BYTE_COUNT, "fits a message");
	T value;
	std::memcpy(&value, message.u.payload, sizeof(value));
	return value;
}

} // namespace

int main()
{
	hv_message message {};
	hv_x64_halt_message halt {};
	hv_register_value value {};
	mshv_create_partition_v2 args {};

	halt.header.rip = 0x7c00;
	message.header.message_type = HVMSG_X64_HALT;
	std::memcpy(message.u.payload, &halt, sizeof(halt));
	value.segment.selector = 8;
	args.pt_flags = 1ULL << MSHV_PT_BIT_LAPIC | 1ULL << MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES;
	args.pt_num_cpu_fbanks = MSHV_NUM_CPU_FEATURES_BANKS;

	enum hv_register_name name = HV_X64_REGISTER_CS;
	const auto all = counters();

	std::printf("rip %#llx register %#x counters %zu\n",
		    static_cast<unsigned long long>(payload<hv_x64_halt_message>(message).header.rip),
		    static_cast<unsigned>(name), all.size());
	return payload<hv_x64_halt_message>(message).header.rip == 0x7c00 && value.reg128.high_part >> 32 == 8 &&
	       all.count("VpTotalRunTime") == 1 && args.pt_num_cpu_fbanks == 2 ? 0 : 1;
}
