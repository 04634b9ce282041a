/// Decrypted nodes in private memory: all that are dirty, and the most recently used of the others (the clock algorithm, as `BlockCache`).
struct StoreNodes {
    private var places: [StoreKey: StoreNode] = [:]
    private var nodes: [StoreNode] = []
    private var hand = 0
    private let capacity: Int
    private(set) var dirtyCount = 0

    /// Holds about so many: more only while an operation runs.
    init(capacity: Int) { self.capacity = max(64, capacity) }

    /// As many are dirty as should be.
    var isDirty: Bool { dirtyCount >= capacity / 2 }

    subscript(key: StoreKey) -> StoreNode? {
        guard let node = places[key] else { return nil }
        node.wasUsed = true
        return node
    }

    mutating func insert(_ node: StoreNode) {
        node.position = nodes.count
        nodes.append(node)
        places[node.key] = node
        if node.isDirty { dirtyCount &+= 1 }
    }

    mutating func remove(_ node: StoreNode) {
        guard let last = nodes.last, places[node.key] === node else { return }
        places[node.key] = nil
        nodes[node.position] = last
        last.position = node.position
        nodes.removeLast()
        if node.isDirty { dirtyCount &-= 1 }
    }

    mutating func setDirty(_ node: StoreNode, _ isDirty: Bool) {
        if node.isDirty == isDirty { return }
        node.isDirty = isDirty
        dirtyCount = isDirty ? dirtyCount &+ 1 : dirtyCount &- 1
    }

    /// The dirty ones of a level, of the table or of files.
    func dirty(level: UInt8, ofTable: Bool) -> [StoreNode] {
        if dirtyCount == 0 { return [] }
        return nodes.filter { $0.isDirty && $0.key.level == level && $0.key.isTable == ofTable }
    }

    /// Forgets clean nodes beyond the capacity. Not while an operation relies on those it has just read.
    mutating func trim() {
        // Two rounds at most: one that takes the marks away, and one that finds what has none.
        var steps = nodes.count &* 2
        while nodes.count > capacity, steps > 0 {
            steps &-= 1
            if hand >= nodes.count { hand = 0 }
            let node = nodes[hand]
            if node.isDirty || node.wasUsed {
                node.wasUsed = false
                hand &+= 1
            } else {
                remove(node)
            }
        }
    }

    var count: Int { nodes.count }
}
