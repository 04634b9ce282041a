/// An address in a program's virtual address space, chosen by the program and therefore hostile.
///
/// The only arithmetic is checked: it throws `EFAULT` (addresses) or `EINVAL` (lengths) instead of wrapping or trapping.
public struct GuestAddress: Equatable, Hashable, Comparable, Sendable {
    /// The raw 64-bit value.
    public let value: UInt64
    /// Wraps a raw value; any value is allowed.
    @inlinable public init(_ value: UInt64) { self.value = value }
    /// Orders by raw value.
    @inlinable public static func < (left: GuestAddress, right: GuestAddress) -> Bool { left.value < right.value }

    /// The end of the part of the address space that programs may use (x86-64 with 47 bits: `TASK_SIZE_MAX`, one page below 2^47).
    package static let userEnd = GuestAddress(0x7fff_ffff_f000)

    package var isNull: Bool { value == 0 }
    package var isPageAligned: Bool { value & 4095 == 0 }
    package var pageBase: GuestAddress { GuestAddress(value & ~4095) }

    /// The address `distance` bytes further on.
    package func advanced(by distance: UInt64) throws(Errno) -> GuestAddress {
        let (sum, overflow) = value.addingReportingOverflow(distance)
        if overflow { throw .EFAULT }
        return GuestAddress(sum)
    }

    /// The address of element `index` of an array of `stride`-byte elements that starts here.
    package func element(_ index: Int, stride: Int) throws(Errno) -> GuestAddress {
        let (offset, overflow) = index.multipliedReportingOverflow(by: stride)
        if overflow || offset < 0 { throw .EFAULT }
        return try advanced(by: UInt64(offset))
    }
}

/// A length in bytes given by the program.
public struct GuestLength: Equatable, Hashable, Comparable, Sendable {
    /// The raw 64-bit value.
    public let value: UInt64
    /// Wraps a raw value; any value is allowed.
    @inlinable public init(_ value: UInt64) { self.value = value }
    /// Orders by raw value.
    @inlinable public static func < (left: GuestLength, right: GuestLength) -> Bool { left.value < right.value }

    /// The most that one read or write moves (read(2): 0x7ffff000 bytes).
    package static let maximumTransfer = 0x7fff_f000

    /// The length cut to `limit`, as an `Int` that can be used without further checks.
    package func clamped(to limit: Int) -> Int { value > UInt64(limit) ? limit : Int(value) }

    /// The length rounded up to whole pages; `ENOMEM` when that does not fit.
    package func roundedUpToPage() throws(Errno) -> UInt64 {
        let (sum, overflow) = value.addingReportingOverflow(4095)
        if overflow { throw .ENOMEM }
        return sum & ~4095
    }
}

/// A number of elements given by the program.
public struct GuestCount: Equatable, Hashable, Sendable {
    /// The raw 64-bit value.
    public let value: UInt64
    /// Wraps a raw value; any value is allowed.
    @inlinable public init(_ value: UInt64) { self.value = value }

    /// The count, or `error` when it is above `limit` (or negative when seen as signed).
    package func checked(limit: Int, error: Errno = .EINVAL) throws(Errno) -> Int {
        if value > UInt64(limit) { throw error }
        return Int(value)
    }
}
