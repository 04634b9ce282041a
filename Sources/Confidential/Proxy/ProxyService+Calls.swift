internal import GuestHost
internal import LibraryOS

extension ProxyService {
    /// What open(2) knows that means something for files. Everything else a guest keeps to itself.
    private static let flags = OpenFlags(rawValue: 3).union([
        .create, .exclusive, .truncate, .noControllingTerminal, .directory, .noFollow, .noAccessTime, .closeOnExec, .sync, .dataSync, .path, .temporaryBit, .largeFile,
    ])

    func serve(_ call: ProxyCall, _ capacity: Int) throws(Errno) -> Answer {
        let (a0, a1) = (call.arguments.0, call.arguments.1)
        switch call.function {
        case .open, .reopen: try open(call)
        case .close: try close(a0)
        case .attributes: return Answer(bytes: ProxyAttributes.encode(try files.attributes(of: try file(a0))))
        case .readLink: return Answer(bytes: try target(of: try file(a0)))
        case .components: return try names(try files.components(of: try file(a0), below: try file(a1)), capacity, ProxyCall.isName)
        case .readDirectory:
            let entries = try files.readDirectory(try file(a0), from: try Self.offset(a1))
            let bytes = ProxyEntries.encode(entries, capacity: capacity)
            // No entry at all would be the end.
            if bytes.isEmpty && !entries.isEmpty { throw .EIO }
            return Answer(bytes: bytes)
        case .read, .readCached: return try read(call, capacity)
        case .write: return try write(call)
        case .seek: return try seek(call)
        case .statistics: return Answer(bytes: ProxyStatistics.encode(try files.fileSystemStatistics(try file(a0))))
        case .extendedAttribute: return Answer(bytes: try files.extendedAttribute(try file(a0), try Self.text(call.first, 1...255)))
        case .extendedAttributeNames: return try names(try files.extendedAttributeNames(try file(a0)), capacity) { ProxyCall.isText($0, 1...255) }
        default: try change(call)
        }
        return Answer()
    }

    // MARK: Fields

    private static func name(_ bytes: [UInt8]) throws(Errno) -> [UInt8] {
        if !ProxyCall.isName(bytes) { throw .EINVAL }
        return bytes
    }

    private static func text(_ bytes: [UInt8], _ lengths: ClosedRange<Int>) throws(Errno) -> [UInt8] {
        if !ProxyCall.isText(bytes, lengths) { throw .EINVAL }
        return bytes
    }

    static func offset(_ number: UInt64) throws(Errno) -> Int64 {
        guard let offset = Int64(exactly: number) else { throw .EINVAL }
        return offset
    }

    private static func bits(_ number: UInt64, _ most: UInt32) throws(Errno) -> UInt32 {
        guard let bits = UInt32(exactly: number), bits & ~most == 0 else { throw .EINVAL }
        return bits
    }

    /// An id to set; all ones: none.
    private static func identity(_ number: UInt64) throws(Errno) -> UInt32? {
        if number == .max { return nil }
        guard let id = UInt32(exactly: number) else { throw .EINVAL }
        return id
    }

    // MARK: Opening

    private func open(_ call: ProxyCall) throws(Errno) {
        let (base, handle) = (try file(call.arguments.0), call.arguments.1)
        try checkFree(handle)
        let flags = Int32(bitPattern: try Self.bits(call.arguments.2, Self.flags.rawValue))
        if flags & 3 == 3 { throw .EINVAL }
        if call.function == .reopen { return keep(try files.reopen(base, flags: flags), handle) }
        let path = try Self.text(call.first, 1...4095)
        keep(try files.open(beneath: base, path, flags: flags, mode: try Self.bits(call.arguments.3, 0o7777)), handle)
    }

    // MARK: What there is

    private func target(of file: HostFile) throws(Errno) -> [UInt8] {
        let target = try files.readLink(file)
        if !ProxyCall.isText(target, 1...4095) { throw .EIO }
        return target
    }

    private func names(_ names: [[UInt8]], _ capacity: Int, _ isValid: ([UInt8]) -> Bool) throws(Errno) -> Answer {
        guard names.allSatisfy(isValid), let bytes = ProxyNames.encode(names, capacity: capacity) else { throw .EIO }
        return Answer(bytes: bytes)
    }

    private func seek(_ call: ProxyCall) throws(Errno) -> Answer {
        let (offset, whence) = (try Self.offset(call.arguments.1), call.arguments.2)
        if whence != 3 && whence != 4 { throw .EINVAL }
        let found = try files.seek(try file(call.arguments.0), offset: offset, whence: Int32(whence))
        if found < offset { throw .EIO }
        return Answer(number: UInt64(found))
    }

    // MARK: Changes

    private func change(_ call: ProxyCall) throws(Errno) {
        let file = try file(call.arguments.0)
        let (a1, a2, a3) = (call.arguments.1, call.arguments.2, call.arguments.3)
        switch call.function {
        case .makeDirectory: try files.makeDirectory(in: file, try Self.name(call.first), mode: try Self.bits(a1, 0o7777))
        case .makeNode: try files.makeNode(in: file, try Self.name(call.first), mode: try Self.bits(a1, 0o177777))
        case .makeSymbolicLink: try files.makeSymbolicLink(in: file, try Self.name(call.first), target: try Self.text(call.second, 1...4095))
        case .makeLink: try files.makeLink(to: file, in: try self.file(a1), try Self.name(call.first))
        case .unlink: try files.unlink(in: file, try Self.name(call.first), directory: try Self.bits(a1, 1) == 1)
        case .rename: try files.rename(from: file, try Self.name(call.first), to: try self.file(a1), try Self.name(call.second), flags: try Self.bits(a2, 3))
        case .setMode: try files.setMode(file, try Self.bits(a1, 0o7777))
        case .setOwner: try files.setOwner(file, user: try Self.identity(a1), group: try Self.identity(a2))
        case .setTimes:
            let set = try Self.bits(a3, 3)
            try files.setTimes(file, access: set & 1 == 0 ? nil : Int64(bitPattern: a1), modification: set & 2 == 0 ? nil : Int64(bitPattern: a2))
        case .truncate: try files.truncate(file, to: try Self.offset(a1))
        case .allocate: try files.allocate(file, mode: Int32(try Self.bits(a1, 0x7F)), offset: try Self.offset(a2), length: try Self.offset(a3))
        case .sync: try files.sync(file, dataOnly: try Self.bits(a1, 1) == 1)
        case .setExtendedAttribute: try files.setExtendedAttribute(file, try Self.text(call.first, 1...255), call.second, flags: Int32(try Self.bits(a1, 3)))
        case .removeExtendedAttribute: try files.removeExtendedAttribute(file, try Self.text(call.first, 1...255))
        // The others are served above.
        default: throw .EIO
        }
    }
}
