internal import LibraryOS
internal import Synchronization

/// An open /dev/tee0: a client's context, to which its sessions and its shared memory belong (drivers/tee/tee_core.c, drivers/tee/optee/call.c of Linux).
///
/// The sessions end with the last descriptor. (Linux waits for the descriptors and mappings of shared memory, too.)
final class TEEClientFile: TEEFile, @unchecked Sendable {
    private let device: TEEDevice
    private let sessions = Mutex<[UInt32: DeviceSession]>([:])

    /// The most parameters of a message of the OP-TEE driver, two of which say who opens what.
    private static let mostMessageParameters = 6
    /// TEE_NUM_PARAMS.
    private static let mostParameters = 4

    init(_ device: TEEDevice) {
        self.device = device
        super.init(device.memories)
    }

    override func control(_ call: inout PluggedCall) throws(Errno) -> PluggedOutcome {
        if let progress = call.progress as? CommandProgress { return try progress.outcome() }
        switch call.request {
        case TEEIoctl.openSession: return try openSession(&call)
        case TEEIoctl.invoke: return try invoke(&call)
        case TEEIoctl.closeSession: return try closeSession(&call)
        case TEEIoctl.cancel: return try cancel(call)
        default: throw .EINVAL
        }
    }

    override func release() {
        let left = sessions.withLock { sessions in
            defer { sessions = [:] }
            return Array(sessions.values)
        }
        for session in left {
            let (device, id, application) = (device, session.id, session.application)
            // A command that its client's end has left behind may take any time: nobody is to wait for that.
            if session.isIdle { session.close { device.closeUnattended(id, of: application) } } else { session.close { device.close(id) {} } }
        }
    }

    private func session(_ id: UInt32) throws(Errno) -> DeviceSession {
        guard let found = sessions.withLock({ $0[id] }) else { throw .EINVAL }
        return found
    }

    // MARK: Opening

    /// `struct tee_ioctl_open_session_arg`: uuid, clnt_uuid, clnt_login, cancel_id, session, ret, ret_origin, num_params.
    private func openSession(_ call: inout PluggedCall) throws(Errno) -> PluggedOutcome {
        let caller = call.caller
        let buffer = try CommandBuffer(call, headerSize: 56)
        try buffer.checkLength()
        let given = try parameters(buffer, caller)
        let login = buffer.header.u32(32)
        // TEE_IOCTL_LOGIN_REE_KERNEL_MIN to MAX.
        if (0x8000_0000...0xbfff_ffff).contains(login) { throw .EPERM }
        if given.count > Self.mostMessageParameters - 2 { throw .EINVAL }
        let identity = try Self.identity(login, group: buffer.header.u32(16), of: caller)
        guard let application = TEEUUID(bigEndian: buffer.header.bytes.prefix(16)) else { throw .EINVAL }
        let request = TEERequest(.open(application, identity), parameters: try Self.forApplication(given))
        if device.closings.isClosing(application) { return .waitUntilDeath(device.closings.queue) }
        let device = device
        let command = ClientCommand(request) { request in
            if request.result == .success { device.closeUnattended(request.session, of: application) }
        }
        let progress = CommandProgress(command) { [self] () throws(Errno) in try opened(request, application, buffer, given, caller) }
        call.progress = progress
        device.service.submit(request) { command.finish() }
        return try progress.outcome()
    }

    /// Enters the session and tells the client; it is closed again when that cannot be told.
    private func opened(
        _ request: TEERequest, _ application: TEEUUID, _ buffer: CommandBuffer, _ given: [CommandParameter], _ caller: PluggedCaller
    ) throws(Errno) {
        let isOpen = request.result == .success
        if isOpen { sessions.withLock { $0[request.session] = DeviceSession(request.session, with: application) } }
        do throws(Errno) {
            var result = ByteWriter(capacity: 12)
            result.u32(request.session)
            result.u32(request.result.rawValue)
            result.u32(request.origin.rawValue)
            try caller.write(result.bytes, to: buffer.address &+ 40)
            try Self.giveBack(request.parameters, given, buffer, caller)
        } catch {
            if isOpen, let lost = sessions.withLock({ $0.removeValue(forKey: request.session) }) {
                let device = device
                lost.close { device.closeUnattended(lost.id, of: application) }
            }
            throw error
        }
    }

    /// Who opens the session; TEEC_LOGIN_GROUP claims a group in the first four octets of the connection data. `EPERM` for a group that the client is not
    /// a member of, `EINVAL` for login methods that Linux does not know.
    private static func identity(_ login: UInt32, group: UInt32, of caller: PluggedCaller) throws(Errno) -> TEEClientIdentity {
        // No group has that number (`gid_valid`).
        if login == ClientIdentity.loginGroup, group == .max { throw .EPERM }
        let client = ClientCredentials(user: caller.effectiveUser, group: caller.effectiveGroup, groups: caller.supplementaryGroups)
        do throws(TEEResult) { return try ClientIdentity.make(login: login, group: group, client: client) } catch {
            throw error == .accessDenied ? .EPERM : .EINVAL
        }
    }

    // MARK: Commands

    /// `struct tee_ioctl_invoke_arg`: func, session, cancel_id, ret, ret_origin, num_params.
    private func invoke(_ call: inout PluggedCall) throws(Errno) -> PluggedOutcome {
        let caller = call.caller
        let buffer = try CommandBuffer(call, headerSize: 24)
        try buffer.checkLength()
        let given = try parameters(buffer, caller)
        let session = try session(buffer.header.u32(4))
        if given.count > Self.mostMessageParameters { throw .EINVAL }
        let request = TEERequest(
            .invoke(session: session.id, command: buffer.header.u32(0)), parameters: Array(try Self.forApplication(given).prefix(Self.mostParameters)))
        let report = { () throws(Errno) in
            var result = ByteWriter(capacity: 8)
            result.u32(request.result.rawValue)
            result.u32(request.origin.rawValue)
            try caller.write(result.bytes, to: buffer.address &+ 12)
            try Self.giveBack(request.parameters, given, buffer, caller)
        }
        if given.count > Self.mostParameters {
            // What fits a message but no application is OP-TEE's to refuse (`copy_in_params`).
            request.finish(.badParameters, .tee)
            try report()
            return .done(0)
        }
        guard session.begin(request) else { throw .EINVAL }
        let command = ClientCommand(request)
        let progress = CommandProgress(command, report: report)
        call.progress = progress
        device.service.submit(request) {
            session.end(request)
            command.finish()
        }
        command.waitBriefly(session.moment)
        return try progress.outcome()
    }

    /// `struct tee_ioctl_cancel_arg`: cancel_id, session. A session without a command that runs is no error.
    private func cancel(_ call: PluggedCall) throws(Errno) -> PluggedOutcome {
        try session(ByteReader(try call.caller.read(call.argument, count: 8)).u32(4)).cancel()
        return .done(0)
    }

    /// `struct tee_ioctl_close_session_arg`: session. Commands that other threads have given end first.
    private func closeSession(_ call: inout PluggedCall) throws(Errno) -> PluggedOutcome {
        let id = ByteReader(try call.caller.read(call.argument, count: 4)).u32(0)
        guard let session = sessions.withLock({ $0.removeValue(forKey: id) }) else { throw .EINVAL }
        let command = ClientCommand(TEERequest(.close(session: id)))
        let progress = CommandProgress(command)
        call.progress = progress
        session.close { [device] in device.service.submit(command.request) { command.finish() } }
        return try progress.outcome()
    }

    private static func forApplication(_ given: [CommandParameter]) throws(Errno) -> [TEEParameter] {
        var result: [TEEParameter] = []
        for parameter in given { result.append(try parameter.forApplication()) }
        return result
    }

    private static func giveBack(
        _ results: [TEEParameter], _ given: [CommandParameter], _ buffer: CommandBuffer, _ caller: PluggedCaller
    ) throws(Errno) {
        for (index, parameter) in given.enumerated() {
            try parameter.giveBack(index < results.count ? results[index] : nil, to: buffer.address(of: index), caller)
        }
    }
}
