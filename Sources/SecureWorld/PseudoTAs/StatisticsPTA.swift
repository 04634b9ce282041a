import LibraryOS
import Monitor

/// Statistics for tools of the normal world (OP-TEE's core/pta/stats.c, pta_stats.h).
final class StatisticsPTA: PseudoTA, @unchecked Sendable {
    private enum Command: UInt32 {
        case pager = 0
        case allocations = 1
        case leaks = 2
        case instances = 3
        case time = 4
        case drivers = 5
    }

    /// ALLOC_ID_*; 0 stands for all.
    private enum Pool: UInt32, CaseIterable {
        case heap = 1
        case publicMemory = 2
        case applicationMemory = 3
        case nexusHeap = 4
        case replayProtectedMemory = 5

        var title: String {
            switch self {
            case .heap: "Core heap (not counted)"
            case .publicMemory: "Public memory (none)"
            case .applicationMemory: "Memory of applications"
            case .nexusHeap: "Nexus heap (none)"
            case .replayProtectedMemory: "RPMB (none)"
            }
        }
    }

    private let instances: @Sendable (SecureWorld) -> (any InstanceListing)?

    init(instances: @escaping @Sendable (SecureWorld) -> (any InstanceListing)? = { $0.instanceList }) {
        self.instances = instances
        super.init(Self.identifier("d96a5b40-e2c7-b1af-8794-1002a5d5c61b"), servesClients: true)
    }

    override func invoke(_ session: PseudoSession, _ command: UInt32, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        guard let command = Command(rawValue: command) else { throw .badParameters }
        switch command {
        case .pager:
            try parameters.expect(.valueOutput, .valueOutput, .valueOutput)
            // There is none, as in most configurations of OP-TEE.
            for index in 0..<3 { parameters.setValue(index, 0, 0) }
        case .allocations: try giveAllocations(session.world, &parameters)
        case .leaks: try parameters.expect()
        case .instances: try giveInstances(session.world, &parameters)
        case .time: try giveTime(session.world, &parameters)
        case .drivers:
            try parameters.expect(.valueInput)
            // Clocks and regulators, of which there are none to print.
            guard parameters.value(0).a <= 1 else { throw .badParameters }
        }
    }

    private func giveAllocations(_ world: SecureWorld, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        try parameters.expect(.valueInput, .memoryOutput)
        let number = parameters.value(0).a
        let pools = Pool.allCases.filter { number == 0 || $0.rawValue == number }
        if pools.isEmpty { throw .badParameters }
        try parameters.give(1, pools.flatMap { Self.structure($0.title, statistics(of: $0, world)) })
    }

    private func statistics(of pool: Pool, _ world: SecureWorld) -> AllocationStatistics {
        guard pool == .applicationMemory else { return AllocationStatistics() }
        let usage = world.machine.memory.usage
        return AllocationStatistics(allocated: usage.resident, largestAllocated: world.machine.memory.peak, size: usage.limit)
    }

    /// `struct pta_stats_alloc {char desc[32]; u64 free2_sum; u32 allocated, max_allocated, size, num_alloc_fail, biggest_alloc_fail, biggest_alloc_fail_used}`.
    /// Without the sum of the squares of free blocks tools show no fragmentation.
    private static func structure(_ title: String, _ statistics: AllocationStatistics) -> [UInt8] {
        let text = Array(title.utf8.prefix(31))
        let numbers = [
            UInt32(clamping: statistics.allocated), UInt32(clamping: statistics.largestAllocated), UInt32(clamping: statistics.size), statistics.failures,
            UInt32(clamping: statistics.largestFailure), UInt32(clamping: statistics.allocatedAtFailure),
        ]
        return text + [UInt8](repeating: 0, count: 32 - text.count) + UInt64(0).structureBytes + numbers.flatMap(\.structureBytes)
    }

    /// Tools ask for the size first, with no buffer: SHORT_BUFFER even when nothing is loaded (`xtest --stats --ta`).
    private func giveInstances(_ world: SecureWorld, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        try parameters.expect(.memoryOutput)
        guard let instances = instances(world)?.instanceStatistics() else { throw .notSupported }
        let bytes = instances.flatMap { instance in
            instance.uuid.structure + UInt32(instance.hasPanicked ? 1 : 0).structureBytes + UInt32(clamping: instance.sessionCount).structureBytes
                + Self.structure("", instance.heap)
        }
        guard !parameters.isNull(0) else {
            parameters.setSize(0, UInt64(bytes.count))
            throw .shortBuffer
        }
        try parameters.give(0, bytes)
    }

    private func giveTime(_ world: SecureWorld, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        try parameters.expect(.valueOutput, .valueOutput)
        let clock = world.clock
        // System time as TEE_GetSystemTime tells it.
        for (index, time) in [clock.realtime(), clock.monotonic() &- world.started &+ TEETime.second].enumerated() {
            let (seconds, rest) = time.quotientAndRemainder(dividingBy: TEETime.second)
            parameters.setValue(index, UInt32(truncatingIfNeeded: seconds), UInt32(truncatingIfNeeded: rest / 1_000_000))
        }
    }
}
