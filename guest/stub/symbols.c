#include "guest_stub.h"

extern const unsigned char skerry_gate_start[], skerry_gate_end[], skerry_exceptions_start[], skerry_exceptions_end[], skerry_exception_iret[];
extern const unsigned char skerry_gate_ring0[], skerry_gate_ring0_rip_stored[], skerry_gate_ring0_published[], skerry_gate_ring0_requested[], skerry_gate_ring0_answered[], skerry_gate_ring0_spun_out[], skerry_gate_ring0_return[], skerry_gate_ring0_fast_out[], skerry_gate_ring0_fast_return[], skerry_gate_ring0_end[];
extern const unsigned char skerry_gate_ring3[], skerry_gate_ring3_rip_stored[], skerry_gate_ring3_published[], skerry_gate_ring3_requested[], skerry_gate_ring3_answered[], skerry_gate_ring3_spun_out[], skerry_gate_ring3_return[], skerry_gate_ring3_fast_out[], skerry_gate_ring3_fast_return[], skerry_gate_ring3_end[];

const void *skerry_stub_symbol(int index) {
    static const void *const symbols[] = {
        skerry_gate_start, skerry_gate_end, skerry_exceptions_start, skerry_exceptions_end, skerry_exception_iret,
        skerry_gate_ring0, skerry_gate_ring0_rip_stored, skerry_gate_ring0_published, skerry_gate_ring0_requested, skerry_gate_ring0_answered, skerry_gate_ring0_spun_out, skerry_gate_ring0_return, skerry_gate_ring0_fast_out, skerry_gate_ring0_fast_return, skerry_gate_ring0_end,
        skerry_gate_ring3, skerry_gate_ring3_rip_stored, skerry_gate_ring3_published, skerry_gate_ring3_requested, skerry_gate_ring3_answered, skerry_gate_ring3_spun_out, skerry_gate_ring3_return, skerry_gate_ring3_fast_out, skerry_gate_ring3_fast_return, skerry_gate_ring3_end,
    };
    return symbols[index];
}
