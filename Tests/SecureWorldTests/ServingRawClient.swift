import Glibc
import TEEClient
import Testing

@testable import SecureWorld

/// A client that says what it likes.
final class ServingRawClient {
    let socket: OwnedDescriptor

    struct Answer {
        let id: UInt64
        let result: skerry_tee_result
        let data: [UInt8]
        var code: TEEResult { TEEResult(rawValue: result.result) }
    }

    init(_ path: String, greeting: Bool = true) throws {
        let number = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        socket = try #require(SocketCalls.own(number))
        let address = try #require(SocketCalls.address(path))
        try #require(SocketCalls.apply(connect, number, address) == 0)
        // Whatever the server forgets to answer is a failure instead of an endless test.
        SocketCalls.setReceiveTimeout(number, seconds: 20)
        guard greeting else { return }
        try #require(greet().map { $0.result == 0 && $0.version == 1 } ?? false)
    }

    func greet() -> skerry_tee_welcome? {
        send(SKERRY_TEE_HELLO, id: 0, skerry_tee_hello(magic: UInt32(SKERRY_TEE_MAGIC), version: 1))
        return welcome()
    }

    func welcome() -> skerry_tee_welcome? {
        guard let frame = Frame.receive(socket.number), frame.kind == SKERRY_TEE_HELLO.rawValue else { return nil }
        return try? frame.only(skerry_tee_welcome.self)
    }

    @discardableResult func send(_ bytes: [UInt8]) -> Bool { SocketCalls.send(socket.number, bytes) }

    @discardableResult func send(_ kind: skerry_tee_kind, id: UInt64, _ body: some BitwiseCopyable, data: [UInt8] = [], descriptors: [Int32] = []) -> Bool {
        let frame = Frame.bytes(kind: kind, id: id, body, data)
        guard !descriptors.isEmpty else { return send(frame) }
        return send(frame, descriptors: descriptors)
    }

    /// The bytes in one message, with descriptors.
    func send(_ bytes: [UInt8], descriptors: [Int32]) -> Bool {
        let length = 16 + descriptors.count * 4
        var control = [UInt64](repeating: 0, count: (length + 7) / 8)
        control[0] = UInt64(length)
        // SOL_SOCKET, SCM_RIGHTS.
        control[1] = 1 | 1 << 32
        var bytes = bytes
        let sent = control.withUnsafeMutableBytes { control in
            control.baseAddress?.advanced(by: 16).copyMemory(from: descriptors, byteCount: descriptors.count * 4)
            return bytes.withUnsafeMutableBytes { bytes in
                var part = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                return withUnsafeMutablePointer(to: &part) { part in
                    var message = msghdr()
                    message.msg_iov = part
                    message.msg_iovlen = 1
                    message.msg_control = control.baseAddress
                    message.msg_controllen = control.count
                    return sendmsg(socket.number, &message, Int32(MSG_NOSIGNAL))
                }
            }
        }
        return sent == bytes.count
    }

    func answer() -> Answer? {
        guard let frame = Frame.receive(socket.number), frame.kind == SKERRY_TEE_RESULT.rawValue, let result = try? frame.head(skerry_tee_result.self) else {
            return nil
        }
        return Answer(id: frame.id, result: result, data: Array(frame.body.dropFirst(MemoryLayout<skerry_tee_result>.size)))
    }

    /// Nothing comes any more.
    var isEnded: Bool {
        var byte: UInt8 = 0
        let count = recv(socket.number, &byte, 1, 0)
        return count == 0 || count < 0 && errno == ECONNRESET
    }

    static func open(_ application: String = ServingTestService.echo) -> skerry_tee_open {
        var open = skerry_tee_open()
        let octets = TEEUUID(application)?.octets ?? []
        withUnsafeMutableBytes(of: &open.uuid) { $0.copyBytes(from: octets) }
        return open
    }

    static func invoke(_ session: UInt32, _ command: UInt32, _ parameters: skerry_tee_parameter...) -> skerry_tee_invoke {
        var invoke = skerry_tee_invoke()
        invoke.session = session
        invoke.command = command
        withUnsafeMutableBytes(of: &invoke.parameters) { bytes in
            for (index, parameter) in parameters.enumerated() {
                bytes.storeBytes(of: parameter, toByteOffset: index * MemoryLayout<skerry_tee_parameter>.size, as: skerry_tee_parameter.self)
            }
        }
        return invoke
    }

    static func memory(_ type: UInt32, _ place: skerry_tee_place, size: UInt64, offset: UInt64 = 0, region: UInt32 = 0) -> skerry_tee_parameter {
        skerry_tee_parameter(type: type, place: place.rawValue, a: size, b: offset, region: region, reserved: 0)
    }

    /// A session with the echo application.
    func session() throws -> UInt32 {
        send(SKERRY_TEE_OPEN, id: 0xffff_0000, Self.open())
        let opened = try #require(answer())
        try #require(opened.code == .success)
        return opened.result.handle
    }
}
