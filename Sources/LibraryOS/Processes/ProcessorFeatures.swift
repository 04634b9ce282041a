/// What programs are told of the processor, found by the monitor from CPUID.
public struct ProcessorFeatures: Sendable {
    /// AT_HWCAP: EDX of CPUID leaf 1.
    public var hardwareCapabilities: UInt64 = 0
    /// AT_HWCAP2: bit 1 says that the FSGSBASE instructions may be used.
    public var hardwareCapabilities2: UInt64 = 0
    /// XCR0: which components of extended state there are.
    public var extendedFeatures: UInt64 = 3
    /// Bytes of the XSAVE area in standard format (CPUID leaf 0xD, EBX).
    public var extendedStateSize: Int = 576
    /// MXCSR bits that may be set (FXSAVE's MXCSR_MASK).
    public var mxcsrMask: UInt32 = 0xffff
    /// AT_MINSIGSTKSZ: the size of a signal frame with extended state, plus the rest of the frame and alignment.
    public var signalStackSize: UInt64 { UInt64(extendedStateSize) &+ 1024 }
    /// SSE only.
    public init() {}
}
