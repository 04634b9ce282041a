internal import Glibc

/// TCP and UDP for trusted applications: what libutee's sockets API calls (GlobalPlatform TEE Sockets API; OP-TEE's core/tee/socket.c, pta_socket.h), over the host's sockets.
///
/// Sockets belong to the session they were opened in. Without `allowsNetwork` none is opened, as with a tee-supplicant that has no sockets.
final class SocketPTA: PseudoTA, @unchecked Sendable {
    private enum Command: UInt32 {
        case open = 1
        case close = 2
        case send = 3
        case receive = 4
        case control = 5
    }

    /// TEE_ISOCKET_PROTOCOLID_*.
    private enum TransportProtocol: UInt32 {
        case tcp = 0x65
        case udp = 0x66
    }

    /// TEE_TCP_SET_RECVBUF, TEE_TCP_SET_SENDBUF, TEE_UDP_CHANGEADDR, TEE_UDP_CHANGEPORT.
    private enum ControlCode {
        static let receiveBuffer: UInt32 = 0x65f0_0000, sendBuffer: UInt32 = 0x65f0_0001
        static let changeAddress: UInt32 = 0x6600_0001, changePort: UInt32 = 0x6600_0002
    }

    /// The sockets of a session.
    private final class Table {
        var sockets: [UInt32: HostSocket] = [:]
        private var next: UInt32 = 0

        func add(_ socket: HostSocket) -> UInt32 {
            while sockets[next] != nil { next &+= 1 }
            defer { next &+= 1 }
            sockets[next] = socket
            return next
        }

        func socket(_ handle: UInt32) throws(TEEResult) -> HostSocket {
            guard let socket = sockets[handle] else { throw .badParameters }
            return socket
        }
    }

    private static let longestName: UInt64 = 1024
    private static let mostControlBytes: UInt64 = 4096
    private let budget: SocketBudget

    /// With at most `most` sockets at a time.
    init(most: Int = 256) {
        budget = SocketBudget(most: most)
        super.init(Self.identifier("3b996a7d-2c2b-4a49-a896-e1fb5766d2f4"), servesClients: false)
    }

    override func open(_ session: PseudoSession, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        guard session.caller != nil else { throw .accessDenied }
        session.state = Table()
    }

    override func invoke(_ session: PseudoSession, _ command: UInt32, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        guard let table = session.state as? Table else { throw .badState }
        guard let command = Command(rawValue: command) else { throw .notImplemented }
        switch command {
        case .open: try open(session, table, &parameters)
        case .close:
            try parameters.expect(.valueInput)
            guard table.sockets.removeValue(forKey: parameters.value(0).a) != nil else { throw .badParameters }
        case .send: try send(session, table, &parameters)
        case .receive: try receive(session, table, &parameters)
        case .control: try control(session, table, &parameters)
        }
    }

    override func close(_ session: PseudoSession) { session.state = nil }

    private func open(_ session: PseudoSession, _ table: Table, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        try parameters.expect(.valueInput, .memoryInput, .valueInput, .valueOutput)
        guard session.world.configuration.allowsNetwork else { throw .notSupported }
        let host = try hostName(parameters)
        let (version, port) = parameters.value(0)
        // TEE_IP_VERSION_DC, _4, _6.
        let families = [AF_UNSPEC, AF_INET, AF_INET6]
        guard version < UInt32(families.count), let transport = TransportProtocol(rawValue: parameters.value(2).a) else { throw .badParameters }
        let wait = SocketWait(session, milliseconds: SocketWait.infinite)
        let isStream = transport == .tcp
        let addresses = try addresses(host, UInt16(truncatingIfNeeded: port), families[Int(version)], isStream: isStream, wait)
        let socket = try HostSocket.connect(addresses, isStream: isStream, budget: budget, wait)
        parameters.setValue(3, table.add(socket), 0)
    }

    /// A C string. `socketHostname` for what is none.
    private func hostName(_ parameters: [TEEParameter]) throws(TEEResult) -> String {
        guard parameters.size(1) <= Self.longestName else { throw .socketHostname }
        let bytes = try parameters.bytes(1, limit: Self.longestName)
        guard let end = bytes.firstIndex(of: 0), end > 0, let name = String(validating: bytes[..<end], as: UTF8.self) else { throw .socketHostname }
        return name
    }

    private func addresses(_ host: String, _ port: UInt16, _ family: Int32, isStream: Bool, _ wait: SocketWait) throws(TEEResult) -> [SocketAddress] {
        let numeric = SocketAddress.resolve(host, port: port, family: family, isStream: isStream, isNumeric: true)
        if !numeric.isEmpty { return numeric }
        let (question, answered) = try AddressQuestion.ask(host, port: port, family: family, isStream: isStream, budget)
        try wait.wait(until: .readable, answered)
        let found = question.addresses
        if found.isEmpty { throw .socketHostname }
        return found
    }

    /// The number of bytes that were sent goes into the third parameter, 0 with any error.
    private func send(_ session: PseudoSession, _ table: Table, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        try parameters.expect(.valueInput, .memoryInput, .valueOutput)
        parameters.setValue(2, 0, parameters.value(2).b)
        let socket = try table.socket(parameters.value(0).a)
        let size = parameters.size(1)
        if !socket.isStream, size > UInt64(HostSocket.mostBytes) { throw .badParameters }
        var bytes: [UInt8] = []
        if let buffer = parameters.buffer(1), size > 0 {
            guard size <= buffer.size else { throw .badParameters }
            bytes = try buffer.read(at: 0, count: Int(min(size, UInt64(HostSocket.mostBytes))))
        }
        let sent = try socket.send(bytes, SocketWait(session, milliseconds: parameters.value(0).b))
        parameters.setValue(2, UInt32(clamping: sent), parameters.value(2).b)
    }

    private func receive(_ session: PseudoSession, _ table: Table, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        try parameters.expect(.valueInput, .memoryOutput)
        let socket = try table.socket(parameters.value(0).a)
        let room = parameters.isNull(1) ? 0 : Int(min(parameters.size(1), UInt64(HostSocket.mostBytes)))
        try parameters.give(1, try socket.receive(room, SocketWait(session, milliseconds: parameters.value(0).b)))
    }

    private func control(_ session: PseudoSession, _ table: Table, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        try parameters.expect(.valueInput, .memoryInout)
        let (handle, code) = parameters.value(0)
        let socket = try table.socket(handle)
        let bytes = try parameters.bytes(1, limit: Self.mostControlBytes)
        switch (socket.isStream, code) {
        case (true, ControlCode.receiveBuffer), (true, ControlCode.sendBuffer):
            try socket.setBuffer(isReceiving: code == ControlCode.receiveBuffer, bytes)
        case (false, ControlCode.changePort):
            guard bytes.count == 2 else { throw .badParameters }
            try socket.changePort(UInt16(bytes[0]) | UInt16(bytes[1]) << 8)
        case (false, ControlCode.changeAddress):
            let name = try hostName(parameters)
            let peer = try socket.peer()
            guard let port = peer.port else { throw .badParameters }
            let wait = SocketWait(session, milliseconds: SocketWait.infinite)
            try socket.changeAddress(try addresses(name, port, peer.family, isStream: false, wait))
        default: throw .notSupported
        }
    }
}
