/// The names of one directory of a `TmpFS`: found by name, listed by cookie.
///
/// A cookie is given once and grows, so that a listing that goes on after some entries were added or removed shows every entry that was
/// there all the time exactly once (getdents64's `d_off`).
struct TmpDirectoryEntries {
    private struct Slot {
        let cookie: Int64
        /// Nil when the name is gone; such slots are swept when they are the majority.
        var entry: (name: [UInt8], node: TmpNode)?
    }

    /// Cookies 0 and 1 belong to "." and "..".
    static let firstCookie: Int64 = 2

    private var byName: [[UInt8]: (node: TmpNode, cookie: Int64)] = [:]
    private var slots: [Slot] = []
    private var nextCookie = firstCookie

    var isEmpty: Bool { byName.isEmpty }
    var count: Int { byName.count }
    var nodes: [TmpNode] { byName.values.map { $0.node } }

    subscript(name: [UInt8]) -> TmpNode? { byName[name]?.node }

    /// Adds a name, or makes it name another node.
    mutating func set(_ name: [UInt8], _ node: TmpNode) {
        if let old = byName[name] {
            byName[name] = (node, old.cookie)
            slots[index(of: old.cookie)].entry = (name, node)
            return
        }
        byName[name] = (node, nextCookie)
        slots.append(Slot(cookie: nextCookie, entry: (name, node)))
        nextCookie += 1
    }

    mutating func remove(_ name: [UInt8]) {
        guard let old = byName.removeValue(forKey: name) else { return }
        slots[index(of: old.cookie)].entry = nil
        if slots.count > 32, slots.count > byName.count * 2 { slots.removeAll { $0.entry == nil } }
    }

    mutating func removeAll() {
        byName = [:]
        slots = []
    }

    /// At most `limit` entries from a cookie on, in order.
    func list(from cookie: Int64, limit: Int) -> [(name: [UInt8], node: TmpNode, cookie: Int64)] {
        var result: [(name: [UInt8], node: TmpNode, cookie: Int64)] = []
        for slot in slots[index(of: cookie)...] {
            if result.count == limit { break }
            if let entry = slot.entry { result.append((entry.name, entry.node, slot.cookie)) }
        }
        return result
    }

    /// The first slot whose cookie is not below `cookie`.
    private func index(of cookie: Int64) -> Int {
        var low = 0
        var high = slots.count
        while low < high {
            let middle = (low + high) / 2
            if slots[middle].cookie < cookie { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
