internal import Glibc
internal import Synchronization

extension PrivateMemory {
    /// KVM_HC_MAP_GPA_RANGE, by which the guest asks for pages to become private or shared (Documentation/virt/kvm/x86/hypercalls.rst).
    ///
    /// - Returns: What KVM is to answer: 0, or an error number, which is positive, for a request that is none.
    /// - Throws: `kernel` when the kernel refuses what the guest may have.
    func answer(_ request: MapRequest) throws(SNPError) -> UInt64 {
        let (size, wraps) = request.pages.multipliedReportingOverflow(by: PageSize.small)
        let (end, ends) = request.address.addingReportingOverflow(size)
        guard request.number == KVMConstants.mapGPARange, request.attributes & ~KVMConstants.mapDefined == 0, !wraps, !ends, slot(containing: request.address..<end) != nil
        else { return UInt64(EINVAL) }
        try setPrivate(request.address..<end, request.attributes & KVMConstants.mapEncrypted != 0)
        requested.wrappingAdd(1, ordering: .relaxed)
        return 0
    }

    /// An access to a page of the other kind: the page becomes what the guest takes it for.
    ///
    /// - Throws: `guest` where no memory is, or when the same page was converted too often already.
    func convert(_ fault: MemoryFault, _ conversions: inout ConversionGuard) throws(SNPError) {
        let address = fault.address & ~(PageSize.small - 1)
        let step = "an access of the guest to \(address.hexadecimal)"
        let rounded = max(fault.size, 1).addingReportingOverflow(PageSize.small - 1)
        let (end, wraps) = address.addingReportingOverflow(rounded.partialValue & ~(PageSize.small - 1))
        guard !rounded.overflow, !wraps, slot(containing: address..<end) != nil else {
            throw SNPError(.guest, step, "there is no memory at this address")
        }
        guard conversions.allows(address) else {
            throw SNPError(.guest, step, "it takes the page for private and shared in turns without getting on; the guest is stopped")
        }
        try setPrivate(address..<end, fault.flags & KVMConstants.faultPrivate != 0)
        implicit.wrappingAdd(1, ordering: .relaxed)
    }
}
