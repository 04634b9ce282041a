/// The XSAVE image of a signal frame: the processor's standard format, software bytes in the gap of the legacy region, a magic word behind it.
enum SignalExtendedState {
    static let legacySize = 512, headerEnd = 576, softwareOffset = 464
    static let magic1: UInt32 = 0x4650_5853, magic2: UInt32 = 0x4650_5845
    /// x87 and SSE.
    private static let legacyFeatures: UInt64 = 3
    /// MXCSR bits that exist; setting another faults in XRSTOR.
    private static let mxcsrMask: UInt32 = 0xffff

    static func encode(_ image: [UInt8], features: UInt64) -> [UInt8] {
        var bytes = image
        var software = ByteWriter(capacity: 48)
        software.u32(magic1)
        software.u32(UInt32(truncatingIfNeeded: image.count + 4))
        software.u64(features)
        software.u32(UInt32(truncatingIfNeeded: image.count))
        software.pad(to: legacySize - softwareOffset)
        if image.count >= headerEnd {
            for (index, byte) in software.bytes.enumerated() { bytes[softwareOffset + index] = byte }
            // Handlers that change x87 or SSE registers in the frame expect them to be taken.
            bytes[legacySize] |= UInt8(legacyFeatures)
        }
        var tail = ByteWriter(capacity: 4)
        tail.u32(magic2)
        return bytes + tail.bytes
    }

    /// The state a new program starts with, in an image of `size` bytes.
    static func initial(size: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(size, headerEnd))
        // FCW 0x037f, MXCSR 0x1f80.
        bytes[0] = 0x7f
        bytes[1] = 0x03
        bytes[24] = 0x80
        bytes[25] = 0x1f
        return bytes
    }

    /// Reads and checks what a frame's `fpstate` points to; nil address: the initial state. `EFAULT` for what XRSTOR would refuse.
    static func read(_ address: GuestAddress, from memory: AddressSpace, size: Int, features: UInt64) throws(Errno) -> [UInt8] {
        if address.isNull { return initial(size: size) }
        let legacy = try memory.readBytes(address, count: legacySize)
        let software = ByteReader(legacy)
        let extendedSize = software.u32(softwareOffset + 4), stateSize = software.u32(softwareOffset + 16)
        var isExtended = software.u32(softwareOffset) == magic1 && stateSize >= headerEnd && stateSize <= size && stateSize <= extendedSize
        if isExtended { isExtended = try memory.readU32(address.advanced(by: UInt64(stateSize))) == magic2 }
        if address.value & (isExtended ? 63 : 15) != 0 { throw .EFAULT }
        if software.u32(24) & ~mxcsrMask != 0 { throw .EFAULT }

        var image = initial(size: size)
        for index in 0..<softwareOffset { image[index] = legacy[index] }
        guard isExtended else {
            image[legacySize] = UInt8(legacyFeatures)
            return image
        }
        let rest = try memory.readBytes(address.advanced(by: UInt64(legacySize)), count: Int(stateSize) - legacySize)
        let header = ByteReader(Array(rest.prefix(64)))
        if header.u64(0) & ~features != 0 { throw .EFAULT }
        // XCOMP_BV and the reserved bytes.
        for offset in stride(from: 8, to: 64, by: 8) where header.u64(offset) != 0 { throw .EFAULT }
        for (index, byte) in rest.enumerated() { image[legacySize + index] = byte }
        let kept = header.u64(0) & software.u64(softwareOffset + 8)
        for index in 0..<8 { image[legacySize + index] = UInt8(truncatingIfNeeded: kept >> UInt64(8 * index)) }
        return image
    }
}
