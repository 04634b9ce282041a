internal import LibraryOS

extension SealedStore {
    // MARK: Roots

    /// The root of a file's tree, or of the table.
    func root(_ tree: UInt64) throws(Errno) -> TreeRoot {
        if tree == SealedStoreLayout.table { return table }
        return try node(.leaf(of: tree))?.root(of: tree) ?? TreeRoot()
    }

    /// Sets it; a file's leaf is there or is made.
    func setRoot(_ tree: UInt64, _ root: TreeRoot) throws(Errno) {
        if tree == SealedStoreLayout.table {
            table = root
            isChanged = true
            return
        }
        let leaf = try makeLeaf(of: tree)
        mark(leaf)
        leaf.setRoot(of: tree, root)
    }

    /// The leaf with a file's slot, made where it is missing.
    func makeLeaf(of file: UInt64) throws(Errno) -> StoreNode {
        let key = StoreKey.leaf(of: file)
        if let leaf = try node(key) { return leaf }
        try grow(SealedStoreLayout.table, to: key.index)
        return try makeNode(key)
    }

    // MARK: Nodes

    /// A node differs from what is sealed from now on.
    func mark(_ node: StoreNode) {
        nodes.setDirty(node, true)
        isChanged = true
    }

    /// What leads to a block; none when there is no such block.
    func entry(_ key: StoreKey) throws(Errno) -> SealedEntry {
        let root = try root(key.tree)
        if !root.spans(key.index, level: key.level) { return .none }
        if key.level == root.height { return root.entry }
        return try node(key.above)?[entry: key.entry] ?? .none
    }

    /// Sets what leads to a block, in a tree that spans it; missing nodes are made.
    func setEntry(_ key: StoreKey, _ entry: SealedEntry) throws(Errno) {
        var root = try root(key.tree)
        if key.level >= root.height {
            root.entry = entry
            try setRoot(key.tree, root)
            return
        }
        let parent: StoreNode
        if let known = try node(key.above) { parent = known } else { parent = try makeNode(key.above) }
        mark(parent)
        parent[entry: key.entry] = entry
    }

    /// A node or a leaf of the table; nil when there is none.
    func node(_ key: StoreKey) throws(Errno) -> StoreNode? {
        if let known = nodes[key] { return known }
        let entry = try entry(key)
        if entry.isNone { return nil }
        // What has no place is dirty, and thus in memory.
        if entry.isUnplaced { throw .EIO }
        var found: StoreNode?
        try blocks.read([(entry, key.name)]) { found = StoreNode(key, Array($1)) }
        guard let found else { throw .EIO }
        nodes.insert(found)
        return found
    }

    private func makeNode(_ key: StoreKey) throws(Errno) -> StoreNode {
        try setEntry(key, .unplaced)
        return insertNode(key)
    }

    private func insertNode(_ key: StoreKey) -> StoreNode {
        let node = StoreNode(key)
        nodes.insert(node)
        nodeCount &+= 1
        mark(node)
        return node
    }

    /// Makes a tree span a block of level 0.
    func grow(_ tree: UInt64, to index: UInt64) throws(Errno) {
        var root = try root(tree)
        if root.spans(index, level: 0) { return }
        // Far blocks may be anywhere: their tree never grows.
        if StoreKey.isFar(tree), root.entry.isNone { root.height = SealedStoreLayout.farHeight }
        while !root.spans(index, level: 0) {
            root.height &+= 1
            if root.entry.isNone { continue }
            insertNode(StoreKey(tree: tree, level: root.height, index: 0))[entry: 0] = root.entry
            root.entry = .unplaced
        }
        try setRoot(tree, root)
    }

    /// Takes an empty node or leaf out of its tree, with those above that are empty then.
    func discard(_ key: StoreKey) throws(Errno) {
        guard let node = try node(key) else { return }
        let entry = try entry(key)
        var root = try root(key.tree)
        if key.level == root.height {
            (root.entry, root.height) = (.none, 0)
            try setRoot(key.tree, root)
        } else if let parent = try self.node(key.above) {
            mark(parent)
            parent[entry: key.entry] = .none
        }
        if places.isFresh(entry.place) { freshNodes &-= 1 }
        places.release(entry.place)
        nodes.remove(node)
        nodeCount &-= 1
        isChanged = true
        if key.level < root.height, let parent = try self.node(key.above), parent.isEmpty { try discard(key.above) }
    }

    // MARK: Searching

    /// The first block of level 0 at `index` or behind it.
    func next(_ tree: UInt64, from index: UInt64) throws(Errno) -> UInt64? {
        let root = try root(tree)
        if root.entry.isNone || !root.spans(index, level: 0) { return nil }
        return root.height == 0 ? 0 : try search(StoreKey(tree: tree, level: root.height, index: 0), from: index)
    }

    private func search(_ key: StoreKey, from index: UInt64) throws(Errno) -> UInt64? {
        guard let node = try node(key) else { return nil }
        let shift = UInt64(SealedStoreLayout.fanOutBits) &* UInt64(key.level &- 1)
        let first = key.index << UInt64(SealedStoreLayout.fanOutBits)
        for child in max(first, index >> shift)..<max(first, index >> shift, first &+ UInt64(StoreNode.entries)) {
            let below = StoreKey(tree: key.tree, level: key.level &- 1, index: child)
            if node[entry: below.entry].isNone { continue }
            if key.level == 1 { return child }
            if let found = try search(below, from: max(index, child << shift)) { return found }
        }
        return nil
    }
}
