import LibraryOS

internal import CCrypto

/// Services of the TEE to trusted applications beyond the GlobalPlatform API (OP-TEE's core/pta/system.c, pta_system.h).
///
/// Today's OP-TEE has no commands 4 to 9 any more: ldelf has calls of its own instead. Of them 8 and 9 are served here as they were, since applications find use for them.
final class SystemPTA: PseudoTA, @unchecked Sendable {
    private enum Command: UInt32 {
        case addEntropy = 0
        case deriveKey = 1
        case mapZeroed = 2
        case unmap = 3
        case setProtection = 8
        case remap = 9
        case openLibrary = 10
        case findSymbol = 11
        case getEventLog = 12
        case invokePlugin = 13
    }

    /// PTA_SYSTEM_MAP_FLAG_*.
    private enum MapFlag {
        static let shareable: UInt32 = 1, writable: UInt32 = 2, executable: UInt32 = 4
    }

    /// TA_DERIVED_KEY_MIN_SIZE, TA_DERIVED_KEY_MAX_SIZE, TA_DERIVED_EXTRA_DATA_MAX_SIZE.
    private static let keySizes: ClosedRange<UInt64> = 16...32
    private static let mostExtraData: UInt64 = 1024
    /// RTLD_NOW, RTLD_GLOBAL and RTLD_NODELETE: what libdl's dlopen asks for, and all that there is.
    private static let libraryFlags: UInt32 = 0x1102
    private static let longestSymbol: UInt64 = 64 << 10

    private let mappings = MappingTable()
    private let libraries: @Sendable (SecureWorld) -> (any LibraryLoading)?

    init(libraries: @escaping @Sendable (SecureWorld) -> (any LibraryLoading)? = { $0.libraries }) {
        self.libraries = libraries
        super.init(Self.identifier("3a2f8978-5dc0-11e8-9c2d-fa7ae01bbebc"), servesClients: false)
    }

    override func invoke(_ session: PseudoSession, _ command: UInt32, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        guard let caller = session.caller else { throw .accessDenied }
        guard let command = Command(rawValue: command) else { throw .notImplemented }
        switch command {
        case .addEntropy: try addEntropy(parameters)
        case .deriveKey: try deriveKey(caller, &parameters)
        case .mapZeroed: try mapZeroed(caller, &parameters)
        case .unmap: try unmap(caller, parameters)
        case .setProtection: try setProtection(caller, parameters)
        case .remap: try remap(caller, &parameters)
        case .openLibrary: try openLibrary(caller, parameters)
        case .findSymbol: try findSymbol(caller, &parameters)
        case .getEventLog:
            try parameters.expect(.memoryOutput)
            throw .notSupported
        case .invokePlugin: try invokePlugin(session, &parameters)
        }
    }

    /// What an instance has had mapped.
    func mappings(of instance: TAInstance) -> ApplicationMappings { mappings.mappings(of: instance) }

    // MARK: Secrets

    /// Mixed into the generator besides what the kernel gives, so that it can only do good.
    private func addEntropy(_ parameters: [TEEParameter]) throws(TEEResult) {
        try parameters.expect(.memoryInput)
        guard !parameters.isNull(0), parameters.size(0) > 0 else { throw .badParameters }
        let digest = try DigestOperation(.sha512)
        try parameters.forEachPiece(0) { (bytes) throws(TEEResult) in try digest.update(bytes) }
        var seed = try digest.finish()
        defer { SecretBytes.wipe(&seed) }
        guard let generator = RAND_get0_primary(try CryptoLibrary.context()), EVP_RAND_reseed(generator, 0, nil, 0, seed, seed.count) == 1 else {
            throw CryptoLibrary.failure(.generic)
        }
    }

    private func deriveKey(_ caller: TAInstance, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        try parameters.expect(.memoryInput, .memoryOutput)
        let size = parameters.size(1)
        guard parameters.size(0) <= Self.mostExtraData, Self.keySizes.contains(size) else { throw .badParameters }
        // Not by mistake into memory that the normal world reads: all parameters are taken for that, those of other applications too.
        guard let output = parameters.buffer(1) as? TAMemoryBuffer, caller.memory.allows(write: true, output.address, size),
            !caller.parameterArea.touches(output.address, size)
        else { throw .security }
        let data = caller.uuid.structure + (try parameters.bytes(0, limit: Self.mostExtraData))
        let key = try caller.world.configuration.deviceKey.subkey(.applicationKey, data: data, count: Int(size))
        var bytes = key.bytes
        defer { SecretBytes.wipe(&bytes) }
        try parameters.give(1, bytes)
    }

    // MARK: Memory

    private func mapZeroed(_ caller: TAInstance, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        try parameters.expect(.valueInput, .valueInout, .valueInput)
        let (count, flags) = parameters.value(0)
        guard flags & ~MapFlag.shareable == 0 else { throw .badParameters }
        let (before, after) = parameters.value(2)
        let mapped = try mappings.mappings(of: caller).map(UInt64(count), at: parameters.address(1), before: UInt64(before), after: UInt64(after))
        parameters.setAddress(1, mapped)
    }

    private func unmap(_ caller: TAInstance, _ parameters: [TEEParameter]) throws(TEEResult) {
        try parameters.expect(.valueInput, .valueInput)
        let (count, reserved) = parameters.value(0)
        guard reserved == 0 else { throw .badParameters }
        try mappings.mappings(of: caller).unmap(parameters.address(1), UInt64(count))
    }

    private func setProtection(_ caller: TAInstance, _ parameters: [TEEParameter]) throws(TEEResult) {
        try parameters.expect(.valueInput, .valueInput)
        let (count, flags) = parameters.value(0)
        // Never both: what is written is not run.
        guard flags & ~(MapFlag.writable | MapFlag.executable) == 0, flags != MapFlag.writable | MapFlag.executable else { throw .badParameters }
        var protection: PageProtection = .read
        if flags & MapFlag.writable != 0 { protection.insert(.write) }
        if flags & MapFlag.executable != 0 { protection.insert(.execute) }
        try mappings.mappings(of: caller).protect(parameters.address(1), UInt64(count), protection)
    }

    private func remap(_ caller: TAInstance, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        try parameters.expect(.valueInput, .valueInput, .valueInout, .valueInput)
        let (count, reserved) = parameters.value(0)
        guard reserved == 0 else { throw .badParameters }
        let (before, after) = parameters.value(3)
        let moved = try mappings.mappings(of: caller).move(
            parameters.address(1), UInt64(count), to: parameters.address(2), before: UInt64(before), after: UInt64(after))
        parameters.setAddress(2, moved)
    }

    // MARK: Libraries

    private func openLibrary(_ caller: TAInstance, _ parameters: [TEEParameter]) throws(TEEResult) {
        try parameters.expect(.memoryInput, .valueInput)
        let uuid = try parameters.uuid(0)
        guard parameters.value(1).a == Self.libraryFlags else { throw .badParameters }
        // dlopen(NULL): the application itself.
        if uuid == .null { return }
        guard let libraries = self.libraries(caller.world) else { throw .notSupported }
        try libraries.load(uuid, into: caller)
    }

    private func findSymbol(_ caller: TAInstance, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        try parameters.expect(.memoryInput, .memoryInput, .valueOutput)
        let uuid = try parameters.uuid(0)
        guard !parameters.isNull(1) else { throw .badParameters }
        let text = try parameters.bytes(1, limit: Self.longestSymbol)
        guard let end = text.firstIndex(of: 0) else { throw .badParameters }
        guard let libraries = self.libraries(caller.world) else { throw .notSupported }
        parameters.setAddress(2, try libraries.symbol(Array(text[..<end]), of: uuid == .null ? nil : uuid, in: caller))
    }

    // MARK: The normal world

    /// Without a supplicant as one that has no plug-in of that name. What a plug-in left is given to the application even when it failed.
    private func invokePlugin(_ session: PseudoSession, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        try parameters.expect(.memoryInput, .valueInput, .memoryInout, .valueOutput)
        let (command, subcommand) = parameters.value(1)
        let plugin = SupplicantPlugin(uuid: try parameters.uuid(0), command: command, subcommand: subcommand)
        guard parameters.isNull(2) == (parameters.size(2) == 0) else { throw .badParameters }
        parameters.setValue(3, 0, 0)
        guard parameters.size(2) <= SupplicantPlugin.largestData else { throw .outOfMemory }
        let (result, data, length) = try plugin.call(try parameters.bytes(2, limit: SupplicantPlugin.largestData), for: session)
        parameters.setValue(3, length, 0)
        // The size stays that of the buffer: the length is told beside it.
        if !data.isEmpty { try parameters.buffer(2)?.write(data, at: 0) }
        guard result == .success else { throw result }
    }
}
