import Glibc
import TEEClient
import Testing

@testable import SecureWorld

/// Numbers that are the same in every run (SplitMix64).
private struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}

private typealias Raw = ServingRawClient

@Suite("Clients of the socket that keep to no protocol")
struct ServingHostileTests {
    /// A client that behaves is served.
    private func isAlive(_ fixture: ServingFixture) throws -> Bool {
        let client = try Raw(fixture.path)
        client.send(SKERRY_TEE_INVOKE, id: 1, Raw.invoke(try client.session(), 1, skerry_tee_parameter(type: 3, place: 0, a: 2, b: 3, region: 0, reserved: 0)))
        return client.answer()?.result.parameters.0.a == 5
    }

    @Test("noise instead of a greeting ends the connection")
    func noise() throws {
        let fixture = try ServingFixture()
        var numbers = Numbers(state: 1)
        for _ in 0..<200 {
            let client = try Raw(fixture.path, greeting: false)
            client.send((0..<Int.random(in: 16...5000, using: &numbers)).map { _ in UInt8.random(in: 0...255, using: &numbers) })
            #expect(client.isEnded)
        }
        #expect(try isAlive(fixture))
        #expect(fixture.eventually { fixture.server.connectionCount == 0 })
    }

    @Test("any octet of a request may be wrong", arguments: [2, 3] as [UInt64])
    func mutations(_ seed: UInt64) throws {
        let fixture = try ServingFixture()
        var numbers = Numbers(state: seed)
        let descriptor = try memory(size: 4096)
        for _ in 0..<600 {
            let client = try Raw(fixture.path)
            let session = try client.session()
            let parameters = [
                Raw.memory(7, SKERRY_TEE_INLINE, size: 100), Raw.memory(5, SKERRY_TEE_NULL, size: 0), Raw.memory(6, SKERRY_TEE_DESCRIPTOR, size: 4096),
                skerry_tee_parameter(type: 3, place: 0, a: 1, b: 2, region: 0, reserved: 0),
            ]
            // Never the command that sleeps.
            let invoke = Raw.invoke(session, [0, 1, 2, 3, 5, 9].randomElement(using: &numbers) ?? 0, parameters[0], parameters[1], parameters[2], parameters[3])
            var frame = Frame.bytes(kind: SKERRY_TEE_INVOKE, id: 5, invoke, [UInt8](repeating: 7, count: 100))
            for _ in 0..<Int.random(in: 1...3, using: &numbers) {
                let place = Int.random(in: 0..<frame.count, using: &numbers)
                // 20 is the command's place.
                if place != 20 { frame[place] = UInt8.random(in: 0...255, using: &numbers) }
            }
            if Bool.random(using: &numbers) { frame = Array(frame.prefix(Int.random(in: 1...frame.count, using: &numbers))) }
            _ = client.send(frame, descriptors: Bool.random(using: &numbers) ? [descriptor.number] : [descriptor.number, descriptor.number])
            shutdown(client.socket.number, Int32(SHUT_WR))
            while client.answer() != nil {}
        }
        #expect(try isAlive(fixture))
        #expect(fixture.eventually { fixture.server.connectionCount == 0 && fixture.service.record.open.isEmpty })
    }

    @Test("frames that the protocol does not have end the connection")
    func violations() throws {
        let fixture = try ServingFixture()
        let nothing = skerry_tee_cancel(request: 0)
        let session = try Raw(fixture.path).session()
        let frames: [[UInt8]] = [
            SocketCalls.bytes(of: skerry_tee_header(length: UInt32(SKERRY_TEE_BODY_MAX) + 1, kind: SKERRY_TEE_INVOKE.rawValue, id: 1)),
            SocketCalls.bytes(of: skerry_tee_header(length: .max, kind: SKERRY_TEE_INVOKE.rawValue, id: 1)),
            Frame.bytes(kind: SKERRY_TEE_HELLO, id: 0, skerry_tee_hello(magic: UInt32(SKERRY_TEE_MAGIC), version: 1)),
            Frame.bytes(kind: SKERRY_TEE_RESULT, id: 1, skerry_tee_result()),
            Frame.bytes(kind: skerry_tee_kind(99), id: 1, nothing),
            Frame.bytes(kind: SKERRY_TEE_CANCEL, id: 1, nothing, [0]),
            Frame.bytes(kind: SKERRY_TEE_OPEN, id: 1, nothing),
            Frame.bytes(kind: SKERRY_TEE_REGISTER, id: 1, skerry_tee_register(size: 0)),
            Frame.bytes(kind: SKERRY_TEE_INVOKE, id: 1, Raw.invoke(session, 3, Raw.memory(7, SKERRY_TEE_INLINE, size: 9)), [1]),
            Frame.bytes(kind: SKERRY_TEE_INVOKE, id: 1, Raw.invoke(session, 3, Raw.memory(7, SKERRY_TEE_INLINE, size: .max)), [1]),
            Frame.bytes(kind: SKERRY_TEE_INVOKE, id: 1, Raw.invoke(session, 3), [1]),
            Frame.bytes(kind: SKERRY_TEE_INVOKE, id: 1, Raw.invoke(session, 3, Raw.memory(7, SKERRY_TEE_DESCRIPTOR, size: 9))),
            Frame.bytes(kind: SKERRY_TEE_INVOKE, id: 1, Raw.invoke(session, 3, Raw.memory(7, skerry_tee_place(7), size: 9))),
            Frame.bytes(kind: SKERRY_TEE_INVOKE, id: 1, Raw.invoke(session, 3, Raw.memory(4, SKERRY_TEE_NULL, size: 0))),
            Frame.bytes(kind: SKERRY_TEE_INVOKE, id: 1, Raw.invoke(session, 3, Raw.memory(1, SKERRY_TEE_NULL, size: 1 << 32))),
        ]
        for (index, frame) in frames.enumerated() {
            let client = try Raw(fixture.path)
            client.send(frame)
            #expect(client.isEnded, "frame \(index)")
        }
        #expect(try isAlive(fixture))
    }

    @Test("the number of a request that is under way cannot be used again, and the request is cancelled")
    func duplicates() throws {
        let fixture = try ServingFixture()
        let client = try Raw(fixture.path)
        let session = try client.session()
        client.send(SKERRY_TEE_INVOKE, id: 7, Raw.invoke(session, 4))
        client.send(SKERRY_TEE_INVOKE, id: 7, Raw.invoke(session, 0))
        while client.answer() != nil {}
        #expect(fixture.eventually { fixture.service.record.cancelled == 1 && fixture.service.record.open.isEmpty })
    }

    @Test("descriptors that nobody asked for are closed", arguments: [1, 4, 5, 60])
    func descriptors(_ count: Int) throws {
        let fixture = try ServingFixture()
        let client = try Raw(fixture.path)
        let (reading, writing) = try #require(SocketCalls.makePipe())
        let frame = Frame.bytes(kind: SKERRY_TEE_CANCEL, id: 0, skerry_tee_cancel(request: 1))
        #expect(client.send(frame, descriptors: [Int32](repeating: writing.number, count: count)))
        #expect(client.isEnded)
        #expect(try isAlive(fixture))
        // The pipe ends when the last of its writing ends is closed.
        close(dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), writing.number))
        SocketCalls.expectEnd(of: reading)
    }

    @Test("memory is what a region has, and sessions are the connection's own")
    func references() throws {
        let fixture = try ServingFixture()
        let client = try Raw(fixture.path)
        let session = try client.session()
        let descriptor = try memory(size: 4096)
        client.send(SKERRY_TEE_REGISTER, id: 1, skerry_tee_register(size: 4097), descriptors: [descriptor.number])
        #expect(client.answer()?.code == .badParameters)
        client.send(SKERRY_TEE_REGISTER, id: 2, skerry_tee_register(size: 1000), descriptors: [descriptor.number])
        let region = try #require(client.answer()).result.handle
        for (size, offset, expected) in [(1000, 0, TEEResult.success), (0, 1000, .success), (1, 1000, .badParameters), (.max, 1, .badParameters), (2, .max, .badParameters)]
            as [(UInt64, UInt64, TEEResult)]
        {
            client.send(SKERRY_TEE_INVOKE, id: 3, Raw.invoke(session, 3, Raw.memory(7, SKERRY_TEE_REGION, size: size, offset: offset, region: region)))
            #expect(client.answer()?.code == expected)
        }
        let whole = Raw.memory(5, SKERRY_TEE_REGION, size: 1000, region: region)
        client.send(SKERRY_TEE_INVOKE, id: 3, Raw.invoke(session, 3, whole))
        #expect(client.answer()?.code == .accessDenied, "inputs are not written")
        client.send(SKERRY_TEE_RELEASE, id: 0, skerry_tee_release(region: region, reserved: 0))
        client.send(SKERRY_TEE_INVOKE, id: 3, Raw.invoke(session, 3, whole))
        #expect(client.answer()?.code == .badParameters)
        let other = try Raw(fixture.path)
        for stranger in [session, 0, .max] {
            other.send(SKERRY_TEE_INVOKE, id: 1, Raw.invoke(stranger, 0))
            #expect(other.answer()?.code == .badParameters)
            other.send(SKERRY_TEE_CLOSE, id: 2, skerry_tee_close(session: stranger, reserved: 0))
            #expect(other.answer()?.code == .badParameters)
        }
        client.send(SKERRY_TEE_INVOKE, id: 4, Raw.invoke(session, 0))
        #expect(client.answer()?.code == .success)
    }

    @Test("who reads no answers keeps nobody else waiting")
    func deafness() throws {
        let fixture = try ServingFixture()
        let client = try Raw(fixture.path)
        let session = try client.session()
        let request = Raw.invoke(session, 3, Raw.memory(7, SKERRY_TEE_INLINE, size: 16384))
        let flags = fcntl(client.socket.number, F_GETFL)
        _ = fcntl(client.socket.number, F_SETFL, flags | O_NONBLOCK)
        var id: UInt64 = 1
        // Until the server does not read any more, either.
        while id < 2000, client.send(SKERRY_TEE_INVOKE, id: id, request, data: [UInt8](repeating: 1, count: 16384)) { id += 1 }
        #expect(id < 2000)
        #expect(try isAlive(fixture))
    }

    private func memory(size: Int) throws -> OwnedDescriptor {
        let path = "/dev/shm/serving-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let descriptor = try #require(SocketCalls.own(open(path, O_CREAT | O_EXCL | O_RDWR, 0o600)))
        unlink(path)
        try #require(ftruncate(descriptor.number, size) == 0)
        return descriptor
    }
}

extension SocketCalls {
    /// Somebody still has the other end of the pipe, if this fails.
    static func expectEnd(of pipe: OwnedDescriptor) {
        var readiness = pollfd(fd: pipe.number, events: Int16(POLLIN), revents: 0)
        #expect(poll(&readiness, 1, 10_000) == 1 && readiness.revents & Int16(POLLHUP) != 0)
    }
}
