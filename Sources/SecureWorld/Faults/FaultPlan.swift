import Synchronization

/// Failures that a test of an application asks for, each at the n-th occasion: what `skerry tee run --fault` takes.
///
/// Every point of a plan is met once. Occasions are counted over all applications of a secure world, from its beginning on.
public final class FaultPlan: Sendable {
    /// What happens.
    public enum Fault: Hashable, Sendable {
        /// A change of the trusted storage finds no space (create, write, truncate, rename, delete): STORAGE_NO_SPACE, and nothing is changed.
        case storageFull
        /// An access to a stored object finds it damaged (open, read, write, truncate, a step of an enumeration): CORRUPT_OBJECT. As after real damage the object is gone.
        case storageCorrupt
        /// A call that allocates something in the TEE answers OUT_OF_MEMORY and does nothing: operations, transient objects, handles of stored objects, enumerators,
        /// sessions with other applications. TEE_Malloc takes from the application's own memory and makes no call.
        case outOfMemory
        /// The application panics at a call, which is not carried out.
        case panic
        /// The client asks for cancellation right before a call is carried out (TEEC_RequestCancellation); an application notices once it has unmasked cancellation.
        case cancel
        /// The call of that name answers the result and is not carried out. The name is that of the call (`storage_obj_open`), as a trace shows it.
        case result(call: String, TEEResult)
    }

    /// A fault and its occasion.
    public struct Point: Hashable, Sendable {
        /// What happens.
        public let fault: Fault
        /// At which occasion: 1 is the first.
        public let occasion: Int

        /// A fault at the n-th occasion; below 1 counts as 1.
        public init(_ fault: Fault, at occasion: Int = 1) {
            self.fault = fault
            self.occasion = max(1, occasion)
        }
    }

    /// What is to happen.
    public let points: [Point]
    private let seen: Mutex<[Int]>

    /// A plan of these points.
    public init(_ points: [Point]) {
        self.points = points
        seen = Mutex([Int](repeating: 0, count: points.count))
    }

    /// The result of these calls may be OUT_OF_MEMORY by the specification, and each allocates: open_ta_session, cryp_state_alloc, cryp_obj_alloc, storage_obj_open,
    /// storage_obj_create, storage_alloc_enum.
    private static let allocatingCalls: Set<Int> = [5, 15, 27, 41, 42, 45]
    /// `return`, `log` and `panic` are no requests: how often they are made depends on the level of traces that an application was compiled with.
    private static let uncountedCalls: Set<Int> = [0, 1, 2]

    /// What the storage itself counts.
    func apply(to storage: TrustedStorage?) {
        for point in points {
            switch point.fault {
            case .storageFull: storage?.inject(.full, atOperation: point.occasion)
            case .storageCorrupt: storage?.inject(.corrupt, atOperation: point.occasion)
            default: break
            }
        }
    }

    /// Counts a call that is about to be carried out; the points whose turn has come.
    func meet(_ entry: TEESyscallTable.Entry) -> [Point] {
        guard !Self.uncountedCalls.contains(entry.number) else { return [] }
        return seen.withLock { seen in
            var met: [Point] = []
            for (index, point) in points.enumerated() where Self.matches(point.fault, entry) {
                // Counting ends where the fault has happened.
                guard seen[index] < point.occasion else { continue }
                seen[index] += 1
                if seen[index] == point.occasion { met.append(point) }
            }
            return met
        }
    }

    /// After a call: the points that the storage has met since the last time.
    func meetStorage(_ storage: TrustedStorage?) -> [Point] {
        guard let storage else { return [] }
        return seen.withLock { seen in
            var met: [Point] = []
            for (fault, kind) in [(Fault.storageFull, StorageFault.full), (.storageCorrupt, .corrupt)] {
                // The storage meets those of a kind in the order of their occasions.
                let indices = points.indices.filter { points[$0].fault == fault }.sorted { points[$0].occasion < points[$1].occasion }
                if indices.isEmpty { continue }
                for index in indices.dropLast(storage.pendingFaults(kind)) where seen[index] < points[index].occasion {
                    seen[index] = points[index].occasion
                    met.append(points[index])
                }
            }
            return met
        }
    }

    /// The points whose occasion has not come.
    public var unmet: [Point] { seen.withLock { seen in points.indices.filter { seen[$0] < points[$0].occasion }.map { points[$0] } } }

    private static func matches(_ fault: Fault, _ entry: TEESyscallTable.Entry) -> Bool {
        switch fault {
        case .storageFull, .storageCorrupt: false
        case .outOfMemory: allocatingCalls.contains(entry.number)
        case .panic, .cancel: true
        case .result(let call, _): call == entry.name
        }
    }
}

extension TEECall {
    /// What a plan makes of this call; nil when it is to be carried out.
    func faulted(_ plan: FaultPlan, _ entry: TEESyscallTable.Entry) -> TEECallOutcome? {
        var outcome: TEECallOutcome?
        for point in plan.meet(entry) {
            world.log.faulted(application: instance.uuid, point, call: entry.name)
            switch point.fault {
            case .storageFull, .storageCorrupt: break
            case .outOfMemory: outcome = refused(.outOfMemory, entry)
            case .panic: outcome = .panicked(FaultPlan.panicCode)
            case .cancel: session.cancellation.request()
            case .result(_, let result): outcome = refused(result, entry)
            }
        }
        return outcome
    }

    /// Tells the log of faults that the storage has met in this call.
    func noteStorageFaults(_ plan: FaultPlan, _ entry: TEESyscallTable.Entry) {
        for point in plan.meetStorage(world.configuration.storage) { world.log.faulted(application: instance.uuid, point, call: entry.name) }
    }

    /// Calls of other applications say who refused, too.
    private func refused(_ result: TEEResult, _ entry: TEESyscallTable.Entry) -> TEECallOutcome {
        if entry.number == 5 || entry.number == 7, word(4) != 0 { try? memory.writeUInt32(TEEOrigin.tee.rawValue, to: word(4)) }
        return .result(result)
    }
}

extension FaultPlan {
    /// The code of a panic that was asked for: "flt" and a zero, which no specified panic has.
    static let panicCode: UInt32 = 0x666c_7400
}
