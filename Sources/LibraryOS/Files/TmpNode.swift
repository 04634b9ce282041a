/// What all nodes of a `TmpFS` have: attributes and extended attributes.
package class TmpNode: Inode, @unchecked Sendable {
    let tmpfs: TmpFS
    /// Protects the attributes below, and the content of a file against other writers.
    let lock = Lock(.inode)
    final var permissions: UInt32
    final var user: UInt32
    final var group: UInt32
    final var links: UInt64
    final var accessTime: Int64
    final var modificationTime: Int64
    final var changeTime: Int64
    final var birthTime: Int64
    let deviceNumber: UInt64
    final var extendedAttributes: [[UInt8]: [UInt8]] = [:]
    /// Blocks that the extended attributes will take when they are kept next; 0: they have not changed; negative: they have, and no room is kept as there is
    /// no name.
    final var changedAttributeBlocks = 0
    /// The store has something of it, and of its extended attributes.
    final var isStored = false, hasStoredAttributes = false

    init(_ tmpfs: TmpFS, number: UInt64, kind: FileKind, permissions: UInt32, owner: FileCredentials, links: UInt64 = 1, deviceNumber: UInt64 = 0) {
        self.tmpfs = tmpfs
        self.permissions = permissions & 0o7777
        user = owner.user
        group = owner.group
        self.links = links
        self.deviceNumber = deviceNumber
        birthTime = tmpfs.time.realtimeNow()
        accessTime = birthTime
        modificationTime = birthTime
        changeTime = birthTime
        super.init(fileSystem: tmpfs, number: number, kind: kind)
    }

    deinit { tmpfs.nodeGone(number, links: links, isStored: isStored, hasStoredAttributes: hasStoredAttributes) }

    /// Bytes and 512-byte blocks for stat(2).
    var extent: (size: Int64, blocks: Int64) { (0, 0) }

    package override func attributes() throws(Errno) -> FileAttributes {
        let (size, blocks) = extent
        var result = FileAttributes()
        result.device = fileSystem.device
        result.inode = number
        result.kind = kind
        result.deviceNumber = deviceNumber
        result.size = size
        result.blocks = blocks
        result.birthTime = birthTime
        lock.lock()
        defer { lock.unlock() }
        result.permissions = permissions
        result.links = links
        result.user = user
        result.group = group
        result.accessTime = accessTime
        result.modificationTime = modificationTime
        result.changeTime = changeTime
        return result
    }

    override func change(_ change: AttributeChange) throws(Errno) {
        let now = tmpfs.time.realtimeNow()
        try tmpfs.makeRoom(1)
        defer { tmpfs.roomIsUsed(1) }
        lock.withLock {
            defer { tmpfs.changed(self) }
            permissions = (change.permissions ?? permissions) & 0o7777
            user = change.user ?? user
            group = change.group ?? group
            accessTime = change.accessTime ?? accessTime
            modificationTime = change.modificationTime ?? modificationTime
            changeTime = now
        }
    }

    /// The content or the names in it changed at `now`.
    final func touch(_ now: Int64) {
        lock.withLock {
            modificationTime = now
            changeTime = now
            tmpfs.changed(self)
        }
    }

    /// The content was read; as with the mount option relatime only the first read after a change counts.
    final func touchAccess() {
        let due = lock.withLock { accessTime <= modificationTime || accessTime <= changeTime }
        guard due else { return }
        let now = tmpfs.time.realtimeNow()
        lock.withLock { accessTime = max(accessTime, now) }
        tmpfs.accessed(self)
    }

    final func addLinks(_ difference: Int, _ now: Int64) {
        lock.withLock {
            links = difference < 0 ? links - min(links, UInt64(-difference)) : links + UInt64(difference)
            changeTime = now
            tmpfs.changed(self)
        }
    }

    // MARK: Extended attributes

    /// What one inode may hold, names and values together.
    private static let attributeSpace = 128 << 10

    override func extendedAttribute(_ name: [UInt8]) throws(Errno) -> [UInt8] {
        lock.lock()
        defer { lock.unlock() }
        guard let value = extendedAttributes[name] else { throw .ENODATA }
        return value
    }

    override func extendedAttributeNames() throws(Errno) -> [[UInt8]] {
        lock.withLock { extendedAttributes.keys.sorted { $0.lexicographicallyPrecedes($1) } }
    }

    override func setExtendedAttribute(_ name: [UInt8], _ value: [UInt8], flags: Int32) throws(Errno) {
        let now = tmpfs.time.realtimeNow()
        let blocks = StoredAttributes.blocks(lock.withLock { extendedAttributes }, adding: name.count + value.count) + 2
        try tmpfs.makeRoom(blocks)
        defer { tmpfs.roomIsUsed(blocks) }
        lock.lock()
        defer { lock.unlock() }
        let old = extendedAttributes[name]
        if flags & 1 != 0, old != nil { throw .EEXIST }
        if flags & 2 != 0, old == nil { throw .ENODATA }
        let used = extendedAttributes.reduce(0) { $0 + $1.key.count + $1.value.count }
        if used - (old?.count ?? 0) + value.count + name.count > Self.attributeSpace { throw .ENOSPC }
        extendedAttributes[name] = value
        changeTime = now
        attributesChanged()
    }

    override func removeExtendedAttribute(_ name: [UInt8]) throws(Errno) {
        let now = tmpfs.time.realtimeNow()
        let blocks = StoredAttributes.blocks(lock.withLock { extendedAttributes }) + 2
        try tmpfs.makeRoom(blocks, removing: true)
        defer { tmpfs.roomIsUsed(blocks) }
        lock.lock()
        defer { lock.unlock() }
        guard extendedAttributes.removeValue(forKey: name) != nil else { throw .ENODATA }
        changeTime = now
        attributesChanged()
    }

    /// Lock held.
    private func attributesChanged() {
        let blocks = StoredAttributes.blocks(extendedAttributes) + 1
        if blocks > changedAttributeBlocks { tmpfs.owe(blocks - max(0, changedAttributeBlocks)) }
        changedAttributeBlocks = max(blocks, changedAttributeBlocks)
        tmpfs.changed(self)
    }
}
