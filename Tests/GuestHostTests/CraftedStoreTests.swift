import Confidential
import LibraryOS
import Testing

@testable import GuestHost

/// Stores that were sealed with the key and are malformed all the same, as only a bug of ours makes them: refused when they are opened, never trapped on.
@Suite struct CraftedStoreTests {
    private static let total = 200

    /// A store with a file of 200 blocks and one of one block, in whose nodes something is changed before they are sealed.
    private func opened(_ change: (SealedStore) throws -> Void) throws -> (error: SealedStore.OpenError?, violations: [RingViolation]) {
        let bed = try StoreBed(count: Self.total)
        let store = try bed.open()
        for number: UInt64 in 0..<8 { try store.write(1, number * 20, block(number)) }
        try store.write(2, 0, block(9))
        try store.setRecord([1, 2], of: 1)
        try store.commit()
        try change(store)
        store.isChanged = true
        try store.commit()
        let again = try bed.again()
        do throws(SealedStore.OpenError) {
            _ = try SealedStore(opening: again.ring, sealer: again.sealer, blocks: UInt64(Self.total))
        } catch { return (error, again.transport.violations) }
        return (nil, again.transport.violations)
    }

    private func isRefused(_ change: (SealedStore) throws -> Void) throws -> Bool {
        let (error, violations) = try opened(change)
        return error == .altered && violations == [.store]
    }

    private func changeNode(_ store: SealedStore, _ key: StoreKey, _ body: (StoreNode) throws -> Void) throws {
        guard let node = try store.node(key) else { throw Errno.ENOENT }
        store.mark(node)
        try body(node)
    }

    private static let node = StoreKey(tree: 1, level: 1, index: 0)

    @Test func withoutAChangeAllIsWell() throws { #expect(try opened { _ in } == (nil, [])) }

    @Test func aPlaceThatIsNoneOrIsInUseIsRefused() throws {
        for place: UInt32 in [1, UInt32(Self.total), 1 << 26, .max - 1, .max] {
            #expect(try isRefused { try changeNode($0, Self.node) { $0[entry: 5] = SealedEntry(place: place) } }, "\(place)")
            #expect(try isRefused { store in try changeNode(store, .leaf(of: 3)) { $0.setRoot(of: 3, TreeRoot(entry: SealedEntry(place: place), count: 1)) } })
        }
        // Of this file, and of another; as many blocks as before.
        #expect(try isRefused { try changeNode($0, Self.node) { $0[entry: 40] = $0[entry: 20] } })
        #expect(try isRefused { store in try changeNode(store, Self.node) { $0[entry: 40] = try store.root(2).entry } })
        #expect(try isRefused { store in try changeNode(store, .leaf(of: 3)) { $0.setRoot(of: 3, TreeRoot(entry: $0.root(of: 1).entry, height: 2, count: 8)) } })
    }

    @Test func heightsAndCountsThatCannotBeAreRefused() throws {
        for height: UInt8 in [7, 8, 9, 64, 255] {
            #expect(try isRefused { try changeNode($0, .leaf(of: 1)) { $0.bytes[256 + 40] = height } }, "\(height)")
            #expect(try isRefused { $0.table.height = height })
        }
        #expect(try isRefused { $0.table.height = 6 })
        for height: UInt8 in [0, 1, 3, 6] { #expect(try isRefused { try changeNode($0, .leaf(of: 1)) { $0.bytes[256 + 40] = height } }) }
        for count: UInt64 in [0, 7, 9, .max] {
            #expect(
                try isRefused { store in
                    try changeNode(store, .leaf(of: 1)) { leaf in
                        var root = leaf.root(of: 1)
                        root.count = count
                        leaf.setRoot(of: 1, root)
                    }
                })
        }
    }

    @Test func slotsThatCannotBeAreRefused() throws {
        for (field, value) in [(41, 2), (41, 255), (42, 129), (42, 255)] as [(Int, UInt8)] {
            #expect(try isRefused { try changeNode($0, .leaf(of: 1)) { $0.bytes[256 + field] = value } }, "\(field) \(value)")
        }
        #expect(try isRefused { try changeNode($0, .leaf(of: 1)) { $0.bytes[256 + 41] = 0 } }, "a length without a record")
    }
}
