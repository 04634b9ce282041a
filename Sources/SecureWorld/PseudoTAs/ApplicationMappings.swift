import LibraryOS

/// The memory that an application has had mapped by the system pseudo application (OP-TEE's core/mm/vm.c). Only for whoever has entered the instance.
final class ApplicationMappings: @unchecked Sendable {
    private let memory: TAMemory
    /// Where addresses are chosen: behind the parameter area, and behind everything else that is there.
    private let area: Range<UInt64>
    private let limit: UInt64
    /// What is mapped; set only when the memory itself goes back to what it was (`TASnapshot`).
    var ranges = MappedRanges()

    /// The most ranges that one application may have.
    static let most = 1024
    private static let areaOffset: UInt64 = 1 << 40
    private static let areaSize: UInt64 = 1 << 40

    /// For an instance whose mappings may have at most `limit` bytes together.
    convenience init(_ instance: TAInstance, limit: UInt64) {
        let start = instance.layout.free &+ Self.areaOffset
        self.init(instance.memory, in: start..<start &+ Self.areaSize, limit: limit)
    }

    /// For memory in which addresses are chosen within `area`.
    init(_ memory: TAMemory, in area: Range<UInt64>, limit: UInt64) {
        self.memory = memory
        self.area = area
        self.limit = limit
    }

    /// Maps `count` bytes of zeros, rounded up to whole pages, at `wished` or, when that is 0, where there is room; returns the address. `before` and `after`
    /// bytes around it have to be free.
    ///
    /// Errors: `outOfMemory`, also for no bytes (as fobj_ta_mem_alloc); `accessConflict` for a place that is not free or not aligned (umap_add_region).
    func map(_ count: UInt64, at wished: UInt64, before: UInt64, after: UInt64) throws(TEEResult) -> UInt64 {
        let size = (count &+ 4095) & ~4095
        guard size > 0, ranges.pieces.count < Self.most else { throw .outOfMemory }
        let (total, overflow) = ranges.size.addingReportingOverflow(size)
        guard !overflow, total <= limit else { throw .outOfMemory }
        guard (wished | before | after) & 4095 == 0 else { throw .accessConflict }
        let start = try place(size, wished, before, after)
        try reserve(start, size, before, after)
        try populate(start, size)
        ranges.insert(MappedRanges.Piece(start: start, end: start &+ size, protection: [.read, .write]))
        return start
    }

    /// Unmaps `count` bytes, rounded up to whole pages.
    ///
    /// Errors: `badParameters` for nothing, for what is not aligned or not mapped; `accessDenied` for memory that was not mapped here.
    func unmap(_ start: UInt64, _ count: UInt64) throws(TEEResult) {
        let size = (count &+ 4095) & ~4095
        let end = try check(start, size)
        do throws(Errno) { try memory.space.unmapRange(at: GuestAddress(start), length: size) } catch { throw Self.result(error) }
        ranges.remove(start, end)
    }

    /// Changes the protection of `count` bytes, rounded up to whole pages. Errors: as `unmap`, and `outOfMemory`.
    func protect(_ start: UInt64, _ count: UInt64, _ protection: PageProtection) throws(TEEResult) {
        let size = (count &+ 4095) & ~4095
        let end = try check(start, size)
        do throws(Errno) { try memory.space.protectRange(at: GuestAddress(start), length: size, protection) } catch { throw Self.result(error) }
        ranges.remove(start, end)
        ranges.insert(MappedRanges.Piece(start: start, end: end, protection: protection))
    }

    /// Moves memory of one protection to another address, chosen as by `map`; returns it. What was there is where it was when this fails.
    ///
    /// Errors: as `unmap` and `map`, and `badParameters` for a count that is not of whole pages or memory of several protections.
    func move(_ start: UInt64, _ count: UInt64, to wished: UInt64, before: UInt64, after: UInt64) throws(TEEResult) -> UInt64 {
        let end = try check(start, count)
        guard let protection = ranges.protection(start, end) else { throw .badParameters }
        guard ranges.pieces.count < Self.most else { throw .outOfMemory }
        guard (wished | before | after) & 4095 == 0 else { throw .accessConflict }
        let target = try place(count, wished, before, after)
        try reserve(target, count, before, after)
        do throws(TEEResult) {
            try copy(start, count, to: target)
            do throws(Errno) { try memory.space.protectRange(at: GuestAddress(target), length: count, protection) } catch { throw Self.result(error) }
        } catch {
            try? memory.space.unmapRange(at: GuestAddress(target), length: count)
            throw error
        }
        try? memory.space.unmapRange(at: GuestAddress(start), length: count)
        ranges.remove(start, end)
        ranges.insert(MappedRanges.Piece(start: target, end: target &+ count, protection: protection))
        return target
    }

    // MARK: Places

    private func place(_ size: UInt64, _ wished: UInt64, _ before: UInt64, _ after: UInt64) throws(TEEResult) -> UInt64 {
        let (around, isTooMuch) = before.addingReportingOverflow(after)
        let (whole, isTooLarge) = around.addingReportingOverflow(size)
        guard !isTooMuch, !isTooLarge else { throw .accessConflict }
        if wished != 0 {
            guard wished >= before else { throw .accessConflict }
            return wished
        }
        guard let found = ranges.room(whole, in: area) else { throw .accessConflict }
        return found &+ before
    }

    /// Maps the range with what is to be free around it, which tells whether it is free, and gives that back.
    private func reserve(_ start: UInt64, _ size: UInt64, _ before: UInt64, _ after: UInt64) throws(TEEResult) {
        let space = memory.space
        do throws(Errno) {
            try space.mapZeroed(at: GuestAddress(start &- before), length: before &+ size &+ after, [])
        } catch { throw error == .ENOMEM && start < GuestAddress.userEnd.value ? .outOfMemory : .accessConflict }
        if before > 0 { try? space.unmapRange(at: GuestAddress(start &- before), length: before) }
        if after > 0 { try? space.unmapRange(at: GuestAddress(start &+ size), length: after) }
        do throws(Errno) { try space.protectRange(at: GuestAddress(start), length: size, [.read, .write]) } catch {
            try? space.unmapRange(at: GuestAddress(start), length: size)
            throw Self.result(error)
        }
    }

    /// Has every page there now: an application learns of a shortage by a result, not by its end.
    private func populate(_ start: UInt64, _ size: UInt64) throws(TEEResult) {
        do throws(TEEResult) {
            for page in stride(from: start, to: start &+ size, by: 4096) { try memory.write([0], to: page) }
        } catch {
            try? memory.space.unmapRange(at: GuestAddress(start), length: size)
            throw .outOfMemory
        }
    }

    private func copy(_ source: UInt64, _ size: UInt64, to target: UInt64) throws(TEEResult) {
        var done: UInt64 = 0
        while done < size {
            let count = min(size &- done, 256 << 10)
            var bytes = try memory.read(source &+ done, count)
            defer { SecretBytes.wipe(&bytes) }
            try memory.write(bytes, to: target &+ done)
            done &+= count
        }
    }

    /// The end of a range that was mapped here.
    private func check(_ start: UInt64, _ size: UInt64) throws(TEEResult) -> UInt64 {
        let (end, overflow) = start.addingReportingOverflow(size)
        guard size > 0, !overflow, (start | size) & 4095 == 0 else { throw .badParameters }
        if ranges.covers(start, end) { return end }
        throw memory.space.allows([], at: GuestAddress(start), length: size) ? .accessDenied : .badParameters
    }

    private static func result(_ error: Errno) -> TEEResult { error == .ENOMEM ? .outOfMemory : .badParameters }
}
