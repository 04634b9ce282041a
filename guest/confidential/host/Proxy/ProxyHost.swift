public import LibraryOS

/// What the library OS needs from outside, in a guest in proxy mode: `StreamHost`, and files that are the host's. **The results are the host's to choose.** What is
/// checked is that each is one that the call may have: that protects the library OS, not what its programs read.
public final class ProxyHost: StreamHost, @unchecked Sendable {
    private let handles = ProxyHandles()

    /// Asks the host once for date and frequency.
    ///
    /// - Throws: `EIO` when the ring is dead.
    public override init(ring: Ring) throws(Errno) { try super.init(ring: ring) }

    /// The root folder that the host has mounted, for `HostFS(host:root:device:readOnly:)`.
    public var rootDirectory: HostFile { ProxyFile(ProxyFunction.root) { _ in } }

    private static func handle(_ file: HostFile) throws(Errno) -> UInt64 {
        guard let file = file as? ProxyFile else { throw .EBADF }
        return file.handle
    }

    private static func name(_ name: [UInt8]) throws(Errno) -> [UInt8] {
        if !ProxyCall.isName(name) { throw name.count > 255 ? .ENAMETOOLONG : .EINVAL }
        return name
    }

    /// For calls that give nothing.
    private func perform(_ call: ProxyCall) throws(Errno) { _ = try ring.call(call) }

    // MARK: Opening

    private func make(_ call: (UInt64) throws(Errno) -> Void) throws(Errno) -> HostFile {
        guard let handle = handles.take() else { throw .ENFILE }
        do throws(Errno) {
            try call(handle)
        } catch {
            handles.give(back: handle)
            throw error
        }
        return ProxyFile(handle) { [ring, handles] handle in
            do throws(Errno) { _ = try ring.call(ProxyCall(.close, handle)) } catch {}
            handles.give(back: handle)
        }
    }

    /// As `Host` says.
    public override func open(beneath directory: HostFile, _ name: [UInt8], flags: Int32, mode: UInt32) throws(Errno) -> HostFile {
        let directory = try Self.handle(directory)
        if !ProxyCall.isText(name, 1...4095) { throw name.count > 4095 ? .ENAMETOOLONG : .ENOENT }
        return try make { handle throws(Errno) in
            try perform(ProxyCall(.open, directory, handle, UInt64(UInt32(bitPattern: flags)), UInt64(mode), first: name))
        }
    }
    /// As `open`.
    public override func reopen(_ file: HostFile, flags: Int32) throws(Errno) -> HostFile {
        if file is RingStream { return try super.reopen(file, flags: flags) }
        let old = try Self.handle(file)
        return try make { handle throws(Errno) in try perform(ProxyCall(.reopen, old, handle, UInt64(UInt32(bitPattern: flags)))) }
    }

    // MARK: What there is

    /// As `Host` says.
    public override func attributes(of file: HostFile) throws(Errno) -> FileAttributes {
        guard let file = file as? ProxyFile else { return try super.attributes(of: file) }
        let bytes = try ring.call(ProxyCall(.attributes, file.handle), most: ProxyAttributes.size)
        let attributes = try ring.wellFormed(ProxyAttributes.decode(bytes))
        try ring.require(file.isStill(attributes.kind), .answer)
        return attributes
    }
    /// As `Host` says.
    public override func readLink(_ file: HostFile) throws(Errno) -> [UInt8] {
        let target = try ring.call(ProxyCall(.readLink, try Self.handle(file)), most: 4095)
        try ring.require(ProxyCall.isText(target, 1...4095), .answer)
        return target
    }
    /// As `Host` says.
    public override func components(of file: HostFile, below root: HostFile) throws(Errno) -> [[UInt8]] {
        let bytes = try ring.call(ProxyCall(.components, try Self.handle(file), try Self.handle(root)), most: Ring.largestTransfer)
        return try ring.wellFormed(ProxyNames.decode(bytes, ProxyCall.isName))
    }
    /// As `Host` says.
    public override func readDirectory(_ file: HostFile, from offset: Int64) throws(Errno) -> [HostDirectoryEntry] {
        let bytes = try ring.call(ProxyCall(.readDirectory, try Self.handle(file), UInt64(bitPattern: offset)), most: Ring.largestTransfer)
        return try ring.wellFormed(ProxyEntries.decode(bytes))
    }
    /// As `Host` says.
    public override func fileSystemStatistics(_ file: HostFile) throws(Errno) -> FileSystemStatistics {
        let bytes = try ring.call(ProxyCall(.statistics, try Self.handle(file)), most: ProxyStatistics.size)
        return try ring.wellFormed(ProxyStatistics.decode(bytes))
    }

    // MARK: Bytes

    /// As `Host` says.
    public override func read(_ file: HostFile, into segments: [UnsafeMutableRawBufferPointer], at offset: Int64?) throws(Errno) -> Int {
        if file is RingStream { return try super.read(file, into: segments, at: offset) }
        return try read(.read, file, segments, offset)
    }
    /// As `Host` says.
    public override func readCached(_ file: HostFile, into segments: [UnsafeMutableRawBufferPointer], at offset: Int64) throws(Errno) -> Int {
        try read(.readCached, file, segments, offset)
    }
    private func read(_ function: ProxyFunction, _ file: HostFile, _ segments: [UnsafeMutableRawBufferPointer], _ offset: Int64?) throws(Errno) -> Int {
        let handle = try Self.handle(file)
        return try ProxyTransfer.move(segments, at: offset, most: Ring.largestTransfer) { piece, place throws(Errno) in
            try ring.call(ProxyCall(function, handle, place), into: piece).length
        }
    }
    /// As `Host` says.
    public override func write(_ file: HostFile, from segments: [UnsafeMutableRawBufferPointer], at offset: Int64?) throws(Errno) -> Int {
        if file is RingStream { return try super.write(file, from: segments, at: offset) }
        let handle = try Self.handle(file)
        return try ProxyTransfer.move(segments, at: offset, most: ProxyCall.largestText) { piece, place throws(Errno) in
            let written = try ring.call(ProxyCall(.write, handle, place, first: Array(piece))).number
            try ring.require(written >= 1 && written <= UInt64(piece.count), .result)
            return Int(written)
        }
    }
    /// As `Host` says.
    public override func seek(_ file: HostFile, offset: Int64, whence: Int32) throws(Errno) -> Int64 {
        if file is RingStream { return try super.seek(file, offset: offset, whence: whence) }
        guard whence == 3 || whence == 4, offset >= 0 else { throw .EINVAL }
        let found = try ring.call(ProxyCall(.seek, try Self.handle(file), UInt64(offset), UInt64(whence))).number
        try ring.require(found >= UInt64(offset) && found <= UInt64(Int64.max), .result)
        return Int64(found)
    }
    /// As `Host` says.
    public override func sync(_ file: HostFile, dataOnly: Bool) throws(Errno) {
        if file is RingStream { return try super.sync(file, dataOnly: dataOnly) }
        try perform(ProxyCall(.sync, try Self.handle(file), dataOnly ? 1 : 0))
    }
    /// As `Host` says.
    public override func truncate(_ file: HostFile, to length: Int64) throws(Errno) {
        try perform(ProxyCall(.truncate, try Self.handle(file), UInt64(bitPattern: length)))
    }
    /// As `Host` says.
    public override func allocate(_ file: HostFile, mode: Int32, offset: Int64, length: Int64) throws(Errno) {
        try perform(
            ProxyCall(.allocate, try Self.handle(file), UInt64(UInt32(bitPattern: mode)), UInt64(bitPattern: offset), UInt64(bitPattern: length)))
    }

    // MARK: Names

    /// As `Host` says.
    public override func makeDirectory(in directory: HostFile, _ name: [UInt8], mode: UInt32) throws(Errno) {
        try perform(ProxyCall(.makeDirectory, try Self.handle(directory), UInt64(mode), first: try Self.name(name)))
    }
    /// As `Host` says.
    public override func makeNode(in directory: HostFile, _ name: [UInt8], mode: UInt32) throws(Errno) {
        try perform(ProxyCall(.makeNode, try Self.handle(directory), UInt64(mode), first: try Self.name(name)))
    }
    /// As `Host` says.
    public override func makeSymbolicLink(in directory: HostFile, _ name: [UInt8], target: [UInt8]) throws(Errno) {
        if !ProxyCall.isText(target, 1...4095) { throw target.isEmpty ? .ENOENT : .ENAMETOOLONG }
        try perform(ProxyCall(.makeSymbolicLink, try Self.handle(directory), first: try Self.name(name), second: target))
    }
    /// As `Host` says.
    public override func makeLink(to file: HostFile, in directory: HostFile, _ name: [UInt8]) throws(Errno) {
        try perform(ProxyCall(.makeLink, try Self.handle(file), try Self.handle(directory), first: try Self.name(name)))
    }
    /// As `Host` says.
    public override func unlink(in parent: HostFile, _ name: [UInt8], directory: Bool) throws(Errno) {
        try perform(ProxyCall(.unlink, try Self.handle(parent), directory ? 1 : 0, first: try Self.name(name)))
    }
    /// As `Host` says.
    public override func rename(from oldParent: HostFile, _ oldName: [UInt8], to newParent: HostFile, _ newName: [UInt8], flags: UInt32) throws(Errno) {
        try perform(
            ProxyCall(
                .rename, try Self.handle(oldParent), try Self.handle(newParent), UInt64(flags), first: try Self.name(oldName), second: try Self.name(newName)))
    }

    // MARK: Attributes

    /// As `Host` says.
    public override func setMode(_ file: HostFile, _ mode: UInt32) throws(Errno) { try perform(ProxyCall(.setMode, try Self.handle(file), UInt64(mode))) }
    /// As `Host` says.
    public override func setOwner(_ file: HostFile, user: UInt32?, group: UInt32?) throws(Errno) {
        try perform(ProxyCall(.setOwner, try Self.handle(file), user.map(UInt64.init) ?? .max, group.map(UInt64.init) ?? .max))
    }
    /// As `Host` says.
    public override func setTimes(_ file: HostFile, access: Int64?, modification: Int64?) throws(Errno) {
        let set: UInt64 = (access == nil ? 0 : 1) + (modification == nil ? 0 : 2)
        try perform(ProxyCall(.setTimes, try Self.handle(file), UInt64(bitPattern: access ?? 0), UInt64(bitPattern: modification ?? 0), set))
    }
    /// As `Host` says.
    public override func extendedAttribute(_ file: HostFile, _ name: [UInt8]) throws(Errno) -> [UInt8] {
        try ring.call(ProxyCall(.extendedAttribute, try Self.handle(file), first: try Self.attribute(name)), most: Ring.largestTransfer)
    }
    /// As `Host` says.
    public override func extendedAttributeNames(_ file: HostFile) throws(Errno) -> [[UInt8]] {
        let bytes = try ring.call(ProxyCall(.extendedAttributeNames, try Self.handle(file)), most: Ring.largestTransfer)
        return try ring.wellFormed(ProxyNames.decode(bytes) { ProxyCall.isText($0, 1...255) })
    }
    /// As `Host` says; `E2BIG` for a value that does not fit into the ring with its name.
    public override func setExtendedAttribute(_ file: HostFile, _ name: [UInt8], _ value: [UInt8], flags: Int32) throws(Errno) {
        let call = ProxyCall(.setExtendedAttribute, try Self.handle(file), UInt64(UInt32(bitPattern: flags)), first: try Self.attribute(name), second: value)
        if value.count > ProxyCall.largestText &- call.first.count { throw .E2BIG }
        try perform(call)
    }
    /// As `Host` says.
    public override func removeExtendedAttribute(_ file: HostFile, _ name: [UInt8]) throws(Errno) {
        try perform(ProxyCall(.removeExtendedAttribute, try Self.handle(file), first: try Self.attribute(name)))
    }

    private static func attribute(_ name: [UInt8]) throws(Errno) -> [UInt8] {
        if !ProxyCall.isText(name, 1...255) { throw .ERANGE }
        return name
    }
}
