// The clock page: what the vDSO (guest/vdso) reads to tell the time without a system call. Written by the monitor alone, mapped
// read-only into every process as [vvar]. The monitor keeps a second page of the same form for itself and never reads the guest's back.
//
// A reading is base + (tsc - origin) * multiplier / 2^SKERRY_CLOCK_SHIFT nanoseconds, in 128-bit arithmetic: with 48 bits behind the point a
// counter of 3 GHz can run for a century before the product is cut, and a year's rounding error is under a microsecond.
#ifndef SKERRY_GUEST_CLOCK_H
#define SKERRY_GUEST_CLOCK_H

#define SKERRY_CLOCK_SHIFT 48

#define SKERRY_CLOCK_SEQUENCE 0x00   // u32, odd while the page is being changed
#define SKERRY_CLOCK_MODE 0x04       // u32, 1: the page may be used; 0: make the system call
#define SKERRY_CLOCK_ORIGIN 0x08     // u64, the time stamp counter's value to which the bases belong
#define SKERRY_CLOCK_TABLE 0x40      // SKERRY_CLOCK_COUNT entries of 16 bytes by clockid_t: base (ns), multiplier
#define SKERRY_CLOCK_COUNT 12

// The clockids that are served: CLOCK_REALTIME 0, MONOTONIC 1, MONOTONIC_RAW 4, REALTIME_COARSE 5, MONOTONIC_COARSE 6, BOOTTIME 7, TAI 11.
#define SKERRY_CLOCK_SERVED 0x8f3
// Those of them that tell no finer time than the tick, 4 ms as the system call says.
#define SKERRY_CLOCK_COARSE 0x060
#define SKERRY_CLOCK_TICK 4000000

#ifndef __ASSEMBLER__
#include <stdint.h>

/// One clock's reading at the origin, in nanoseconds, and its rate.
struct skerry_clock_entry {
    uint64_t base;
    uint64_t multiplier;
};

/// The clock page as the monitor sees it; offsets are asserted in guest_abi.c.
struct skerry_clock_page {
    uint32_t sequence;
    uint32_t mode;
    uint64_t origin;
    uint64_t reserved[6];
    struct skerry_clock_entry clocks[SKERRY_CLOCK_COUNT];
};

/// What a reader found on its page: one clock's parameters, and a counter reading that goes with them.
struct skerry_clock_reading {
    /// 0: the page is being changed; 1: valid.
    uint32_t valid;
    uint32_t mode;
    uint64_t origin;
    struct skerry_clock_entry clock;
    uint64_t counter;
};

/// The time stamp counter, neither before earlier loads nor after later ones.
static inline uint64_t skerry_counter(void) {
    uint32_t low, high;
    __asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}
/// One attempt to read, as the vDSO does it.
static inline struct skerry_clock_reading skerry_clock_page_read(const struct skerry_clock_page *_Nonnull page, uint32_t clock) {
    struct skerry_clock_reading reading = {0};
    if (clock >= SKERRY_CLOCK_COUNT) return reading;
    uint32_t sequence = __atomic_load_n(&page->sequence, __ATOMIC_ACQUIRE);
    reading.mode = __atomic_load_n(&page->mode, __ATOMIC_RELAXED);
    reading.origin = __atomic_load_n(&page->origin, __ATOMIC_RELAXED);
    reading.clock.base = __atomic_load_n(&page->clocks[clock].base, __ATOMIC_RELAXED);
    reading.clock.multiplier = __atomic_load_n(&page->clocks[clock].multiplier, __ATOMIC_RELAXED);
    reading.counter = skerry_counter();
    reading.valid = (sequence & 1) == 0 && __atomic_load_n(&page->sequence, __ATOMIC_ACQUIRE) == sequence;
    return reading;
}

/// Makes readers wait. Returns when every processor sees it, so that a time stamp counter read afterwards is later than any that goes with the old content.
static inline void skerry_clock_page_open(struct skerry_clock_page *_Nonnull page) {
    __atomic_store_n(&page->sequence, page->sequence + 1, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
/// Sets what all clocks share, between `open` and `close`.
static inline void skerry_clock_page_set_origin(struct skerry_clock_page *_Nonnull page, uint32_t mode, uint64_t origin) {
    __atomic_store_n(&page->mode, mode, __ATOMIC_RELAXED);
    __atomic_store_n(&page->origin, origin, __ATOMIC_RELAXED);
}
/// Sets one clock, between `open` and `close`.
static inline void skerry_clock_page_set(struct skerry_clock_page *_Nonnull page, uint32_t clock, uint64_t base, uint64_t multiplier) {
    if (clock >= SKERRY_CLOCK_COUNT) return;
    __atomic_store_n(&page->clocks[clock].base, base, __ATOMIC_RELAXED);
    __atomic_store_n(&page->clocks[clock].multiplier, multiplier, __ATOMIC_RELAXED);
}
/// Lets readers go on with the new content.
static inline void skerry_clock_page_close(struct skerry_clock_page *_Nonnull page) {
    __atomic_store_n(&page->sequence, page->sequence + 1, __ATOMIC_RELEASE);
}
#endif

#endif
