import Synchronization

/// The persistent time of each application (TEE Internal Core API 7.4): how far it is ahead of the host's clock, kept as an object of trusted storage.
///
/// The host's clock is what it is measured by: level 100 of `gpd.tee.TAPersistentTime.protectionLevel`. A clock that has gone back behind the moment the time was set, or was
/// last asked for, is found out (TIME_NEEDS_RESET).
final class PersistentTimes: Sendable {
    private struct Entry {
        /// Nanoseconds to be added to the host's clock.
        var offset: Int64
        /// The latest the host's clock is known to have shown.
        var seen: Int64

        var bytes: [UInt8] { [offset, seen].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } } }

        init(offset: Int64, seen: Int64) {
            self.offset = offset
            self.seen = seen
        }
        init?(_ bytes: [UInt8]) {
            guard bytes.count == 16 else { return nil }
            func word(_ at: Int) -> Int64 { Int64(bitPattern: bytes[at..<at + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }) }
            self.init(offset: word(0), seen: word(8))
        }
    }

    private let entries = Mutex<[TEEUUID: Entry]>([:])
    private let storage: TrustedStorage?
    /// Whose objects times are: no application has the nil UUID.
    private static let owner = TEEUUID.null

    /// Kept in `storage`; nil: only as long as this lives.
    init(_ storage: TrustedStorage?) { self.storage = storage }

    /// The time, with `success` or with `timeNeedsReset`; throws `timeNotSet` when there is none.
    func now(of uuid: TEEUUID, _ clock: TEEClock) throws(TEEResult) -> (nanoseconds: Int64, status: TEEResult) {
        let host = clock.realtime()
        return try entries.withLock { entries throws(TEEResult) in
            var known = entries[uuid]
            if known == nil { known = try load(uuid) }
            guard var entry = known else { throw .timeNotSet }
            let time = host.addingReportingOverflow(entry.offset).partialValue
            if host < entry.seen { return (time, .timeNeedsReset) }
            entry.seen = host
            entries[uuid] = entry
            return (time, .success)
        }
    }

    /// Sets it to `nanoseconds`.
    func set(_ nanoseconds: Int64, of uuid: TEEUUID, _ clock: TEEClock) throws(TEEResult) {
        let host = clock.realtime()
        try entries.withLock { entries throws(TEEResult) in
            let entry = Entry(offset: nanoseconds &- host, seen: host)
            if let storage {
                let flags: StorageFlags = [.write, .overwrite]
                try storage.create(1, Self.owner, id: uuid.octets, flags: flags, data: entry.bytes).close()
            }
            entries[uuid] = entry
        }
    }

    private func load(_ uuid: TEEUUID) throws(TEEResult) -> Entry? {
        guard let storage else { return nil }
        do throws(TEEResult) {
            let object = try storage.open(1, Self.owner, id: uuid.octets, flags: .read)
            defer { object.close() }
            return Entry(try object.read(at: 0, count: 17))
        } catch {
            // A time that was damaged has to be set again (7.4.1).
            if error == .itemNotFound { return nil }
            throw error == .corruptObject ? .timeNeedsReset : error
        }
    }
}
