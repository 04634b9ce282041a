internal import LibraryOS

/// The bytes, all numbers little-endian: "SKRYMAN1"; then every field in the order below. A string is its length (4 bytes) and its bytes, a list its count (4 bytes) and its
/// elements, an optional field 0 or 1 (1 byte) and the field. One manifest has one encoding.
extension Manifest {
    /// The bytes to launch with.
    ///
    /// - Throws: `ManifestError.field` for what could not be read back, `.tooLong`.
    public func encoded() throws(ManifestError) -> [UInt8] {
        try check()
        var writer = ByteWriter(capacity: 512)
        writer.u64(Self.magic)
        writer.string(Array(mode.text.utf8))
        writer.u64(rootImage.blocks)
        writer.raw(rootImage.root.bytes)
        writer.string(program)
        writer.strings(arguments)
        writer.strings(environment)
        writer.string(workingDirectory)
        writer.u32(user)
        writer.u32(group)
        writer.u32(UInt32(truncatingIfNeeded: groups.count))
        for group in groups { writer.u32(group) }
        writer.u64(limits.memory)
        writer.u32(limits.tasks)
        writer.u32(limits.openFiles)
        writer.string(hostName)
        writer.u32(umask)
        writer.u64(ignoredSignals)
        writer.u64(blockedSignals)
        writer.u8(isQuiet ? 1 : 0)
        writer.u32(UInt32(truncatingIfNeeded: mounts.count))
        for mount in mounts {
            if case .temporary = mount { writer.u8(1) } else { writer.u8(0) }
            writer.string(mount.path)
        }
        writer.u8(sealedStore == nil ? 0 : 1)
        if let sealedStore {
            writer.string(sealedStore.path)
            writer.u64(sealedStore.blocks)
            writer.u8(sealedStore.keyIsReleased ? 1 : 0)
            writer.u8(sealedStore.formats ? 1 : 0)
        }
        writer.u8(secrets == nil ? 0 : 1)
        if let secrets {
            writer.string(secrets.stream)
            writer.string(secrets.provider)
        }
        writer.strings(connections)
        if writer.bytes.count > Self.largest { throw .tooLong }
        return writer.bytes
    }

    /// The bytes that a derived key of the store depends on: those of this manifest, whether the run makes the store or opens it.
    ///
    /// - Throws: as `encoded`.
    public func sealingIdentity() throws(ManifestError) -> [UInt8] {
        var identity = self
        identity.sealedStore?.formats = false
        return try identity.encoded()
    }

    /// What holds for every manifest, whoever made it.
    func check() throws(ManifestError) {
        let isText: ([UInt8], ClosedRange<Int>) -> Bool = { $1.contains($0.count) && !$0.contains(0) }
        // In proxy mode files are the host's: there is no image to name, and nothing that a host that chooses results should get.
        let hasImage =
            mode == .proxy
            ? rootImage == .none && sealedStore == nil && secrets == nil && connections.isEmpty : rootImage.blocks >= 1 && rootImage.blocks <= RootImageLayout.mostBlocks
        let hasPaths = isText(program, 1...Self.path) && isText(workingDirectory, 1...Self.path) && workingDirectory.first == 0x2f
        let hasLists = arguments.count <= Self.strings && environment.count <= Self.strings && groups.count <= Self.groups
        guard hasImage, hasPaths, hasLists, isText(hostName, 1...64) else { throw .field }
        guard arguments.allSatisfy({ isText($0, 0...Self.string) }), environment.allSatisfy({ isText($0, 0...Self.string) }) else { throw .field }
        guard umask & ~0o777 == 0, mounts.count <= Self.mostMounts, mounts.allSatisfy({ isText($0.path, 2...Self.path) && $0.path.first == 0x2f }) else { throw .field }
        if let sealedStore {
            guard SealedStore.allowedBlocks.contains(sealedStore.blocks), isText(sealedStore.path, 2...Self.path), sealedStore.path.first == 0x2f else { throw .field }
        }
        if let secrets, !isText(secrets.stream, 1...255) || !(secrets.provider.isEmpty || secrets.provider.count == 97) { throw .field }
        guard connections.count <= Self.mostConnections, connections.allSatisfy({ isText($0, 2...Self.socketPath) && $0.first == 0x2f }) else { throw .field }
        // A released key comes with secrets.
        if let sealedStore, sealedStore.keyIsReleased, secrets == nil { throw .field }
    }
}

extension ByteWriter {
    fileprivate mutating func string(_ bytes: [UInt8]) {
        u32(UInt32(truncatingIfNeeded: bytes.count))
        raw(bytes)
    }

    fileprivate mutating func strings(_ list: [[UInt8]]) {
        u32(UInt32(truncatingIfNeeded: list.count))
        for bytes in list { string(bytes) }
    }
}
