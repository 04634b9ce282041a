import LibraryOS

/// Frames that nobody owns and that are still as their last owner left them: for copies, which overwrite them as a whole. The host then need not take pages back
/// and make others for each process. Not locked.
struct SpareFrames {
    private var runs: [FrameRange] = []
    private(set) var count = 0
    /// The most that are kept: 4 MiB.
    static let capacity = 1024

    /// Takes a run in, if there is room.
    mutating func add(_ frames: FrameRange) -> Bool {
        if count + frames.count > Self.capacity { return false }
        runs.append(frames)
        count += frames.count
        return true
    }

    /// At most `wanted` frames, those that came last first.
    mutating func take(_ wanted: Int) -> [FrameRange] {
        var result: [FrameRange] = []
        var left = wanted
        while left > 0, let run = runs.popLast() {
            let taken = min(left, run.count)
            result.append(FrameRange(start: run.start, count: taken))
            if taken < run.count { runs.append(FrameRange(start: FrameNumber(run.start.value + UInt64(taken)), count: run.count - taken)) }
            left -= taken
        }
        count -= result.reduce(0) { $0 + $1.count }
        return result
    }
}

extension GuestPhysicalMemory {
    /// Keeps frames of a dead address space for copies; windows, what does not fit, and what host calls may still use goes the usual way.
    func keepSpares(_ frames: [FrameRange]) {
        for run in frames {
            let isKept = !isWindow(run.start) && lock.withLock { pins.isIdle && spares.add(run) }
            if !isKept { free(run) }
        }
    }

    /// Frames that are resident: near the limit, where only few are handed out at a time until they are, in as many steps as it takes. `ENOMEM`.
    func allocateTouched(_ count: Int) throws(Errno) -> [FrameRange] {
        var result: [FrameRange] = []
        func add(_ count: Int) throws(Errno) {
            let fresh = try allocate(frames: count)
            for frames in fresh { touch(frames) }
            result += fresh
        }
        let step = Int(Self.touchedAtOnce)
        do throws(Errno) { try add(count) } catch {
            guard count > step else { throw error }
            do throws(Errno) {
                for first in stride(from: 0, to: count, by: step) { try add(min(step, count - first)) }
            } catch {
                for frames in result { free(frames) }
                throw error
            }
        }
        return result
    }

    /// Gives the spare frames back, when memory is short; false when there are none.
    func releaseSpares() -> Bool {
        let runs = lock.withLock { spares.take(.max) }
        for run in runs { free(run) }
        return !runs.isEmpty
    }
}
