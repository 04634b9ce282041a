internal import Confidential

/// Ends the check unless a body fails with an error of a kind, whose text has certain words.
func expectFailure(_ kind: SNPError.Kind, _ words: String, _ body: () throws -> Void) throws {
    do { try body() } catch let error as SNPError {
        guard error.kind == kind, error.description.contains(words) else { throw Unexpected("the error is: \(error)") }
        return
    }
    throw Unexpected("there was no error")
}

/// Machines and regions.
func checkMachines(_ tally: inout Tally) {
    tally.check("a machine of VM type 1 is made, with regions that have a guest_memfd each") { _ = try Guest() }
    tally.check("a machine of the SNP type is refused, with what to do") {
        try expectFailure(.requirement, "skerry snp check") { _ = try GuestMachine(.snp, calls: KernelCalls(LinuxKernel())) }
    }
    tally.check("a region over another one, of half a page or beyond all addresses is refused; the others stay") {
        let guest = try Guest()
        try expectFailure(.kernel(17), "overlaps") { try guest.memory.add(GuestRegion(address: Guest.tested.address + Guest.page, size: Guest.page)) }
        try expectFailure(.kernel(22), "KVM_CREATE_GUEST_MEMFD") { try guest.memory.add(GuestRegion(address: 0x1000_0000, size: 2048)) }
        try expectFailure(.kernel(22), "KVM_SET_USER_MEMORY_REGION2") { try guest.memory.add(GuestRegion(address: ~0 << 12, size: Guest.page)) }
        guest.memory.write(0x5151, at: Guest.tested.address)
        try expect("what the guest sees", try guest.read(Guest.tested.address), 0x5151)
    }
}
