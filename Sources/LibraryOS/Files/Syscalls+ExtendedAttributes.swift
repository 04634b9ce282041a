/// Extended attributes (xattr(7)).
extension Syscalls {
    private static let here = Task.workingDirectoryDescriptor
    private static let maximumValue = 65536

    @Sendable static func setxattr(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try setAttribute(task, call) { () throws(Errno) in try task.reference(here, call.address(0), []) }
    }
    @Sendable static func lsetxattr(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try setAttribute(task, call) { () throws(Errno) in try task.reference(here, call.address(0), .noFollow) }
    }
    @Sendable static func fsetxattr(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try setAttribute(task, call) { () throws(Errno) in try FileReference(try task.file(call.int(0))) }
    }
    private static func setAttribute(_ task: Task, _ call: SyscallCall, _ target: () throws(Errno) -> FileReference) throws(Errno) -> Outcome {
        let flags = call.int(4)
        if flags & ~3 != 0 { throw .EINVAL }
        let name = try AttributeName(task, call.address(1))
        if call.length(3).value > UInt64(maximumValue) { throw .E2BIG }
        let value = try task.memory.readBytes(call.address(2), count: call.length(3).clamped(to: maximumValue))
        let file = try target()
        try name.checkChange(file, task.credentials.forFiles)
        try file.inode.setExtendedAttribute(name.bytes, value, flags: flags)
        file.notify(.attributes)
        return .success
    }

    @Sendable static func getxattr(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try getAttribute(task, call) { () throws(Errno) in try task.reference(here, call.address(0), []) }
    }
    @Sendable static func lgetxattr(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try getAttribute(task, call) { () throws(Errno) in try task.reference(here, call.address(0), .noFollow) }
    }
    @Sendable static func fgetxattr(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try getAttribute(task, call) { () throws(Errno) in try FileReference(try task.file(call.int(0))) }
    }
    private static func getAttribute(_ task: Task, _ call: SyscallCall, _ target: () throws(Errno) -> FileReference) throws(Errno) -> Outcome {
        let name = try AttributeName(task, call.address(1))
        let file = try target()
        try name.checkReading(file, task.credentials.forFiles)
        return try giveBack(try file.inode.extendedAttribute(name.bytes), task, call.address(2), call.length(3))
    }

    @Sendable static func listxattr(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try listAttributes(task, try task.reference(here, call.address(0), []), call)
    }
    @Sendable static func llistxattr(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try listAttributes(task, try task.reference(here, call.address(0), .noFollow), call)
    }
    @Sendable static func flistxattr(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try listAttributes(task, try FileReference(try task.file(call.int(0))), call)
    }
    private static func listAttributes(_ task: Task, _ file: FileReference, _ call: SyscallCall) throws(Errno) -> Outcome {
        var list: [UInt8] = []
        for name in try file.inode.extendedAttributeNames() {
            if name.starts(with: AttributeName.trusted), task.credentials.forFiles.user != 0 { continue }
            list += name + [0]
        }
        return try giveBack(list, task, call.address(1), call.length(2))
    }

    /// With size 0 only the length is asked for.
    private static func giveBack(_ value: [UInt8], _ task: Task, _ address: GuestAddress, _ size: GuestLength) throws(Errno) -> Outcome {
        if size.value == 0 { return .count(value.count) }
        if UInt64(value.count) > size.value { throw .ERANGE }
        try task.memory.writeBytes(value, to: address)
        return .count(value.count)
    }

    @Sendable static func removexattr(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try removeAttribute(task, call) { () throws(Errno) in try task.reference(here, call.address(0), []) }
    }
    @Sendable static func lremovexattr(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try removeAttribute(task, call) { () throws(Errno) in try task.reference(here, call.address(0), .noFollow) }
    }
    @Sendable static func fremovexattr(_ task: Task, _ call: inout SyscallCall) throws(Errno) -> Outcome {
        try removeAttribute(task, call) { () throws(Errno) in try FileReference(try task.file(call.int(0))) }
    }
    private static func removeAttribute(_ task: Task, _ call: SyscallCall, _ target: () throws(Errno) -> FileReference) throws(Errno) -> Outcome {
        let name = try AttributeName(task, call.address(1))
        let file = try target()
        try name.checkChange(file, task.credentials.forFiles)
        try file.inode.removeExtendedAttribute(name.bytes)
        file.notify(.attributes)
        return .success
    }
}

/// The name of an extended attribute, and who may use its name space.
private struct AttributeName {
    static let user = Array("user.".utf8), trusted = Array("trusted.".utf8), security = Array("security.".utf8)
    let bytes: [UInt8]

    init(_ task: Task, _ address: GuestAddress) throws(Errno) {
        bytes = try task.memory.readCString(address, limit: 255, tooLong: .ERANGE)
        if bytes.isEmpty { throw .ERANGE }
    }

    private func isIn(_ space: [UInt8]) -> Bool { bytes.count > space.count && bytes.starts(with: space) }
    private static func mayCarryUserAttributes(_ kind: FileKind) -> Bool { kind == .regular || kind == .directory }

    func checkReading(_ file: FileReference, _ credentials: FileCredentials) throws(Errno) {
        if isIn(Self.trusted) {
            if credentials.user != 0 { throw .ENODATA }
        } else if isIn(Self.user) {
            if !Self.mayCarryUserAttributes(file.inode.kind) { throw .ENODATA }
            try file.check(.read, credentials)
        } else if !isIn(Self.security) {
            throw .EOPNOTSUPP
        }
    }

    func checkChange(_ file: FileReference, _ credentials: FileCredentials) throws(Errno) {
        try file.checkWritableMount()
        if isIn(Self.trusted) || isIn(Self.security) {
            if credentials.user != 0 { throw .EPERM }
        } else if isIn(Self.user) {
            if !Self.mayCarryUserAttributes(file.inode.kind) { throw .EPERM }
            let attributes = try file.inode.attributes()
            if attributes.kind == .directory, attributes.permissions & 0o1000 != 0, !Permissions.isOwner(attributes, credentials) { throw .EPERM }
            try file.check(.write, credentials)
        } else {
            throw .EOPNOTSUPP
        }
    }
}
