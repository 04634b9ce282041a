/// Who a new program runs as, and what that takes from the process (the kernel's `bprm_creds_from_file` and `begin_new_exec`).
struct ProgramIdentity: Sendable {
    let credentials: Credentials
    /// AT_SECURE: it may do what its user may not.
    let isSecure: Bool
    /// Its files could be read by whoever runs them; else its memory is not to be looked into.
    var isReadable: Bool

    /// `executable`: the file that runs, the interpreter of a script.
    init(of task: Task, running executable: PathLocation, isReadable: Bool) throws(Errno) {
        let old = task.credentials
        var new = old
        if !task.noNewPrivileges, Self.honoursIdentityBits(executable) {
            let attributes = try executable.inode.attributes()
            if attributes.permissions & 0o4000 != 0 { new.effectiveUser = attributes.user }
            // Without the group's x bit it once meant mandatory locking.
            if attributes.permissions & 0o2010 == 0o2010 { new.effectiveGroup = attributes.group }
        }
        (new.savedUser, new.fileSystemUser) = (new.effectiveUser, new.effectiveUser)
        (new.savedGroup, new.fileSystemGroup) = (new.effectiveGroup, new.effectiveGroup)
        let isChanged = new.effectiveUser != old.effectiveUser || new.effectiveGroup != old.effectiveGroup
        if isChanged { new.capabilities.ambient = 0 }
        new.capabilities.programReplaced(realUser: new.realUser, effectiveUser: new.effectiveUser)
        let hasGained = new.realUser != 0 && new.capabilities.permitted & ~new.capabilities.ambient != 0
        isSecure = isChanged || new.effectiveUser != new.realUser || new.effectiveGroup != new.realGroup || hasGained
        credentials = new
        self.isReadable = isReadable
    }

    /// Granted folders are as if mounted nosuid: who may become whom in a sandbox is not for files of the host's users to say.
    private static func honoursIdentityBits(_ place: PathLocation) -> Bool {
        let fileSystem = place.inode.fileSystem
        return fileSystem is TmpFS || fileSystem is OverlayFS
    }
}

extension Task {
    /// The new program's identity becomes the task's.
    func adopt(_ identity: ProgramIdentity) {
        group.lock.withLock {
            let hasOwnIdentity = credentials.effectiveUser == credentials.realUser && credentials.effectiveGroup == credentials.realGroup
            group.attributes.dumpable = identity.isReadable && hasOwnIdentity ? 1 : 0
            if identity.isSecure { parentDeathSignal = 0 }
        }
        commit(identity.credentials)
    }
}
