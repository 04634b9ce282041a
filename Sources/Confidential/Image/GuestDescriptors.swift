internal import ConfidentialABI

/// The descriptor tables the guest starts with (APM volume 2, 4.8 and 8.2): a gate for each of the 256 vectors, on stacks of their own.
struct GuestDescriptors {
    /// Descriptors up to the task's, two of 8 bytes.
    static let globalLimit = UInt16(SKERRY_GUEST_TR + 15)
    /// The task state segment with a bitmap of ports up to the simulation's.
    static let taskLimit = UInt32(104 + Int(SKERRY_SIMULATION_PORT) / 8 + 1)
    /// #VC has a stack to itself: its handler returns.
    private static let communication = 29

    /// The address that the guest sees of the first entry point.
    let vectors: UInt64
    /// The guest runs at CPL 3 and reaches the simulation's ports from there.
    let opensPorts: Bool

    /// 256 gates of 16 bytes: present, interrupts off, CPL 0.
    var interruptTable: [UInt8] {
        var page = [UInt8](repeating: 0, count: PageSize.bytes)
        for vector in 0..<256 {
            let handler = vectors + UInt64(vector) * 16
            let stack: UInt64 = vector == Self.communication ? 1 : 2
            // Programs may raise #BP and #OF themselves.
            let kind: UInt64 = vector == 3 || vector == 4 ? 0xEE : 0x8E
            page.store(handler & 0xFFFF | UInt64(SKERRY_GUEST_CS0) << 16 | stack << 32 | kind << 40 | (handler >> 16 & 0xFFFF) << 48, at: vector * 16)
            page.store(handler >> 32, at: vector * 16 + 8)
        }
        return page
    }

    /// Descriptors for both privilege levels, and the task state segment.
    var globalTable: [UInt8] {
        var page = [UInt8](repeating: 0, count: PageSize.bytes)
        let task = UInt64(SKERRY_GUEST_TSS) &+ GuestImage.alias
        let descriptors: [Int32: UInt64] = [
            SKERRY_GUEST_CS0: 0x00AF_9B00_0000_FFFF, SKERRY_GUEST_SS0: 0x00CF_9300_0000_FFFF, SKERRY_GUEST_SS3 & ~3: 0x00CF_F300_0000_FFFF,
            SKERRY_GUEST_CS3 & ~3: 0x00AF_FB00_0000_FFFF,
            SKERRY_GUEST_TR: UInt64(Self.taskLimit) | (task & 0xFF_FFFF) << 16 | 0x8B << 40 | (task >> 24 & 0xFF) << 56, SKERRY_GUEST_TR + 8: task >> 32,
        ]
        for (selector, descriptor) in descriptors { page.store(descriptor, at: Int(selector)) }
        let start = Int(SKERRY_GUEST_TSS - SKERRY_GUEST_GDT)
        page.store(UInt64(SKERRY_GUEST_FAULT_STACK_END) &+ GuestImage.alias, at: start + 4)
        page.store(UInt64(SKERRY_GUEST_VC_STACK_END) &+ GuestImage.alias, at: start + 36)
        page.store(UInt64(SKERRY_GUEST_FAULT_STACK_END) &+ GuestImage.alias, at: start + 44)
        page.store(UInt16(104), at: start + 102)
        // Ports of the bitmap are open where a bit is clear; the last byte has to be ones.
        let open = opensPorts ? [SKERRY_SIMULATION_PORT, SKERRY_GATE_PORT, SKERRY_EXCEPTION_PORT] : []
        for port in 0..<(Int(Self.taskLimit) - 104) * 8 where !open.contains(Int32(port)) { page[start + 104 + port / 8] |= 1 << UInt8(port % 8) }
        page[start + Int(Self.taskLimit)] = 0xFF
        return page
    }
}
