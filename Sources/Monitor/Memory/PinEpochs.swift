/// Keeps freed frames from being handed out while a host call may still be using their host addresses.
///
/// Two epochs: a pin counts in the epoch in which it began; frames freed in an epoch are released when that epoch has ended and its last pin is gone. Not locked.
struct PinEpochs<Freed> {
    private var pins = [0, 0]
    private var limbo: [[Freed]] = [[], []]
    private var current = 0

    /// Nothing is pinned and nothing waits: what is freed now is free at once.
    var isIdle: Bool { pins[0] == 0 && pins[1] == 0 && limbo[0].isEmpty && limbo[1].isEmpty }

    /// Something is pinned.
    var isInUse: Bool { pins[0] > 0 || pins[1] > 0 }

    /// Begins a pin; the token goes to `unpin`.
    mutating func pin() -> Int {
        pins[current] += 1
        return current
    }

    /// Ends a pin; returns what may be handed out again now.
    mutating func unpin(_ token: Int) -> [Freed] {
        pins[token & 1] -= 1
        return advance()
    }

    /// Adds something freed; returns what may be handed out again now.
    mutating func add(_ freed: Freed) -> [Freed] {
        if isIdle { return [freed] }
        limbo[current].append(freed)
        return advance()
    }

    private mutating func advance() -> [Freed] {
        var ready: [Freed] = []
        // The older epoch gets no new pins: once it is empty, what was freed in it is free, and the current one may become the older one.
        for _ in 0..<2 where pins[1 - current] == 0 {
            ready.append(contentsOf: limbo[1 - current])
            limbo[1 - current].removeAll(keepingCapacity: true)
            if limbo[current].isEmpty { break }
            current = 1 - current
        }
        return ready
    }
}
