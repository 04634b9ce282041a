// The parts of <linux/kvm.h>, <asm/kvm.h> and <linux/psp-sev.h> that an SEV-SNP launch needs (Linux 6.11 and later), with their offsets asserted. Debian 12's
// headers have none of them; the names are Skerry's own, so that newer headers do no harm.
#ifndef SKERRY_CLINUX_SNP_H
#define SKERRY_CLINUX_SNP_H

#include <stddef.h>
#include <stdint.h>

// The ioctls of /dev/kvm, of a machine and of /dev/sev. _IOWR's size for KVM_MEMORY_ENCRYPT_OP is that of an unsigned long, not that of the structure.
#define SKERRY_KVM_IO(number) (0xAE00u | (number))
#define SKERRY_KVM_IOW(number, size) (0x40000000u | (uint32_t)(size) << 16 | SKERRY_KVM_IO(number))
#define SKERRY_KVM_IOWR(number, size) (0xC0000000u | (uint32_t)(size) << 16 | SKERRY_KVM_IO(number))
#define SKERRY_ASSERT_AT(type, field, at) _Static_assert(offsetof(struct type, field) == (at), #type "." #field)
#define SKERRY_ASSERT_SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type)

/// struct kvm_sev_cmd: the argument of KVM_MEMORY_ENCRYPT_OP.
struct skerry_sev_command {
    uint32_t id;
    uint32_t reserved;
    uint64_t data;
    uint32_t error;
    uint32_t sev_fd;
};
SKERRY_ASSERT_SIZE(skerry_sev_command, 24);
SKERRY_ASSERT_AT(skerry_sev_command, id, 0);
SKERRY_ASSERT_AT(skerry_sev_command, data, 8);
SKERRY_ASSERT_AT(skerry_sev_command, error, 16);
SKERRY_ASSERT_AT(skerry_sev_command, sev_fd, 20);

/// struct kvm_sev_init, of KVM_SEV_INIT2.
struct skerry_sev_init {
    uint64_t vmsa_features;
    uint32_t flags;
    uint16_t ghcb_version;
    uint16_t reserved_1;
    uint32_t reserved_2[8];
};
SKERRY_ASSERT_SIZE(skerry_sev_init, 48);
SKERRY_ASSERT_AT(skerry_sev_init, flags, 8);
SKERRY_ASSERT_AT(skerry_sev_init, ghcb_version, 12);

/// struct kvm_sev_snp_launch_start.
struct skerry_snp_launch_start {
    uint64_t policy;
    uint8_t gosvw[16];
    uint16_t flags;
    uint8_t reserved_1[6];
    uint64_t reserved_2[4];
};
SKERRY_ASSERT_SIZE(skerry_snp_launch_start, 64);
SKERRY_ASSERT_AT(skerry_snp_launch_start, gosvw, 8);
SKERRY_ASSERT_AT(skerry_snp_launch_start, flags, 24);

/// struct kvm_sev_snp_launch_update. KVM moves `gfn_start`, `uaddr` and `len` past what it has done.
struct skerry_snp_launch_update {
    uint64_t gfn_start;
    uint64_t uaddr;
    uint64_t len;
    uint8_t type;
    uint8_t reserved_1;
    uint16_t flags;
    uint32_t reserved_2;
    uint64_t reserved_3[4];
};
SKERRY_ASSERT_SIZE(skerry_snp_launch_update, 64);
SKERRY_ASSERT_AT(skerry_snp_launch_update, uaddr, 8);
SKERRY_ASSERT_AT(skerry_snp_launch_update, len, 16);
SKERRY_ASSERT_AT(skerry_snp_launch_update, type, 24);
SKERRY_ASSERT_AT(skerry_snp_launch_update, flags, 26);

/// struct kvm_sev_snp_launch_finish.
struct skerry_snp_launch_finish {
    uint64_t id_block_uaddr;
    uint64_t id_auth_uaddr;
    uint8_t id_block_en;
    uint8_t auth_key_en;
    uint8_t vcek_disabled;
    uint8_t host_data[32];
    uint8_t reserved_1[3];
    uint16_t flags;
    uint64_t reserved_2[4];
};
SKERRY_ASSERT_SIZE(skerry_snp_launch_finish, 88);
SKERRY_ASSERT_AT(skerry_snp_launch_finish, id_auth_uaddr, 8);
SKERRY_ASSERT_AT(skerry_snp_launch_finish, id_block_en, 16);
SKERRY_ASSERT_AT(skerry_snp_launch_finish, auth_key_en, 17);
SKERRY_ASSERT_AT(skerry_snp_launch_finish, vcek_disabled, 18);
SKERRY_ASSERT_AT(skerry_snp_launch_finish, host_data, 19);
SKERRY_ASSERT_AT(skerry_snp_launch_finish, flags, 54);

/// struct kvm_userspace_memory_region2.
struct skerry_memory_region2 {
    uint32_t slot;
    uint32_t flags;
    uint64_t guest_phys_addr;
    uint64_t memory_size;
    uint64_t userspace_addr;
    uint64_t guest_memfd_offset;
    uint32_t guest_memfd;
    uint32_t reserved_1;
    uint64_t reserved_2[14];
};
SKERRY_ASSERT_SIZE(skerry_memory_region2, 160);
SKERRY_ASSERT_AT(skerry_memory_region2, flags, 4);
SKERRY_ASSERT_AT(skerry_memory_region2, guest_phys_addr, 8);
SKERRY_ASSERT_AT(skerry_memory_region2, memory_size, 16);
SKERRY_ASSERT_AT(skerry_memory_region2, userspace_addr, 24);
SKERRY_ASSERT_AT(skerry_memory_region2, guest_memfd_offset, 32);
SKERRY_ASSERT_AT(skerry_memory_region2, guest_memfd, 40);

/// struct kvm_memory_attributes.
struct skerry_memory_attributes {
    uint64_t address;
    uint64_t size;
    uint64_t attributes;
    uint64_t flags;
};
SKERRY_ASSERT_SIZE(skerry_memory_attributes, 32);
SKERRY_ASSERT_AT(skerry_memory_attributes, attributes, 16);

/// struct kvm_create_guest_memfd.
struct skerry_create_guest_memfd {
    uint64_t size;
    uint64_t flags;
    uint64_t reserved[6];
};
SKERRY_ASSERT_SIZE(skerry_create_guest_memfd, 64);

/// struct kvm_enable_cap.
struct skerry_enable_capability {
    uint32_t cap;
    uint32_t flags;
    uint64_t args[4];
    uint8_t reserved[64];
};
SKERRY_ASSERT_SIZE(skerry_enable_capability, 104);

/// struct kvm_device_attr.
struct skerry_device_attribute {
    uint32_t flags;
    uint32_t group;
    uint64_t attr;
    uint64_t addr;
};
SKERRY_ASSERT_SIZE(skerry_device_attribute, 24);

/// struct sev_issue_cmd, the packed argument of SEV_ISSUE_CMD on /dev/sev.
struct skerry_sev_issue {
    uint32_t cmd;
    uint64_t data;
    uint32_t error;
} __attribute__((packed));
SKERRY_ASSERT_SIZE(skerry_sev_issue, 16);

/// struct sev_user_data_snp_status, the reply of SNP_PLATFORM_STATUS.
struct skerry_snp_status {
    uint8_t api_major;
    uint8_t api_minor;
    uint8_t state;
    uint8_t is_rmp_initialized;
    uint32_t build_id;
    uint32_t flags;
    uint32_t guest_count;
    uint64_t current_tcb;
    uint64_t reported_tcb;
};
SKERRY_ASSERT_SIZE(skerry_snp_status, 32);

/// Where in `struct kvm_run` the fields of the exits are that Debian 12's headers lack, and of those that are read from a copy.
enum {
    skerry_run_interrupt_window_at = 0,
    skerry_run_immediate_exit_at = 1,
    skerry_run_exit_reason_at = 8,
    skerry_run_takes_interrupts_at = 12,
    skerry_run_hypercall_nr_at = 32,
    skerry_run_hypercall_args_at = 40,
    skerry_run_hypercall_ret_at = 88,
    skerry_run_hypercall_flags_at = 96,
    skerry_run_memory_fault_flags_at = 32,
    skerry_run_memory_fault_gpa_at = 40,
    skerry_run_memory_fault_size_at = 48,
    skerry_run_system_event_type_at = 32,
    skerry_run_system_event_ndata_at = 36,
    skerry_run_system_event_data_at = 40,
    skerry_run_snp_req_certs_gpa_at = 32,
    skerry_run_snp_req_certs_npages_at = 40,
    skerry_run_snp_req_certs_ret_at = 48,
    skerry_run_io_at = 32,
    skerry_run_mmio_at = 32,
};
_Static_assert(sizeof(struct kvm_run) == 2352, "kvm_run");
SKERRY_ASSERT_AT(kvm_run, request_interrupt_window, skerry_run_interrupt_window_at);
SKERRY_ASSERT_AT(kvm_run, immediate_exit, skerry_run_immediate_exit_at);
SKERRY_ASSERT_AT(kvm_run, exit_reason, skerry_run_exit_reason_at);
SKERRY_ASSERT_AT(kvm_run, ready_for_interrupt_injection, skerry_run_takes_interrupts_at);
SKERRY_ASSERT_AT(kvm_run, hypercall.nr, skerry_run_hypercall_nr_at);
SKERRY_ASSERT_AT(kvm_run, hypercall.args, skerry_run_hypercall_args_at);
SKERRY_ASSERT_AT(kvm_run, hypercall.ret, skerry_run_hypercall_ret_at);
SKERRY_ASSERT_AT(kvm_run, system_event.type, skerry_run_system_event_type_at);
SKERRY_ASSERT_AT(kvm_run, system_event.data, skerry_run_system_event_data_at);
SKERRY_ASSERT_AT(kvm_run, io.direction, skerry_run_io_at);
SKERRY_ASSERT_AT(kvm_run, io.port, skerry_run_io_at + 2);
SKERRY_ASSERT_AT(kvm_run, io.data_offset, skerry_run_io_at + 8);
SKERRY_ASSERT_AT(kvm_run, mmio.phys_addr, skerry_run_mmio_at);

static const uint32_t skerry_KVM_SET_USER_MEMORY_REGION2 = SKERRY_KVM_IOW(0x49, sizeof(struct skerry_memory_region2));
static const uint32_t skerry_KVM_SET_MEMORY_ATTRIBUTES = SKERRY_KVM_IOW(0xD2, sizeof(struct skerry_memory_attributes));
static const uint32_t skerry_KVM_CREATE_GUEST_MEMFD = SKERRY_KVM_IOWR(0xD4, sizeof(struct skerry_create_guest_memfd));
static const uint32_t skerry_KVM_PRE_FAULT_MEMORY = SKERRY_KVM_IOWR(0xD5, 64);
static const uint32_t skerry_KVM_MEMORY_ENCRYPT_OP = SKERRY_KVM_IOWR(0xBA, sizeof(unsigned long));
static const uint32_t skerry_KVM_GET_DEVICE_ATTR = SKERRY_KVM_IOW(0xE2, sizeof(struct skerry_device_attribute));
static const uint32_t skerry_SEV_ISSUE_CMD = 0xC0000000u | (uint32_t)sizeof(struct skerry_sev_issue) << 16 | 0x5300u;
static const uint32_t skerry_SNP_GET_REPORT = 0xC0000000u | 32u << 16 | 0x5300u;

_Static_assert(SKERRY_KVM_IOW(0x49, sizeof(struct skerry_memory_region2)) == 0x40A0AE49, "KVM_SET_USER_MEMORY_REGION2");
_Static_assert(SKERRY_KVM_IOW(0xD2, sizeof(struct skerry_memory_attributes)) == 0x4020AED2, "KVM_SET_MEMORY_ATTRIBUTES");
_Static_assert(SKERRY_KVM_IOWR(0xD4, sizeof(struct skerry_create_guest_memfd)) == 0xC040AED4, "KVM_CREATE_GUEST_MEMFD");
_Static_assert(SKERRY_KVM_IOWR(0xBA, sizeof(unsigned long)) == 0xC008AEBA, "KVM_MEMORY_ENCRYPT_OP");

#endif
