internal import Confidential

private let tested = Guest.tested.address
/// KVM_EXIT_MEMORY_FAULT and KVM_MEMORY_EXIT_FLAG_PRIVATE; -EFAULT.
private let (memoryFault, privateFlag, badAddress): (UInt32, UInt64, Int32) = (39, 8, -14)

/// Accesses to memory of the other kind, for which KVM leaves with KVM_EXIT_MEMORY_FAULT.
func checkAccesses(_ tally: inout Tally) {
    func check(_ name: String, _ body: (Guest, NestedGuest) throws -> Void) {
        guard Guest.canNest else { return tally.skip(name, "the processor has no SVM, without which no access is of the other kind") }
        tally.check(name) {
            let guest = try Guest()
            try body(guest, NestedGuest(in: guest))
        }
    }
    check("a private access to a shared page: one memory fault, flag 8, is converted once and goes on") { guest, nested in
        let page = tested + 3 * Guest.page
        guest.memory.write(0xAAAA, at: page)
        try expect("what the guest sees", try nested.read(NestedGuest.privateView + 3 * Guest.page), 0)
        try expect("the faults", guest.kernel.faults, [.init(result: badAddress, reason: memoryFault, flags: privateFlag, address: page, size: Guest.page)])
        try expect("the conversions", guest.memory.implicitConversions, 1)
        try nested.write(0xBBBB, at: NestedGuest.privateView + 3 * Guest.page)
        try expect("what the guest sees of its word", try guest.read(page), 0xBBBB)
        try expect("what the host sees", guest.memory.word(at: page), 0xAAAA)
        try expect("the conversions", guest.memory.implicitConversions, 1)
    }
    check("a shared access to a private page: one memory fault, no flag, is converted once and goes on") { guest, nested in
        guest.memory.write(0xAAAA, at: tested)
        try expect("the answer", try guest.convert(tested, toPrivate: true), 0)
        try guest.fill(tested, 0xBBBB)
        try expect("what the guest sees", try nested.read(NestedGuest.sharedView), 0xAAAA)
        try expect("the faults", guest.kernel.faults, [.init(result: badAddress, reason: memoryFault, flags: 0, address: tested, size: Guest.page)])
        try expect("the conversions", guest.memory.implicitConversions, 1)
        try expect("the holes", guest.kernel.holes, [0..<Guest.page])
    }
    check("an access of the right kind: no fault") { guest, nested in
        guest.memory.write(0xAAAA, at: tested)
        try expect("what the guest sees", try nested.read(NestedGuest.sharedView), 0xAAAA)
        try expect("the faults", guest.kernel.faults, [])
    }
    check("a page taken for both kinds in turns: eight conversions are granted") { guest, nested in
        try expect("the end", try nested.alternate(NestedGuest.privateView, NestedGuest.sharedView, rounds: 4), 0x600D)
        try expect("the conversions", guest.memory.implicitConversions, 8)
        // Another exit was between: the count begins anew.
        try expect("the end", try nested.alternate(NestedGuest.privateView, NestedGuest.sharedView, rounds: 4), 0x600D)
        try expect("the conversions", guest.memory.implicitConversions, 16)
    }
    check("a page taken for both kinds in turns for ever: refused with an error") { guest, nested in
        try expectFailure(.guest, "in turns") { _ = try nested.alternate(NestedGuest.privateView, NestedGuest.sharedView, rounds: 1_000_000) }
        try expect("the conversions", guest.memory.implicitConversions, 8)
        try expect("the faults", guest.kernel.faults.count, 9)
    }
    check("conversions that do not help: refused with an error, not repeated for ever") { guest, nested in
        guest.kernel.omission = .conversions
        try expectFailure(.guest, "without getting on") { _ = try nested.read(NestedGuest.privateView) }
        let fault = WatchedKernel.Fault(result: badAddress, reason: memoryFault, flags: privateFlag, address: tested, size: Guest.page)
        try expect("the faults", guest.kernel.faults, .init(repeating: fault, count: 9))
    }
    check("a private access where no memory is: refused with an error") { guest, nested in
        try expectFailure(.guest, "no memory at this address") { _ = try nested.read(NestedGuest.nowhereView) }
        try expect("the faults", guest.kernel.faults.map(\.address), [NestedGuest.nowhere])
        try expect("the conversions", guest.memory.implicitConversions, 0)
    }
}
