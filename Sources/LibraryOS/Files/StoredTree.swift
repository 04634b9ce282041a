/// Reads the tree of a store.
enum StoredTree {
    /// The numbers of all files, in order. `EIO` when they are not in order.
    static func numbers(in store: FileStore) throws(Errno) -> [UInt64] {
        var result: [UInt64] = []
        var first: UInt64 = 0
        while true {
            let some = try store.files(from: first)
            if some.isEmpty { return result }
            for number in some {
                guard number >= first, number > 0, number < 1 << 63 else { throw .EIO }
                result.append(number)
                first = number &+ 1
            }
        }
    }

    /// Whole blocks from the first on. `EIO`.
    static func blocks(_ count: Int, of file: UInt64, from first: UInt64 = 0, in store: FileStore) throws(Errno) -> [UInt8] {
        var failure: Errno?
        let size = count &* FileStore.blockSize
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
            do throws(Errno) {
                try store.readBlocks(of: file, from: first, into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: size))
                initialized = size
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }
}

extension StoredFS {
    /// Makes the nodes of all files that a name leads to, and removes the others.
    func restore(_ numbers: [UInt64]) throws(Errno) {
        guard let root = rootDirectory else { throw .EIO }
        // What removals need is held from the beginning.
        let hasRoom = promise(1, removing: false)
        defer { if hasRoom { roomIsUsed(1) } }
        if numbers.isEmpty {
            if hasRoom { root.lock.withLock { changed(root) } }
            return
        }
        var nodes: [UInt64: TmpNode] = [1: root]
        let record = try self.record(of: 1)
        guard record.kind == .directory else { throw .EIO }
        root.restore(record, try attributes(of: 1, record))
        var directories = [root]
        while let directory = directories.popLast() { try restore(directory, &nodes, &directories) }
        for number in numbers where nodes[StoredAttributes.owner(of: number) ?? number] == nil {
            ledger.withLock { account.gone.append(number) }
        }
    }

    private func record(of number: UInt64) throws(Errno) -> StoredRecord {
        guard let bytes = try store.record(of: number) else { throw .EIO }
        return try StoredRecord(bytes)
    }

    private func attributes(of number: UInt64, _ record: StoredRecord) throws(Errno) -> [[UInt8]: [UInt8]] {
        if !record.hasAttributes { return [:] }
        let file = StoredAttributes.number(of: number)
        guard let record = try store.record(of: file) else { throw .EIO }
        let size = try StoredAttributes.size(record)
        return try StoredAttributes.decode(try StoredTree.blocks((size &+ 4095) / 4096, of: file, in: store), size: size)
    }

    private func restore(_ directory: TmpDirectory, _ nodes: inout [UInt64: TmpNode], _ directories: inout [TmpDirectory]) throws(Errno) {
        let layout = StoredNames()
        var position: UInt64 = 0
        while let range = try store.blocks(of: directory.number, from: position) {
            guard range.lowerBound >= position, range.lowerBound < range.upperBound else { throw .EIO }
            for block in range { try layout.restore(block, try StoredTree.blocks(1, of: directory.number, from: block, in: store)) }
            position = range.upperBound
        }
        var entries: [(name: [UInt8], node: TmpNode)] = []
        var subdirectories: UInt64 = 0
        for (name, number) in layout.restored() {
            if let known = nodes[number] {
                guard known.kind != .directory else { throw .EIO }
                known.links &+= 1
                entries.append((name, known))
                continue
            }
            let node = try makeNode(number, in: directory, name)
            nodes[number] = node
            entries.append((name, node))
            if let found = node as? TmpDirectory {
                subdirectories &+= 1
                directories.append(found)
            }
        }
        directory.links = 2 &+ subdirectories
        directory.restore(entries, layout)
    }

    private func makeNode(_ number: UInt64, in directory: TmpDirectory, _ name: [UInt8]) throws(Errno) -> TmpNode {
        guard number > 1, number < 1 << 62 else { throw .EIO }
        let record = try self.record(of: number)
        let attributes = try attributes(of: number, record)
        let owner = FileCredentials(user: record.user, group: record.group)
        var target: [UInt8] = []
        if record.kind == .symbolicLink { target = Array(try StoredTree.blocks(1, of: number, in: store)[..<Int(record.size)]) }
        try chargeNode()
        let node: TmpNode
        switch record.kind {
        case .regular:
            // Stores through a mapping change blocks without a record being written.
            let pager = StoredPager(self, number, recorded: try store.blockCount(of: number))
            let file = TmpFile(self, number: number, permissions: record.permissions, owner: owner, pager: pager)
            file.object.restoreSize(record.size)
            node = file
        case .directory:
            node = TmpDirectory(self, number: number, permissions: record.permissions, owner: owner, parent: directory, name: name)
        case .symbolicLink: node = TmpSymbolicLink(self, number: number, target: target, owner: owner)
        case .fifo, .socket, .characterDevice, .blockDevice, .anonymous:
            node = TmpSpecialFile(
                self, number: number, kind: record.kind, permissions: record.permissions, owner: owner, deviceNumber: record.deviceNumber)
        }
        node.restore(record, attributes)
        return node
    }
}

extension TmpNode {
    /// Makes it what was kept. Nobody else knows it yet.
    fileprivate func restore(_ record: StoredRecord, _ attributes: [[UInt8]: [UInt8]]) {
        permissions = record.permissions
        user = record.user
        group = record.group
        accessTime = record.accessTime
        modificationTime = record.modificationTime
        changeTime = record.changeTime
        birthTime = record.birthTime
        extendedAttributes = attributes
        isStored = true
        hasStoredAttributes = record.hasAttributes
    }
}

extension MemoryObject {
    /// The size of a file that nobody else knows yet.
    fileprivate func restoreSize(_ size: Int64) { lock.withLock { currentSize = size } }
}
