package import Monitor

/// What was found on the host, before it is judged. Plain values, so that the judgement can be tested for hosts one does not have.
package struct HostFacts: Sendable {
    /// A device file.
    package struct Device: Sendable, Equatable {
        package var mode: UInt32
        package var group: String
        /// Why it cannot be opened for reading and writing (errno); 0: it can.
        package var openError: Int32
        package init(mode: UInt32, group: String, openError: Int32) {
            self.mode = mode
            self.group = group
            self.openError = openError
        }
    }
    /// What /dev/kvm answers.
    package struct KVM: Sendable, Equatable {
        package var apiVersion: Int32 = 12
        /// Names of capabilities Skerry needs, and whether they are there.
        package var capabilities: [(name: String, present: Bool)] = []
        package var maximumVCPUs: Int32 = 0
        package var recommendedVCPUs: Int32 = 0
        package var memorySlots: Int32 = 0
        /// KVM_CAP_VM_TYPES.
        package var vmTypes: Int32 = 0
        package init() {}
        package static func == (left: KVM, right: KVM) -> Bool {
            left.apiVersion == right.apiVersion && left.capabilities.elementsEqual(right.capabilities, by: ==) && left.maximumVCPUs == right.maximumVCPUs
                && left.recommendedVCPUs == right.recommendedVCPUs && left.memorySlots == right.memorySlots && left.vmTypes == right.vmTypes
        }
    }
    /// What a guest of one instruction showed.
    package enum Probe: Sendable {
        case notTried
        case ran(HostKind)
        case failed(String)
    }

    package var user = ""
    package var kvmDevice: Device?
    package var kvmError: String?
    package var kvm: KVM?
    package var probe = Probe.notTried
    /// Flags of the first processor in /proc/cpuinfo.
    package var processorFlags: Set<String> = []
    package var processorModel = ""
    package var processors = 0
    package var physicalAddressBits = 0
    /// Names in /sys/module that begin with kvm, and "kvm" in /proc/misc.
    package var modules: Set<String> = []
    package var kvmIsRegistered = false
    package var sevDevice: Device?
    package var kernelRelease = ""
    package var memoryTotal: UInt64 = 0, memoryAvailable: UInt64 = 0
    package var maximumMapCount: UInt64?
    package var overcommit: UInt64?
    package var clockSource = "", clockSources = ""
    package var descriptorLimit: UInt64 = 0, descriptorHardLimit: UInt64 = 0
    /// RLIMIT_AS; nil: unlimited.
    package var addressSpaceLimit: UInt64?
    package var openat2Error: Int32 = 0
    package var memfdError: Int32 = 0
    /// The setting in brackets of transparent_hugepage/shmem_enabled.
    package var sharedMemoryHugePages = ""

    package init() {}

    /// The kernel's major and minor number.
    var kernelVersion: (Int, Int) {
        let numbers = kernelRelease.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        return (numbers.first ?? 0, numbers.count > 1 ? numbers[1] : 0)
    }
}
