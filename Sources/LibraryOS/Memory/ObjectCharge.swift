/// What a growing collection of the library OS's own objects has paid to the memory limit: in steps, so that one object more rarely has to ask. Not locked.
struct ObjectCharge {
    private let memory: PhysicalMemory?
    /// Bytes an object costs, with its share of the tables it is in.
    private let cost: Int
    /// Objects that are paid for.
    private(set) var paid = 0

    private static let step = 64

    /// Nothing is paid for yet; nil: nobody counts.
    init(_ memory: PhysicalMemory?, cost: Int) {
        self.memory = memory
        self.cost = cost
    }

    /// Pays for `count` objects in all; false when the limit does not allow them.
    mutating func cover(_ count: Int) -> Bool {
        guard count > paid else { return true }
        let wanted = (count &+ Self.step &- 1) / Self.step &* Self.step
        if let memory, !memory.charge((wanted &- paid) &* cost) { return false }
        paid = wanted
        return true
    }

    /// Pays for objects that are there already.
    mutating func coverBeyondLimit(_ count: Int) {
        guard count > paid else { return }
        memory?.chargeBeyondLimit((count &- paid) &* cost)
        paid = count
    }

    /// Takes back what more than `count` objects, and a step to spare, have cost.
    mutating func settle(_ count: Int) {
        let needed = (count &+ Self.step &- 1) / Self.step &* Self.step &+ Self.step
        guard paid > needed else { return }
        memory?.refund((paid &- needed) &* cost)
        paid = needed
    }

    /// All objects are gone.
    mutating func refundAll() {
        memory?.refund(paid &* cost)
        paid = 0
    }
}
