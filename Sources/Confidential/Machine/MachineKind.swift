/// The kinds of KVM machines that have private memory; raw values are those of KVM_CREATE_VM (Documentation/virt/kvm/api.rst, 4.2).
package enum MachineKind: UInt64, Sendable {
    /// KVM_X86_SW_PROTECTED_VM: private memory as encrypted guests have it, without any encryption. For tests, with a kernel made for them (CONFIG_KVM_SW_PROTECTED_VM).
    case softwareProtected = 1
    /// KVM_X86_SNP_VM: SEV-SNP.
    case snp = 4

    /// For messages.
    var name: String { self == .snp ? "SNP" : "software-protected" }

    /// What to do when KVM does not make such machines.
    var advice: String {
        self == .snp
            ? "this KVM makes no SEV-SNP machines; `skerry snp check` says what is missing"
            : "this KVM makes no software-protected machines; boot a kernel with CONFIG_KVM_SW_PROTECTED_VM"
    }
}
