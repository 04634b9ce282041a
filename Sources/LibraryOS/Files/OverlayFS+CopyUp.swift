extension OverlayFS {
    private static let chunk = 256 << 10

    /// The upper file of a node, made from the lower one if it is not there yet. Only the first `dataLimit` bytes are copied, for truncation.
    ///
    /// The copy is filled before it gets its name and without a lock; when two callers copy the same file the second copy is dropped.
    func copyUp(_ node: OverlayNode, dataLimit: Int64 = .max) throws(Errno) -> Inode {
        let (existing, place) = names.withLock { (node.upper, node.place) }
        if let existing { return existing }
        guard let lower = node.lower else { throw .ESTALE }
        let parent = try place.map { place throws(Errno) in try copyUp(place.parent) }
        let attributes = try lower.attributes()
        let content = node.kind == .regular ? try copyContent(of: lower, attributes, limit: min(dataLimit, attributes.size)) : nil
        let target = node.kind == .symbolicLink ? try lower.readLink() : []

        structure.lock()
        defer { structure.unlock() }
        let (winner, named) = names.withLock { (node.upper, node.isRemoved ? nil : node.place) }
        if let winner { return winner }
        let made: Inode
        if let named, let parent {
            made = try nameCopy(content, attributes, target: target, in: parent, named.name)
        } else if let content {
            // Its last name went while it was open: the copy has none either.
            made = content
        } else {
            throw .ENOENT
        }
        names.withLock { node.upper = made }
        return made
    }

    /// Gives the copy its name, without a trace in the directory's times.
    private func nameCopy(_ content: Inode?, _ attributes: FileAttributes, target: [UInt8], in parent: Inode, _ name: [UInt8]) throws(Errno) -> Inode {
        let before = try parent.attributes()
        let owner = FileCredentials(user: attributes.user, group: attributes.group)
        let made: Inode
        if let content {
            try parent.link(name, to: content)
            made = content
        } else if attributes.kind == .symbolicLink {
            made = try parent.symlink(name, target: target, owner: owner)
        } else {
            made = try parent.create(name, kind: attributes.kind, mode: attributes.permissions, deviceNumber: attributes.deviceNumber, owner: owner)
        }
        var change = Self.everything(of: attributes)
        if attributes.kind == .symbolicLink { change.permissions = nil }
        try made.change(change)
        try parent.change(Self.times(of: before))
        return made
    }

    /// A file without a name in the upper file system, with the lower file's bytes and extended attributes. Blocks of zeros stay holes.
    private func copyContent(of lower: Inode, _ attributes: FileAttributes, limit: Int64) throws(Errno) -> Inode {
        let owner = FileCredentials(user: attributes.user, group: attributes.group)
        guard let copy = try upper.root.createTemporary(mode: attributes.permissions, owner: owner, linkable: true) as? TmpFile else { throw .EIO }
        guard let source = lower.mappingSource() else { throw .EIO }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunk, alignment: 4096)
        defer { memory.deallocate() }
        var offset: Int64 = 0
        while offset < limit {
            let wanted = UnsafeMutableRawBufferPointer(rebasing: memory[..<Int(min(Int64(Self.chunk), limit - offset))])
            let count = try read(source, at: offset, into: wanted)
            if count <= 0 { break }
            let bytes = UnsafeMutableRawBufferPointer(rebasing: wanted[..<count])
            if bytes.contains(where: { $0 != 0 }) {
                var buffers = UserBuffers(kernel: bytes)
                while buffers.remaining > 0 {
                    if try copy.write(&buffers, at: offset + Int64(buffers.moved), credentials: FileCredentials(user: 0, group: 0)).count == 0 { throw .ENOSPC }
                }
            }
            offset += Int64(count)
        }
        if try copy.attributes().size < offset { try copy.truncate(to: offset) }
        for name in try lower.extendedAttributeNames() {
            let value = try lower.extendedAttribute(name)
            do throws(Errno) { try copy.setExtendedAttribute(name, value, flags: 0) } catch {
                if error != .EOPNOTSUPP { throw error }
            }
        }
        return copy
    }

    private func read(_ source: MappingSource, at offset: Int64, into memory: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        switch source {
        case .hostFile(let file, _): return try host.read(file, into: [memory], at: offset)
        case .object(let object):
            var buffers = UserBuffers(kernel: memory)
            return try object.read(&buffers, at: offset)
        default: throw .EIO
        }
    }
}
