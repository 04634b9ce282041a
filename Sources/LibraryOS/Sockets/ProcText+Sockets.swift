extension ProcText {
    /// /proc/net/unix, in the format of the kernel's unix_seq_show with its pointers hidden.
    static func unixSockets(_ reader: Task) throws(Errno) -> [UInt8] {
        var writer = TextWriter(capacity: 256)
        writer.text("Num       RefCount Protocol Flags    Type St Inode Path\n")
        let domain = reader.kernel.unixSockets
        for socket in domain.all {
            let (state, address, hasPeer) = domain.lock.withLock { (socket.state, socket.address, socket.peer != nil) }
            let isHeld = socket.currentReferences > 0
            writer.text("0000000000000000: ")
            writer.hex(hasPeer ? 3 : 2, width: 8)
            writer.text(" 00000000 ")
            // __SO_ACCEPTCON.
            writer.hex(state == .listening ? 0x10000 : 0, width: 8)
            writer.text(" ")
            writer.hex(UInt64(socket.kind.rawValue), width: 4)
            writer.text(" ")
            // SS_CONNECTED and SS_UNCONNECTED, before accept(2) SS_CONNECTING and SS_DISCONNECTING.
            let phase: UInt64 = isHeld ? (state == .established ? 3 : 1) : (state == .established ? 2 : 4)
            writer.hex(phase, width: 2)
            writer.text(" ")
            writer.unsigned(isHeld ? socket.number : 0, width: 5)
            switch address {
            case .path(let path):
                writer.text(" ")
                writer.raw(path)
            case .abstract(let name):
                writer.text(" @")
                writer.raw(name.map { $0 == 0 ? UInt8(ascii: "@") : $0 })
            case nil: break
            }
            writer.newline()
        }
        return writer.bytes
    }
}
