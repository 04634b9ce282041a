extension OpenFlags {
    /// The bits as `Host` takes them: the host's ABI is the program's.
    package var hostBits: Int32 { Int32(bitPattern: rawValue) }
}
