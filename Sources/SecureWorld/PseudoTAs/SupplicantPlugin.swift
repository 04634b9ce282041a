internal import LibraryOS

/// A plug-in of the supplicant (OP-TEE's core/tee/tee_supp_plugin_rpc.c; plugin.c of its tee-supplicant): code of the normal world that applications can call.
struct SupplicantPlugin {
    /// Which one.
    let uuid: TEEUUID
    let command: UInt32
    let subcommand: UInt32

    /// OPTEE_RPC_SHM_TYPE_APPL, OPTEE_RPC_SUPP_PLUGIN_INVOKE.
    private static let applicationMemory: UInt64 = 0
    private static let invoke: UInt64 = 0
    /// The most bytes that are passed at once.
    static let largestData: UInt64 = 1 << 22

    /// Calls it with data, which it may change, in memory that the supplicant allocates for that. The result is the plug-in's; `length` is how much it says it left, of which
    /// `data` has as much as there was room for.
    ///
    /// Errors: those of `SupplicantRequests.call`, and `outOfMemory` when the supplicant has no memory.
    func call(_ data: [UInt8], for session: PseudoSession) throws(TEEResult) -> (result: TEEResult, data: [UInt8], length: UInt32) {
        let supplicant = session.world.supplicant
        guard !data.isEmpty else { return try call(data, nil, nil, supplicant, session) }
        let size = UInt64(data.count)
        let answer = try supplicant.call(.allocateMemory, [SupplicantParameter(kind: .valueInout, a: Self.applicationMemory, b: size)], for: session)
        guard answer.result == .success, let id = answer.parameters.first?.c else { throw answer.result == .communication ? .communication : .outOfMemory }
        // Nobody waits for that: the memory is the supplicant's own.
        defer { try? supplicant.send(.freeMemory, [SupplicantParameter(kind: .valueInout, a: Self.applicationMemory, b: id)]) }
        let memory = try supplicant.memory(id)
        guard memory.size >= size else { throw .outOfMemory }
        return try call(data, memory, id, supplicant, session)
    }

    private func call(
        _ data: [UInt8], _ memory: PluggedMemory?, _ id: UInt64?, _ supplicant: SupplicantRequests, _ session: PseudoSession
    ) throws(TEEResult) -> (result: TEEResult, data: [UInt8], length: UInt32) {
        do throws(Errno) { try memory?.write(data, at: 0) } catch { throw .communication }
        let words = ByteReader(uuid.octets)
        let parameters = [
            SupplicantParameter(kind: .valueInput, a: Self.invoke, b: UInt64(words.u32(0)), c: UInt64(words.u32(4))),
            SupplicantParameter(kind: .valueInput, a: UInt64(words.u32(8)), b: UInt64(words.u32(12)), c: UInt64(command)),
            SupplicantParameter(kind: .valueInout, a: UInt64(subcommand)),
            SupplicantParameter(kind: .memoryInout, b: UInt64(data.count), c: id ?? IoctlParameter.noMemory),
        ]
        let answer = try supplicant.call(.invokePlugin, parameters, for: session)
        let length = answer.parameters.count > 2 ? UInt32(truncatingIfNeeded: answer.parameters[2].b) : 0
        guard let memory else { return (answer.result, [], length) }
        do throws(Errno) { return (answer.result, try memory.read(at: 0, count: min(Int(length), data.count)), length) } catch { throw .communication }
    }
}
