import Testing
@testable import SecureWorld

/// Applications that are devices (OP-TEE's pta_device.h).
@Suite struct PseudoTADeviceTests {
    private final class Applications: ApplicationListing {
        let list: [(uuid: TEEUUID, flags: TAFlags)]
        init(_ list: [(uuid: TEEUUID, flags: TAFlags)]) { self.list = list }
        func applications() -> [(uuid: TEEUUID, flags: TAFlags)] { list }
    }

    private static func uuid(_ last: UInt8) -> TEEUUID { TEEUUID(bigEndian: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, last]) ?? .null }
    private static let clock = TEEUUID("f389f8c8-845f-496c-8bbe-d64bd24c92fd")?.octets ?? []

    private func opened(storage: TrustedStorage? = nil, _ list: [(uuid: TEEUUID, flags: TAFlags)]) throws -> (PseudoTABed, PseudoSession) {
        nonisolated(unsafe) let applications = Applications(list)
        let bed = try PseudoTABed(storage: storage)
        return (bed, try bed.open(DevicePTA { _ in applications }))
    }

    @Test func devicesAreFoundByTheirFlags() throws {
        let storage = try PseudoTAStorage()
        let list: [(uuid: TEEUUID, flags: TAFlags)] = [
            (Self.uuid(4), .deviceEnumeration), (Self.uuid(1), [.deviceEnumeration, .singleInstance]), (Self.uuid(2), .deviceEnumerationWithSupplicant),
            (Self.uuid(3), [.deviceEnumeration, .deviceEnumerationWithSupplicant]), (Self.uuid(5), .singleInstance), (Self.uuid(6), .deviceEnumerationWithStorage),
        ]
        let (bed, session) = try opened(storage: storage.open(), list)
        let (result, parameters) = session.invoke(0, [PseudoTAClientMemory.output(100)])
        #expect(result == .success)
        #expect(parameters[0].content == Self.uuid(1).octets + Self.uuid(4).octets + Self.clock)
        #expect(session.invoke(1, [PseudoTAClientMemory.output(100)]).parameters[0].content == Self.uuid(2).octets + Self.uuid(6).octets)
        let (replay, none) = session.invoke(2, [PseudoTAClientMemory.output(100)])
        #expect(replay == .success)
        #expect(none.size(0) == 0)
        withExtendedLifetime(bed) {}
    }

    @Test func privateStorageIsNoDeviceWithoutStorage() throws {
        let (bed, session) = try opened([(Self.uuid(6), .deviceEnumerationWithStorage)])
        #expect(session.invoke(1, [PseudoTAClientMemory.output(100)]).parameters.size(0) == 0)
        withExtendedLifetime(bed) {}
    }

    @Test func sizeIsToldToTooSmallBuffers() throws {
        let (bed, session) = try opened([(Self.uuid(1), .deviceEnumeration)])
        for parameter in [TEEParameter.memory(.output, nil, size: 0), PseudoTAClientMemory.output(31)] {
            let (result, parameters) = session.invoke(0, [parameter])
            #expect(result == .shortBuffer)
            #expect(parameters.size(0) == 32)
        }
        #expect(session.invoke(0, [.memory(.output, nil, size: 5)]).result == .badParameters)
        #expect(session.invoke(0).result == .badParameters)
        #expect(session.invoke(3, [PseudoTAClientMemory.output(100)]).result == .notImplemented)
        withExtendedLifetime(bed) {}
    }
}
