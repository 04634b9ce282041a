// Kernel UAPI and the variadic system calls Swift cannot import. What Debian 12's headers lack is declared here.
#ifndef SKERRY_CLINUX_H
#define SKERRY_CLINUX_H

#include <pthread.h>
#include <stdint.h>
#include <stddef.h>
#include <linux/kvm.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
// reboot(2), by which the first process of an emulated machine ends it.
#include <sys/reboot.h>

// The ioctl numbers of /dev/kvm, which Swift cannot import as macros.
enum {
    skerry_KVM_GET_API_VERSION = KVM_GET_API_VERSION,
    skerry_KVM_CREATE_VM = KVM_CREATE_VM,
    skerry_KVM_CHECK_EXTENSION = KVM_CHECK_EXTENSION,
    skerry_KVM_GET_VCPU_MMAP_SIZE = KVM_GET_VCPU_MMAP_SIZE,
    skerry_KVM_CREATE_VCPU = KVM_CREATE_VCPU,
    skerry_KVM_RUN = KVM_RUN,
    skerry_KVM_SET_TSS_ADDR = KVM_SET_TSS_ADDR,
    skerry_KVM_SET_NR_MMU_PAGES = KVM_SET_NR_MMU_PAGES,
};
static const unsigned long skerry_KVM_SET_USER_MEMORY_REGION = KVM_SET_USER_MEMORY_REGION;
static const unsigned long skerry_KVM_SET_IDENTITY_MAP_ADDR = KVM_SET_IDENTITY_MAP_ADDR;
static const unsigned long skerry_KVM_GET_SUPPORTED_CPUID = KVM_GET_SUPPORTED_CPUID;
static const unsigned long skerry_KVM_SET_CPUID2 = KVM_SET_CPUID2;
static const unsigned long skerry_KVM_GET_REGS = KVM_GET_REGS;
static const unsigned long skerry_KVM_SET_REGS = KVM_SET_REGS;
static const unsigned long skerry_KVM_GET_SREGS = KVM_GET_SREGS;
static const unsigned long skerry_KVM_SET_SREGS = KVM_SET_SREGS;
static const unsigned long skerry_KVM_GET_MSRS = KVM_GET_MSRS;
static const unsigned long skerry_KVM_SET_MSRS = KVM_SET_MSRS;
static const unsigned long skerry_KVM_GET_XSAVE = KVM_GET_XSAVE;
static const unsigned long skerry_KVM_SET_XSAVE = KVM_SET_XSAVE;
static const unsigned long skerry_KVM_GET_XSAVE2 = KVM_GET_XSAVE2;
static const unsigned long skerry_KVM_SET_XCRS = KVM_SET_XCRS;
static const unsigned long skerry_KVM_ENABLE_CAP = KVM_ENABLE_CAP;
static const unsigned long skerry_KVM_SET_MP_STATE = KVM_SET_MP_STATE;
static const unsigned long skerry_KVM_INTERRUPT = KVM_INTERRUPT;
static const unsigned long skerry_KVM_GET_TSC_KHZ = KVM_GET_TSC_KHZ;
static const unsigned long skerry_KVM_GET_VCPU_EVENTS = KVM_GET_VCPU_EVENTS;
static const unsigned long skerry_KVM_SET_VCPU_EVENTS = KVM_SET_VCPU_EVENTS;
static const unsigned long skerry_KVM_SET_DEVICE_ATTR = KVM_SET_DEVICE_ATTR;
static const unsigned long skerry_KVM_HAS_DEVICE_ATTR = KVM_HAS_DEVICE_ATTR;

/// The general registers of the last exit, and those of the next entry when marked dirty (KVM_CAP_SYNC_REGS).
static inline struct kvm_regs *skerry_run_registers(struct kvm_run *run) { return &run->s.regs.regs; }
/// The special registers of the last exit (KVM_CAP_SYNC_REGS).
static inline struct kvm_sregs *skerry_run_special_registers(struct kvm_run *run) { return &run->s.regs.sregs; }
/// Port, direction and size of a KVM_EXIT_IO: port in bits 0 to 15, direction (1: out) in bit 16, size in bits 24 to 31.
static inline uint32_t skerry_run_io(const struct kvm_run *run) {
    return run->io.port | (uint32_t)run->io.direction << 16 | (uint32_t)run->io.size << 24;
}
/// The physical address of a KVM_EXIT_MMIO.
static inline uint64_t skerry_run_mmio_address(const struct kvm_run *run) { return run->mmio.phys_addr; }
/// The suberror of a KVM_EXIT_INTERNAL_ERROR.
/// The guest takes an interrupt now.
static inline int skerry_run_takes_interrupts(const struct kvm_run *run) { return run->ready_for_interrupt_injection != 0; }
/// Leave as soon as it does.
static inline void skerry_run_set_interrupt_window(struct kvm_run *run, uint8_t value) { run->request_interrupt_window = value; }
/// See above: KVM_EXIT_INTERNAL_ERROR.
static inline uint32_t skerry_run_internal_suberror(const struct kvm_run *run) { return run->internal.suberror; }
/// The hardware reason of a KVM_EXIT_FAIL_ENTRY.
static inline uint64_t skerry_run_fail_reason(const struct kvm_run *run) { return run->fail_entry.hardware_entry_failure_reason; }
/// Makes the next KVM_RUN, or the one that a signal interrupts, return EINTR; written by other threads.
static inline void skerry_run_set_immediate_exit(struct kvm_run *run, uint8_t value) {
    __atomic_store_n(&run->immediate_exit, value, __ATOMIC_SEQ_CST);
}
/// CPUID of the processor the monitor runs on.
static inline void skerry_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4]) {
    __asm__ volatile("cpuid" : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3]) : "a"(leaf), "c"(subleaf));
}
/// XGETBV of the processor the monitor runs on.
static inline uint64_t skerry_xgetbv(uint32_t index) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(index));
    return (uint64_t)high << 32 | low;
}
/// The time stamp counter, after all earlier loads.
static inline uint64_t skerry_rdtsc(void) {
    uint32_t low, high;
    __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

/// Atomically replaces a word of the monitor's own memory; returns what was there.
static inline uint32_t skerry_atomic_exchange32(uint32_t *word, uint32_t value) { return __atomic_exchange_n(word, value, __ATOMIC_SEQ_CST); }
/// Loads a word another thread, or the guest, may store at any time.
static inline uint32_t skerry_atomic_load32(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
/// The same of 64 bits, once and whole.
static inline uint64_t skerry_atomic_load64(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
/// Stores a word another thread, or the guest, may load at any time.
static inline void skerry_atomic_store32(uint32_t *word, uint32_t value) { __atomic_store_n(word, value, __ATOMIC_RELEASE); }
/// Adds to a word of the monitor's own memory.
static inline void skerry_atomic_add32(uint32_t *word, uint32_t value) { __atomic_fetch_add(word, value, __ATOMIC_ACQ_REL); }
/// A hint that the thread spins.
static inline void skerry_pause(void) { __builtin_ia32_pause(); }
/// A cpu_set_t.
struct skerry_processors { unsigned long bits[16]; };
/// The processors the calling thread may use, and as `other` the next of them behind the one it runs on; 0 when there is no other.
int skerry_other_processor(struct skerry_processors *usable, struct skerry_processors *other);
/// A thread started with these attributes begins on these processors; 0 when that is refused.
int skerry_begin_on(pthread_attr_t *attributes, const struct skerry_processors *set);
/// The calling thread goes on on these processors.
void skerry_run_on(const struct skerry_processors *set);
/// How many processors the calling thread may run on (sched_getaffinity).
int skerry_usable_processors(void);
/// futex(2) FUTEX_WAIT_PRIVATE for at most `nanoseconds` (negative: for ever) while *word is `expected`.
void skerry_futex_wait(uint32_t *word, uint32_t expected, int64_t nanoseconds);
/// futex(2) FUTEX_WAKE_PRIVATE of one waiter.
void skerry_futex_wake(uint32_t *word);
/// futex(2) FUTEX_WAKE_PRIVATE of all waiters.
void skerry_futex_wake_all(uint32_t *word);

/// Records for the calling thread that a lock of `rank` is about to be taken (0), was taken without waiting (1) or was released (2); returns the highest rank
/// the thread held before, -1 for none. For the debug builds' check of the lock order.
int32_t skerry_lock_order(uint8_t rank, int32_t event);

/// Bytes of memory and swap space the host has (sysinfo(2)).
uint64_t skerry_memory_and_swap(void);
/// memfd_create(2) with MFD_CLOEXEC; -errno on failure.
int skerry_memfd_create(const char *name);
/// fallocate(2) that punches a hole; -errno on failure.
int skerry_punch_hole(int fd, int64_t offset, int64_t length);

/// ioctl(2) with a value argument; -errno on failure.
int skerry_ioctl(int fd, unsigned long request, uintptr_t argument);
/// openat2(2); -errno on failure.
int skerry_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);

#include "clinux_files.h"
#include "clinux_snp.h"

#endif
