/// Tells the normal world which applications are devices for its drivers (OP-TEE's core/pta/device.c, pta_device.h).
final class DevicePTA: PseudoTA, @unchecked Sendable {
    private enum Command: UInt32 {
        case devices = 0
        case devicesWithSupplicant = 1
        case devicesWithReplayProtectedMemory = 2
    }

    private let applications: @Sendable (SecureWorld) -> (any ApplicationListing)?

    init(applications: @escaping @Sendable (SecureWorld) -> (any ApplicationListing)? = { $0.applicationList }) {
        self.applications = applications
        super.init(Self.identifier("7011a688-ddde-4053-a5a9-7b3c4ddf13b8"), servesClients: true)
    }

    override func invoke(_ session: PseudoSession, _ command: UInt32, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        guard let command = Command(rawValue: command) else { throw .notImplemented }
        try parameters.expect(.memoryOutput)
        guard !parameters.isNull(0) || parameters.size(0) == 0 else { throw .badParameters }
        let wanted: TAFlags =
            switch command {
            case .devices: .deviceEnumeration
            // Private storage is in files of the normal world, as with OP-TEE's REE FS, and there when a supplicant is.
            case .devicesWithSupplicant:
                session.world.configuration.storage == nil ? .deviceEnumerationWithSupplicant : [.deviceEnumerationWithSupplicant, .deviceEnumerationWithStorage]
            case .devicesWithReplayProtectedMemory: []
            }
        try parameters.give(0, devices(session.world, wanted).flatMap(\.octets))
    }

    private func devices(_ world: SecureWorld, _ wanted: TAFlags) -> [TEEUUID] {
        let kinds: TAFlags = [.deviceEnumeration, .deviceEnumerationWithSupplicant, .deviceEnumerationWithStorage]
        let own = world.pseudoApplications.values.map { (uuid: $0.uuid, flags: $0.deviceFlags) }
        let all = own + (applications(world)?.applications() ?? [])
        let found = all.filter { application in
            let flags = application.flags.intersection(kinds)
            // One that says it is found at two times contradicts itself, and is left out.
            return flags.rawValue.nonzeroBitCount == 1 && !flags.isDisjoint(with: wanted)
        }
        return Set(found.map(\.uuid)).sorted { $0.description < $1.description }
    }
}
