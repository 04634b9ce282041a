import CLinux
import Testing

@testable import Confidential

@Suite("Structures and numbers are those of Linux's headers (reference: Linux 6.12 and 6.13)")
struct LayoutTests {
    @Test func ioctlNumbers() {
        let numbers: [(UInt32, UInt32)] = [
            (UInt32(skerry_KVM_CREATE_VM), 0xAE01), (UInt32(skerry_KVM_CHECK_EXTENSION), 0xAE03), (UInt32(skerry_KVM_CREATE_VCPU), 0xAE41),
            (skerry_KVM_MEMORY_ENCRYPT_OP, 0xC008_AEBA), (UInt32(skerry_KVM_ENABLE_CAP), 0x4068_AEA3), (skerry_SNP_GET_REPORT, 0xC020_5300),
            (skerry_KVM_SET_USER_MEMORY_REGION2, 0x40A0_AE49), (skerry_KVM_SET_MEMORY_ATTRIBUTES, 0x4020_AED2), (skerry_KVM_CREATE_GUEST_MEMFD, 0xC040_AED4),
            (skerry_KVM_PRE_FAULT_MEMORY, 0xC040_AED5), (skerry_KVM_GET_DEVICE_ATTR, 0x4018_AEE2), (UInt32(skerry_KVM_HAS_DEVICE_ATTR), 0x4018_AEE3),
            (skerry_SEV_ISSUE_CMD, 0xC010_5300),
        ]
        for (ours, expected) in numbers { #expect(ours == expected) }
    }

    @Test func commandsTypesAndExits() {
        #expect(SEVCommand.initialize.rawValue == 22 && SEVCommand.launchStart.rawValue == 100 && SEVCommand.launchUpdate.rawValue == 101)
        #expect(SEVCommand.launchFinish.rawValue == 102 && SEVCommand.enableCertificateExits.rawValue == 103)
        #expect(LaunchPageType.allCases.map(\.rawValue) == [1, 2, 3, 4, 5, 6])
        #expect(SNPCapability.allCases.map(\.rawValue) == [201, 231, 232, 233, 234, 235])
        #expect(KVMExitReason.hypercall.rawValue == 3 && KVMExitReason.systemEvent.rawValue == 24 && KVMExitReason.memoryFault.rawValue == 39)
        #expect(KVMExitReason.certificates.rawValue == 43 && KVMConstants.eventSEVTerminated == 6)
    }

    @Test func structureSizes() {
        #expect(MemoryLayout<skerry_sev_command>.size == 24)
        #expect(MemoryLayout<skerry_sev_init>.size == 48)
        #expect(MemoryLayout<skerry_snp_launch_start>.size == 64)
        #expect(MemoryLayout<skerry_snp_launch_update>.size == 64)
        #expect(MemoryLayout<skerry_snp_launch_finish>.size == 88)
        #expect(MemoryLayout<skerry_memory_region2>.size == 160)
        #expect(MemoryLayout<skerry_memory_attributes>.size == 32)
        #expect(MemoryLayout<skerry_create_guest_memfd>.size == 64)
        #expect(MemoryLayout<skerry_snp_status>.size == 32)
        #expect(MemoryLayout<skerry_sev_issue>.size == 16)
        #expect(MemoryLayout<kvm_run>.size == 2352)
    }

    @Test func structureOffsets() {
        #expect(MemoryLayout<skerry_sev_command>.offset(of: \.data) == 8 && MemoryLayout<skerry_sev_command>.offset(of: \.error) == 16)
        #expect(MemoryLayout<skerry_sev_command>.offset(of: \.sev_fd) == 20)
        #expect(MemoryLayout<skerry_sev_init>.offset(of: \.flags) == 8 && MemoryLayout<skerry_sev_init>.offset(of: \.ghcb_version) == 12)
        #expect(MemoryLayout<skerry_snp_launch_start>.offset(of: \.gosvw) == 8 && MemoryLayout<skerry_snp_launch_start>.offset(of: \.flags) == 24)
        #expect(MemoryLayout<skerry_snp_launch_update>.offset(of: \.uaddr) == 8 && MemoryLayout<skerry_snp_launch_update>.offset(of: \.len) == 16)
        #expect(MemoryLayout<skerry_snp_launch_update>.offset(of: \.type) == 24 && MemoryLayout<skerry_snp_launch_update>.offset(of: \.flags) == 26)
        #expect(MemoryLayout<skerry_snp_launch_finish>.offset(of: \.id_auth_uaddr) == 8 && MemoryLayout<skerry_snp_launch_finish>.offset(of: \.id_block_en) == 16)
        #expect(MemoryLayout<skerry_snp_launch_finish>.offset(of: \.auth_key_en) == 17 && MemoryLayout<skerry_snp_launch_finish>.offset(of: \.vcek_disabled) == 18)
        #expect(MemoryLayout<skerry_snp_launch_finish>.offset(of: \.host_data) == 19 && MemoryLayout<skerry_snp_launch_finish>.offset(of: \.flags) == 54)
        #expect(MemoryLayout<skerry_memory_region2>.offset(of: \.userspace_addr) == 24 && MemoryLayout<skerry_memory_region2>.offset(of: \.guest_memfd_offset) == 32)
        #expect(MemoryLayout<skerry_memory_region2>.offset(of: \.guest_memfd) == 40 && MemoryLayout<skerry_memory_region2>.offset(of: \.guest_phys_addr) == 8)
        #expect(MemoryLayout<skerry_memory_attributes>.offset(of: \.attributes) == 16 && MemoryLayout<skerry_memory_attributes>.offset(of: \.flags) == 24)
        #expect(MemoryLayout<kvm_run>.offset(of: \.exit_reason) == skerry_run_exit_reason_at)
    }

    @Test func placesInTheRunStructure() {
        #expect(skerry_run_hypercall_nr_at == 32 && skerry_run_hypercall_args_at == 40 && skerry_run_hypercall_ret_at == 88 && skerry_run_hypercall_flags_at == 96)
        #expect(skerry_run_memory_fault_flags_at == 32 && skerry_run_memory_fault_gpa_at == 40 && skerry_run_memory_fault_size_at == 48)
        #expect(skerry_run_system_event_type_at == 32 && skerry_run_system_event_ndata_at == 36 && skerry_run_system_event_data_at == 40)
        #expect(skerry_run_snp_req_certs_gpa_at == 32 && skerry_run_snp_req_certs_npages_at == 40 && skerry_run_snp_req_certs_ret_at == 48)
    }
}
