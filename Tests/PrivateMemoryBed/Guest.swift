internal import Confidential
internal import PrivateMemoryGuest

/// A software-protected machine with the guest of guest/private-memory, which does one thing after the other as it is told.
final class Guest {
    /// Code, page tables and stack: always shared.
    static let low = GuestRegion(address: 0, size: 0x20_0000)
    /// What the checks convert.
    static let tested = GuestRegion(address: 0x40_0000, size: 0x20_0000)
    /// The addresses through which the nested guest takes memory for private (`NestedGuest`).
    static let privateViews = GuestRegion(address: 0x80_0000, size: 0x40_0000)
    static let page: UInt64 = 4096
    static let pageTables: UInt64 = 0x1000
    static let code: UInt64 = 0x10_0000

    let machine: GuestMachine
    let kernel: WatchedKernel
    var memory: PrivateMemory { machine.memory }

    init() throws {
        kernel = WatchedKernel()
        machine = try GuestMachine(.softwareProtected, calls: KernelCalls(kernel))
        for region in [Self.low, Self.tested, Self.privateViews] { try memory.add(region) }
        memory.writeShared((0..<private_memory_offset(PRIVATE_MEMORY_END)).map(private_memory_byte), at: Self.code)
        // The first GiB, mapped to itself by pages of 2 MiB; accessed and dirty, so that the processor writes nothing.
        let (second, third) = (Self.pageTables + Self.page, Self.pageTables + 2 * Self.page)
        memory.write(second | 0x27, at: Self.pageTables)
        memory.write(third | 0x27, at: second)
        for index in 0..<UInt64(512) { memory.write(index << 21 | 0xE7, at: third + index * 8) }
        var profile = VMSAProfile.longMode(rip: Self.code, rsp: 0x2_0000, cr3: Self.pageTables)
        if Self.canNest { profile.efer |= 0x1000 }
        try machine.createProcessor(profile, cpuid: nil)
    }

    /// Whether the processor has SVM, which KVM then offers to guests.
    static var canNest: Bool { LinuxHostFacts().cpuid(0x8000_0001, 0).ecx & 4 != 0 }

    /// Lets the guest do one thing; its answer.
    func command(_ which: Int32, _ r12: UInt64, _ rbx: UInt64, _ rcx: UInt64 = 0, _ rdi: UInt64 = 0) throws -> UInt64 {
        var halves = [UInt64(which), r12, rbx, rcx, rdi].flatMap { [UInt32(truncatingIfNeeded: $0), UInt32(truncatingIfNeeded: $0 >> 32)] }[...]
        var answer: [UInt64] = []
        while answer.count < 2 {
            let event = try machine.enter(0)
            switch event {
            case .portIn(port: UInt16(PRIVATE_MEMORY_PORT), size: 4):
                guard let half = halves.popFirst() else { throw Unexpected("the guest asks for more than a command has") }
                try machine.answerPortIn(0, bytes: (0..<4).map { UInt8(truncatingIfNeeded: half >> (8 * $0)) })
            case .portOut(port: UInt16(PRIVATE_MEMORY_PORT), let bytes) where bytes.count == 4: answer.append(bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) })
            default: throw Unexpected("the guest left with \(event)")
            }
        }
        return answer[1] << 32 | answer[0]
    }

    /// The word the guest sees at an address.
    func read(_ address: UInt64) throws -> UInt64 { try command(PRIVATE_MEMORY_READ, 0, address) }

    /// The guest writes words.
    func fill(_ address: UInt64, _ word: UInt64, words: UInt64 = 1) throws { _ = try command(PRIVATE_MEMORY_FILL, word, address, words) }

    /// All words that the guest sees from an address on, or-ed together.
    func any(_ address: UInt64, words: UInt64) throws -> UInt64 { try command(PRIVATE_MEMORY_ANY, 0, address, words) }

    /// VMMCALL; what the guest finds in RAX, as hypercalls return it.
    func call(_ number: UInt64, _ first: UInt64, _ second: UInt64, _ third: UInt64) throws -> Int64 {
        Int64(bitPattern: try command(PRIVATE_MEMORY_CALL, number, first, second, third))
    }

    /// KVM_HC_MAP_GPA_RANGE.
    func convert(_ address: UInt64, pages: UInt64 = 1, toPrivate isPrivate: Bool) throws -> Int64 { try call(12, address, pages, isPrivate ? 0x10 : 0) }
}

extension PrivateMemory {
    /// A little-endian word of the shared side.
    func write(_ word: UInt64, at address: UInt64) { writeShared((0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }, at: address) }

    /// A little-endian word of the shared side; nil where there is none.
    func word(at address: UInt64) -> UInt64? { readShared(address, count: 8)?.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
}
