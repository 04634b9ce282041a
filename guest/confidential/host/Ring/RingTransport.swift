/// What the ring needs of the machine: shared pages, the doorbell, a counter and random numbers. The guest's kernel subclasses it, and so do tests.
open class RingTransport: @unchecked Sendable {
    /// For subclasses.
    public init() {}

    /// Copies bytes out of the shared pages, reading each just once. `offset` counts from the ring's first page (`ring_abi.h`) and is inside with all of the buffer.
    open func read(_ offset: Int, into buffer: UnsafeMutableRawBufferPointer) {}
    /// Copies bytes into the shared pages, as `read`.
    open func write(_ offset: Int, from buffer: UnsafeRawBufferPointer) {}
    /// Rings the doorbell and returns when the host has entered the guest again, whatever it did in between.
    open func exchange() {}

    /// The time stamp counter (RDTSC).
    open func counter() -> UInt64 { 0 }
    /// Fills the buffer with random bytes of the processor (RDRAND, RDSEED), or does not come back.
    open func random(_ buffer: UnsafeMutableRawBufferPointer) {}
    /// CPUID as programs see it.
    open func processorLeaf(_ function: UInt32, _ index: UInt32) -> ProcessorLeaf { ProcessorLeaf() }

    /// Called once, when the host has cheated. In a guest it ends the guest and does not return; where it does return (tests), the ring is dead from then on: every
    /// operation throws `EIO` and no shared byte is read any more.
    open func violate(_ violation: RingViolation) {}
}

/// The registers that CPUID fills.
public struct ProcessorLeaf: Sendable, Equatable {
    /// A register.
    public var eax: UInt32, ebx: UInt32, ecx: UInt32, edx: UInt32
    /// These registers; zeros are what an unknown leaf gives.
    public init(eax: UInt32 = 0, ebx: UInt32 = 0, ecx: UInt32 = 0, edx: UInt32 = 0) {
        (self.eax, self.ebx, self.ecx, self.edx) = (eax, ebx, ecx, edx)
    }
}
