import SecureWorld
import Testing

@testable import LibraryOS

/// TEE_IOC_OPEN_SESSION and TEE_IOC_INVOKE: what reaches the service and what goes back.
@Suite struct DeviceCommandTests {
    private let bed: DeviceBed
    private let client: UInt64

    init() throws {
        bed = try DeviceBed(user: 1000, groups: [100, 200])
        client = try bed.client()
    }

    // MARK: Opening

    @Test func aSessionIsOpenedWithTheApplicationAsked() throws {
        let reply = try bed.openSession(client, [0x8a, 0xaa, 0xf2, 0, 0x24, 0x50, 0x11, 0xe4, 0xab, 0xe2, 0, 2, 0xa5, 0xd5, 0xc5, 0x1b])
        #expect(reply.status == 0 && reply.session == 77 && reply.result == 0 && reply.origin == 4)
        guard case .open(let application, let identity) = bed.service.requests.first?.kind else { return #expect(Bool(false)) }
        #expect(application == TEEUUID("8aaaf200-2450-11e4-abe2-0002a5d5c51b"))
        #expect(identity == TEEClientIdentity(login: 0, uuid: .null))
    }

    @Test func anApplicationThatRefusesSaysSoInTheStructure() throws {
        bed.service.onOpen { (.busy, $0) }
        let reply = try bed.openSession(client)
        #expect(reply.status == 0 && reply.result == 0xffff_000d && reply.origin == 4 && reply.session == 0)
        #expect(try bed.invoke(client, 0).status == failed(.EINVAL))
        bed.close(client)
        #expect(bed.service.closed.isEmpty, "there is nothing to close")
    }

    @Test func parametersOfAnOpenGoBothWays() throws {
        bed.service.onOpen { parameters in
            guard case .value(_, let a, let b) = parameters[1] else { return (.badParameters, parameters) }
            return (.success, [.none, .value([.input, .output], a: a + 1, b: b + 1), .none, .none])
        }
        let reply = try bed.openSession(client, with: [.value(0), .value(3, 10, 20, 30)])
        #expect(reply.result == 0)
        #expect(reply.parameters == [.value(0), .value(3, 11, 21, 30)])
    }

    /// Expected: Python's `uuid.uuid5(uuid.UUID("58ac9ca0-2086-4683-a1b8-ec4bc08e01b6"), name)`.
    @Test(arguments: [
        (UInt32(0), UInt32(0), "00000000-0000-0000-0000-000000000000"), (1, 0, "fc34275c-d8dd-5ba7-968b-504718363b87"),
        (2, 100, "d32f761e-b364-519b-be12-ed54ba663b0a"), (2, 1000, "0ece43ed-001d-51bd-bab7-480c8954c3cf"),
    ]) func clientsAreWhoTheKernelKnows(_ login: UInt32, _ group: UInt32, _ uuid: String) throws {
        #expect(try bed.openSession(client, login: login, group: group).status == 0)
        guard case .open(_, let identity) = bed.service.requests.first?.kind else { return #expect(Bool(false)) }
        #expect(identity.login == login && identity.uuid.description == uuid)
    }

    @Test(arguments: [
        (UInt32(2), UInt32(300), Errno.EPERM), (2, .max, .EPERM), (4, 0, .EINVAL), (5, 0, .EINVAL), (6, 100, .EINVAL), (3, 0, .EINVAL), (7, 0, .EINVAL),
        (0x8000_0000, 0, .EPERM), (0xbfff_ffff, 0, .EPERM), (0xf000_0000, 0, .EINVAL),
    ]) func otherIdentitiesAreRefused(_ login: UInt32, _ group: UInt32, _ errno: Errno) throws {
        #expect(try bed.openSession(client, login: login, group: group).status == failed(errno))
        #expect(bed.service.requests.isEmpty)
    }

    @Test func aSessionThatCannotBeToldIsClosedAgain() throws {
        let frozen = bed.map()
        try bed.put(bed.openHeader(count: 0), at: frozen)
        #expect(bed.task.call(DeviceCall.mprotect, frozen, 4096, 1) == 0)
        #expect(try bed.command(client, DeviceRequest.open, bed.openHeader(count: 0), [], address: frozen) == failed(.EFAULT))
        #expect(bed.service.closed == [77])
        #expect(try bed.invoke(client, 77).status == failed(.EINVAL))
    }

    // MARK: Structures

    @Test func structuresHaveTheirExactLength() throws {
        let header = bed.openHeader(count: 0)
        for length in [UInt64(0), 55, 57, 88, 1025, .max] {
            #expect(try bed.command(client, DeviceRequest.open, header, [], length: length) == failed(.EINVAL))
        }
        #expect(try bed.command(client, DeviceRequest.open, bed.openHeader(count: 1), []) == failed(.EINVAL))
        #expect(try bed.command(client, DeviceRequest.open, bed.openHeader(count: 0xffff_ffff), []) == failed(.EINVAL))
        #expect(try bed.command(client, DeviceRequest.invoke, bed.invokeHeader(1, count: 2), [.value(0)]) == failed(.EINVAL))
        #expect(try bed.command(client, DeviceRequest.open, header, [], address: 0) == failed(.EFAULT))
        #expect(try bed.command(client, DeviceRequest.open, header, [], address: .max - 8) == failed(.EFAULT))
        #expect(bed.task.call(DeviceCall.ioctl, client, DeviceRequest.open, 0) == failed(.EFAULT))
        #expect(bed.service.requests.isEmpty)
    }

    @Test func parametersBehindTheEndOfMemoryAreAFault() throws {
        let address = bed.map(pages: 2) + 4096
        #expect(bed.task.call(DeviceCall.munmap, address, 4096) == 0)
        try bed.put(bed.openHeader(count: 2), at: address - 88)
        try bed.put([UInt8](repeating: 0, count: 32), at: address - 32)
        #expect(try bed.command(client, DeviceRequest.open, [], [], address: address - 88, length: 120) == failed(.EFAULT))
        try bed.put([9], at: address - 32)
        #expect(try bed.command(client, DeviceRequest.open, [], [], address: address - 88, length: 120) == failed(.EINVAL), "the first one is looked at first")
    }

    @Test func fourParametersOpenAndSixAreAMessage() throws {
        let none = [DeviceParameter](repeating: .value(0), count: 31)
        #expect(try bed.openSession(client, with: Array(none.prefix(4))).status == 0)
        #expect(try bed.openSession(client, with: Array(none.prefix(5))).status == failed(.EINVAL))
        #expect(try bed.invoke(client, 77, 1, Array(none.prefix(4))).result == 0)
        for count in [5, 6] {
            let reply = try bed.invoke(client, 77, 1, Array(none.prefix(count)))
            #expect(reply.status == 0 && reply.result == 0xffff_0006 && reply.origin == 3, "TEE_ERROR_BAD_PARAMETERS of the TEE")
        }
        #expect(try bed.invoke(client, 77, 1, Array(none.prefix(7))).status == failed(.EINVAL))
        #expect(try bed.invoke(client, 77, 1, none).status == failed(.EINVAL))
        #expect(bed.service.requests.count == 2)
    }

    @Test(arguments: [UInt64(4), 8, 9, 0xff, 0x100, 0x101, 0x105, 0x200, 1 << 32]) func unknownAndMetaParametersAreRefused(_ attributes: UInt64) throws {
        let session = try bed.openSession(client).session
        #expect(try bed.invoke(client, session, 1, [DeviceParameter(attributes: attributes, a: 0, b: 0, c: .max)]).status == failed(.EINVAL))
        #expect(try bed.openSession(client, with: [DeviceParameter(attributes: attributes, a: 0, b: 0, c: .max)]).status == failed(.EINVAL))
        #expect(bed.service.requests.count == 1)
    }

    // MARK: Values

    @Test func valuesComeAndGoByTheirDirection() throws {
        let session = try bed.openSession(client).session
        bed.service.onCommand { command, parameters in
            let given: [[UInt32]] = parameters.map { if case .value(_, let a, let b) = $0 { [a, b] } else { [] } }
            guard command == 5, given == [[1, 2], [0, 0], [3, 4], []] else { return (.badState, parameters) }
            return (.success, [.value(.input, a: 90, b: 90), .value(.output, a: 10, b: 11), .value([.input, .output], a: 12, b: 13), .none])
        }
        let reply = try bed.invoke(client, session, 5, [.value(1, 1, 2, 3), .value(2, 7, 7, 7), .value(3, 3, 4, 5), .value(0, 6, 6, 6)])
        #expect(reply.status == 0 && reply.result == 0 && reply.origin == 4)
        #expect(reply.parameters == [.value(1, 1, 2, 3), .value(2, 10, 11, 0), .value(3, 12, 13, 5), .value(0, 6, 6, 6)])
    }

    @Test func anApplicationSeesTheLowHalvesOfValues() throws {
        let session = try bed.openSession(client).session
        let reply = try bed.invoke(client, session, 5, [.value(3, 0x1_0000_0002, 0xffff_ffff_ffff_ffff, 9)])
        #expect(reply.parameters == [.value(3, 2, 0xffff_ffff, 9)])
    }

    @Test func aFailureIsToldWithItsOriginAndOutputs() throws {
        let session = try bed.openSession(client).session
        bed.service.onCommand { _, _ in (TEEResult(rawValue: 0xffff_3024), [.value([.input, .output], a: 4, b: 5), .none, .none, .none]) }
        let reply = try bed.invoke(client, session, 5, [.value(3, 1, 1)])
        #expect(reply.status == 0 && reply.result == 0xffff_3024 && reply.origin == 4)
        #expect(reply.parameters == [.value(3, 4, 5)])
    }

    // MARK: Memory

    @Test func referencesStayInsideTheirMemory() throws {
        let session = try bed.openSession(client).session
        let shared = try bed.allocate(client, 4096)
        for (offset, size, status) in [
            (UInt64(0), UInt64(4096), Int64(0)), (4096, 0, 0), (1, 4096, failed(.EINVAL)), (4097, 0, failed(.EINVAL)), (.max, 2, failed(.EINVAL)), (1, .max, failed(.EINVAL)),
        ] { #expect(try bed.invoke(client, session, 1, [.memory(5, shared.id, at: offset, size: size)]).status == status) }
        for id in [Int32(0), 2, -2, .min, .max] { #expect(try bed.invoke(client, session, 1, [.memory(6, id, size: 0)]).status == failed(.EINVAL)) }
    }

    @Test func buffersEndWhereTheReferenceEnds() throws {
        let session = try bed.openSession(client).session
        let shared = try bed.allocate(client, 4096)
        bed.service.onCommand { _, parameters in
            guard case .memory(_, let buffer?, let size) = parameters[0], buffer.size == 16, size == 16 else { return (.badParameters, parameters) }
            for (offset, count) in [(UInt64(0), 17), (16, 1), (17, 0), (.max, 1), (0, -1)] {
                do throws(TEEResult) { _ = try buffer.read(at: offset, count: count) } catch {
                    if error == .accessDenied { continue }
                }
                return (.badState, parameters)
            }
            do throws(TEEResult) { try buffer.write([1, 2], at: 15) } catch { return (error, parameters) }
            return (.success, parameters)
        }
        #expect(try bed.invoke(client, session, 1, [.memory(7, shared.id, at: 100, size: 16)]).result == TEEResult.accessDenied.rawValue)
    }

    @Test func sizesGoBackEvenWhenTheyDoNotFit() throws {
        let session = try bed.openSession(client).session
        let shared = try bed.allocate(client, 4096)
        bed.service.onCommand { _, parameters in
            func sized(_ parameter: TEEParameter, _ size: UInt64) -> TEEParameter {
                if case .memory(let direction, let buffer, _) = parameter { .memory(direction, buffer, size: size) } else { parameter }
            }
            return (.shortBuffer, [sized(parameters[0], 1), sized(parameters[1], 9000), sized(parameters[2], 3), .none])
        }
        let reply = try bed.invoke(
            client, session, 1, [.memory(5, shared.id, size: 8), .memory(6, shared.id, at: 8, size: 8), .memory(7, shared.id, at: 16, size: 8)])
        #expect(reply.result == 0xffff_0010)
        #expect(reply.parameters.map(\.b) == [8, 9000, 3], "an input's stays")
        #expect(reply.parameters.map(\.a) == [0, 8, 16])
    }

    @Test func nullReferencesPass() throws {
        let session = try bed.openSession(client).session
        bed.service.onCommand { _, parameters in
            guard case .memory(.output, nil, let size) = parameters[0], size == 64 else { return (.badParameters, parameters) }
            return (.shortBuffer, [.memory(.output, nil, size: 128), .none, .none, .none])
        }
        let reply = try bed.invoke(client, session, 1, [.memory(6, nil, at: 12, size: 64)])
        #expect(reply.result == 0xffff_0010)
        #expect(reply.parameters == [.memory(6, nil, at: 12, size: 128)])
    }

    @Test func whatAServiceConfusesIsLeftAsItWas() throws {
        let session = try bed.openSession(client).session
        bed.service.onCommand { _, _ in (.success, [.memory(.output, nil, size: 1), .value(.output, a: 1, b: 1), .none, .none]) }
        let reply = try bed.invoke(client, session, 1, [.value(3, 5, 6, 7), .memory(6, nil, size: 8)])
        #expect(reply.parameters == [.value(3, 5, 6, 7), .memory(6, nil, size: 8)])
    }
}
