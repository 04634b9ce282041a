/// A fault that was not understood, in words that say what is expected.
public struct FaultSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String
}

extension FaultPlan.Point: CustomStringConvertible {
    /// From text: `storage-full`, `storage-corrupt`, `out-of-memory`, `panic` or `cancel`, each with `@N` for the n-th occasion (the first without it), or
    /// `call NAME@N=RESULT`, the result by its name (`TEE_ERROR_BUSY`) or number.
    public init(_ text: String) throws(FaultSyntaxError) {
        guard text.hasPrefix("call ") || text.hasPrefix("call:") else {
            let (name, occasion) = try Self.occasion(text[...], in: text)
            guard let fault = Self.faults.first(where: { $0.name == name })?.fault else {
                let known = Self.faults.map(\.name).joined(separator: ", ")
                throw FaultSyntaxError(description: "'\(text)' is no fault; there are \(known) and 'call NAME=RESULT', each with @N behind the name for the n-th time")
            }
            self.init(fault, at: occasion)
            return
        }
        let parts = text.dropFirst(5).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let result = TEEResult(text: parts[1]) else {
            throw FaultSyntaxError(description: "'\(text)': a call's fault is 'call NAME@N=RESULT', with a result such as TEE_ERROR_BUSY or 0xffff000d")
        }
        let (name, occasion) = try Self.occasion(parts[0], in: text)
        guard let entry = TEESyscallTable.entries.first(where: { $0.name == name }) else {
            throw FaultSyntaxError(description: "'\(text)': there is no TEE call '\(name)'; skerry tee run --trace shows the names, such as storage_obj_open")
        }
        guard entry.number > 2 else {
            throw FaultSyntaxError(description: "'\(text)': the call '\(name)' gives no result that an application could handle")
        }
        self.init(.result(call: entry.name, result), at: occasion)
    }

    private static let faults: [(name: String, fault: FaultPlan.Fault)] = [
        ("storage-full", .storageFull), ("storage-corrupt", .storageCorrupt), ("out-of-memory", .outOfMemory), ("panic", .panic), ("cancel", .cancel),
    ]

    private static func occasion(_ text: Substring, in whole: String) throws(FaultSyntaxError) -> (name: String, occasion: Int) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return (String(text), 1) }
        guard let occasion = Int(parts[1]), occasion >= 1 else {
            throw FaultSyntaxError(description: "'\(whole)': behind @ a number from 1 on is expected, which occasion it is")
        }
        return (String(parts[0]), occasion)
    }

    /// As `init(_:)` takes it.
    public var description: String {
        if case .result(let call, let result) = fault { return "call \(call)@\(occasion)=\(result)" }
        let name = Self.faults.first { $0.fault == fault }?.name ?? ""
        return "\(name)@\(occasion)"
    }
}

extension TEEResult {
    /// From the name of a result (`TEE_ERROR_...`, with or without the `TEE_`), or its number in decimal or, behind `0x`, hexadecimal; nil for anything else.
    public init?(text: some StringProtocol) {
        let name = String(text)
        if let known = TEEResult(name: name) ?? TEEResult(name: "TEE_" + name) {
            self = known
            return
        }
        guard let number = name.hasPrefix("0x") ? UInt32(name.dropFirst(2), radix: 16) : UInt32(name) else { return nil }
        self.init(rawValue: number)
    }
}
