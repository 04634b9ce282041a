import Foundation
import Testing

@testable import Confidential

/// A guest with every type of page on a software secure processor.
struct SoftwareLaunch {
    static let secretsAddress: UInt64 = 0x104000
    var platform: PSPPlatform
    var plan: LaunchPlan
    var deviations: [HostDeviation] = []
    var provider: String?

    init(_ product: ProcessorProduct = .genoa) throws {
        platform = PSPPlatform(product)
        plan = LaunchPlan()
        plan.runs = [
            try LaunchRun(.normal, at: 0x100000, contents: (0..<8192).map { UInt8(truncatingIfNeeded: $0 / 7) }), try LaunchRun(.zero, at: 0x102000, pageCount: 1),
            try LaunchRun(.unmeasured, at: 0x103000, contents: [1, 2, 3]), try LaunchRun(.secrets, at: Self.secretsAddress, pageCount: 1),
            try LaunchRun(.cpuid, at: 0x105000, contents: CPUIDPage.reference(product).page),
        ]
        plan.memory = [GuestRegion(address: 0x100000, size: 0x10_0000)]
        plan.processors = [.registers(.longMode(rip: 0x100000, rsp: 0x102000, cr3: 0x110000 | 1 << 51)), .registers(.realMode())]
        plan.hostData = Array(100..<132)
    }

    /// The guest after its launch.
    func launched() throws -> (guest: SoftwareGuest, record: LaunchRecord, endorsement: PlatformEndorsement) {
        let endorsement = try Authorities.authority(platform.product).endorse(platform, loadedFor: provider)
        let backend = SoftwareBackend(try SoftwarePSP(platform, endorsement: endorsement), deviations: deviations)
        let record = try LaunchSequence(plan).launch(on: backend)
        return (try SoftwareGuest(backend), record, endorsement)
    }
}

/// The guest's side: it finds its keys in the secrets page and speaks to the secure processor through the host.
final class SoftwareGuest {
    enum Refusal: Error, Equatable { case response }

    let backend: SoftwareBackend
    let secrets: [UInt8]
    var sequence: UInt64 = 1
    var keyIndex: UInt8 = 0

    init(_ backend: SoftwareBackend) throws {
        self.backend = backend
        secrets = try #require(try backend.launchedPage(SoftwareLaunch.secretsAddress))
    }

    var key: [UInt8] { Array(secrets[0x20 + Int(keyIndex) * 32..<0x40 + Int(keyIndex) * 32]) }

    /// A request, and a response that is the answer to it: anything else is refused.
    func ask(_ type: UInt8, version: UInt8 = 1, _ payload: [UInt8]) throws -> [UInt8] {
        let message = GuestMessage(type: type, version: version, sequence: sequence, keyIndex: keyIndex, payload: payload)
        let page = try backend.guestRequest(try #require(message.sealed(with: key)))
        guard let response = try? GuestMessage(opening: page, with: key), response.sequence == sequence + 1, response.type == type + 1, response.keyIndex == keyIndex else {
            throw Refusal.response
        }
        sequence += 2
        return response.payload
    }

    func reportRequest(_ data: [UInt8], level: UInt32 = 0, selection: UInt32 = 0) -> [UInt8] {
        var payload = data + [UInt8](repeating: 0, count: 32)
        payload.store(level, at: 64)
        payload.store(selection, at: 68)
        return payload
    }

    /// An attestation report.
    func report(_ data: [UInt8] = Array(0..<64), level: UInt32 = 0, selection: UInt32 = 0) throws -> [UInt8] {
        let payload = try ask(5, reportRequest(data, level: level, selection: selection))
        try #require(payload.number(at: 0, as: UInt32.self) == 0 && payload.number(at: 4, as: UInt32.self) == 1184 && payload.count == 32 + 1184)
        return Array(payload[32...])
    }

    /// MSG_KEY_REQ: status and key.
    func derivedKey(root: UInt32 = 0, fields: UInt64 = 0, level: UInt32 = 0, svn: UInt32 = 0, tcb: UInt64 = 0, mitigations: UInt64? = nil) throws
        -> (status: UInt32, key: [UInt8])
    {
        var payload = [UInt8](repeating: 0, count: mitigations == nil ? 32 : 40)
        payload.store(root, at: 0)
        payload.store(fields, at: 8)
        payload.store(level, at: 16)
        payload.store(svn, at: 20)
        payload.store(tcb, at: 24)
        if let mitigations { payload.store(mitigations, at: 32) }
        let response = try ask(3, version: mitigations == nil ? 1 : 2, payload)
        return (response.number(at: 0), Array(response[32..<64]))
    }
}

/// A folder for the files of a test, removed with it.
final class ScratchFolder {
    let url: URL
    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "confidential-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        try Data(bytes).write(to: url.appending(path: name))
        return path(name)
    }
    func path(_ name: String) -> String { url.appending(path: name).path }
}

/// ECDSA-Sig-Value (RFC 3279, 2.2.3) of a signature in the firmware's form, for the openssl command.
func signatureDER(_ signature: [UInt8]) -> [UInt8] {
    func integer(_ little: ArraySlice<UInt8>) -> [UInt8] {
        var big = Array(little.reversed().drop { $0 == 0 })
        if big.first.map({ $0 >= 0x80 }) ?? true { big.insert(0, at: 0) }
        return [0x02, UInt8(big.count)] + big
    }
    let body = integer(signature[0..<72]) + integer(signature[72..<144])
    return [0x30, UInt8(body.count)] + body
}
