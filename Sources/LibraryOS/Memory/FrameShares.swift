import Synchronization

/// Which frames have more than one owner, and how many (fork(2) shares private memory until it is written). A frame that is not listed here has one.
///
/// An owner is an address space that has the frame in one of its backings. Only an owner makes another, under its own lock: a frame that is found to have one
/// owner has no other while that one's lock is held. The last owner frees it.
package final class FrameShares: @unchecked Sendable {
    private static let blockSize: UInt64 = 512
    /// What is kept for 512 frames that belong together.
    private struct Block {
        /// Owners beside the first, when all frames have the same number of them.
        var all: UInt32 = 0
        /// The same for each frame, when they differ.
        var each: [UInt32] = []
        /// Frames with more than one owner.
        var listed = 0

        var cost: Int { 64 &+ each.count &* 4 }

        subscript(index: Int) -> UInt32 { each.isEmpty ? all : each[index] }

        /// One owner more for the frames of a range.
        mutating func add(_ range: Range<Int>) {
            if each.isEmpty, range.count == Int(blockSize) {
                all &+= 1
                listed = range.count
                return
            }
            distinguish()
            for index in range {
                if each[index] == 0 { listed &+= 1 }
                each[index] &+= 1
            }
        }

        /// One owner less for the frames of a range; those that had only one go to `body`.
        mutating func remove(_ range: Range<Int>, _ body: (Int) -> Void) {
            if each.isEmpty, range.count == Int(blockSize), all > 0 {
                all &-= 1
                if all == 0 { listed = 0 }
                return
            }
            distinguish()
            for index in range {
                if each[index] == 0 {
                    body(index)
                    continue
                }
                each[index] &-= 1
                if each[index] == 0 { listed &-= 1 }
            }
        }

        private mutating func distinguish() { if each.isEmpty { each = [UInt32](repeating: all, count: Int(blockSize)) } }
    }

    private let lock = Lock(.leaf)
    // Under `lock`:
    private var blocks: [UInt64: Block] = [:]
    private var bytes = 0
    /// Frames listed: most sandboxes have none, and are not to pay for asking.
    private let listed = Atomic<Int>(0)

    /// No frame has more than one owner.
    package init() {}

    /// How many frames have more than one owner.
    package var count: Int { listed.load(ordering: .relaxed) }
    /// Bytes the list takes.
    package var cost: Int { lock.withLock { bytes } }

    /// Frames get one owner more. Called by one of their owners.
    package func add(_ frames: FrameRange) {
        lock.lock()
        defer { lock.unlock() }
        forEachBlock(frames) { key, range in
            var block = blocks.removeValue(forKey: key) ?? Block()
            account(&block, key) { $0.add(range) }
        }
    }

    /// An owner gives frames up; returns those that nobody owns any more, which the caller frees.
    package func remove(_ frames: FrameRange) -> [FrameRange] {
        if count == 0 { return [frames] }
        lock.lock()
        defer { lock.unlock() }
        var free = FrameRuns()
        forEachBlock(frames) { key, range in
            let start = key &* Self.blockSize
            guard var block = blocks.removeValue(forKey: key) else {
                free.append(FrameRange(start: FrameNumber(start &+ UInt64(range.lowerBound)), count: range.count))
                return
            }
            account(&block, key) { block in
                block.remove(range) { free.append(FrameRange(start: FrameNumber(start &+ UInt64($0)), count: 1)) }
            }
        }
        return free.runs
    }

    /// How many frames from the first on are alike, and whether they have more than one owner.
    package func leading(_ frames: FrameRange) -> (isShared: Bool, count: Int) {
        if count == 0 || frames.count <= 0 { return (false, frames.count) }
        lock.lock()
        defer { lock.unlock() }
        var done = 0
        var isShared = false
        while done < frames.count {
            let frame = frames[done].value
            let first = Int(frame % Self.blockSize)
            let last = min(Int(Self.blockSize), first &+ frames.count &- done)
            let block = blocks[frame / Self.blockSize] ?? Block()
            if done == 0 { isShared = block[first] > 0 }
            if block.each.isEmpty {
                if (block.all > 0) != isShared { break }
                done &+= last &- first
                continue
            }
            var index = first
            while index < last, (block.each[index] > 0) == isShared { index &+= 1 }
            done &+= index &- first
            if index < last { break }
        }
        return (isShared, done)
    }

    /// Changes a block that has been taken out of the list, and puts it back unless it says nothing any more. Lock held.
    private func account(_ block: inout Block, _ key: UInt64, _ change: (inout Block) -> Void) {
        let (frames, cost) = (block.listed, size(of: block))
        change(&block)
        listed.wrappingAdd(block.listed &- frames, ordering: .relaxed)
        bytes &+= size(of: block) &- cost
        if block.listed > 0 { blocks[key] = block }
    }
    private func size(of block: Block) -> Int { block.listed > 0 ? block.cost : 0 }

    private func forEachBlock(_ frames: FrameRange, _ body: (UInt64, Range<Int>) -> Void) {
        var frame = frames.start.value
        let end = frame &+ UInt64(max(0, frames.count))
        while frame < end {
            let key = frame / Self.blockSize
            let next = min(end, (key &+ 1) &* Self.blockSize)
            let first = Int(frame &- key &* Self.blockSize)
            body(key, first..<(first &+ Int(next &- frame)))
            frame = next
        }
    }
}

/// Runs of frames, joined where one continues the one before.
struct FrameRuns {
    private(set) var runs: [FrameRange] = []

    mutating func append(_ frames: FrameRange) {
        if frames.count <= 0 { return }
        if let last = runs.last, last.start.value &+ UInt64(last.count) == frames.start.value {
            runs[runs.count &- 1] = FrameRange(start: last.start, count: last.count &+ frames.count)
        } else {
            runs.append(frames)
        }
    }

    /// The same frames in as few runs as possible, ascending.
    var sorted: [FrameRange] {
        var result = FrameRuns()
        for run in runs.sorted(by: { $0.start < $1.start }) { result.append(run) }
        return result.runs
    }
}
