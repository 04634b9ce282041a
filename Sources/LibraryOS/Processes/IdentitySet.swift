/// The four user ids, or the four group ids, of a process, and the rules by which they change (credentials(7)).
package struct IdentitySet: Sendable, Equatable {
    package var real: UInt32
    package var effective: UInt32
    package var saved: UInt32
    package var fileSystem: UInt32
    /// The argument that means "leave it".
    package static let unchanged = UInt32.max

    package func contains(_ id: UInt32) -> Bool { id == real || id == effective || id == saved }

    /// setuid(2), setgid(2).
    package mutating func set(_ id: UInt32, privileged: Bool) throws(Errno) {
        if id == Self.unchanged { throw .EINVAL }
        if privileged {
            real = id
            saved = id
        } else if id != real && id != saved {
            throw .EPERM
        }
        effective = id
        fileSystem = id
    }

    /// setreuid(2), setregid(2).
    package mutating func set(real newReal: UInt32, effective newEffective: UInt32, privileged: Bool) throws(Errno) {
        let old = self
        if newReal != Self.unchanged {
            if !privileged && newReal != old.real && newReal != old.effective { throw .EPERM }
            real = newReal
        }
        if newEffective != Self.unchanged {
            if !privileged && !old.contains(newEffective) { throw .EPERM }
            effective = newEffective
        }
        if newReal != Self.unchanged || (newEffective != Self.unchanged && newEffective != old.real) { saved = effective }
        fileSystem = effective
    }

    /// setresuid(2), setresgid(2).
    package mutating func set(real newReal: UInt32, effective newEffective: UInt32, saved newSaved: UInt32, privileged: Bool) throws(Errno) {
        let old = self
        for id in [newReal, newEffective, newSaved] where id != Self.unchanged && !privileged && !old.contains(id) { throw .EPERM }
        if newReal != Self.unchanged { real = newReal }
        if newEffective != Self.unchanged { effective = newEffective }
        if newSaved != Self.unchanged { saved = newSaved }
        fileSystem = effective
    }

    /// setfsuid(2), setfsgid(2): returns the old id; a refused change is no error.
    package mutating func set(fileSystem id: UInt32, privileged: Bool) -> UInt32 {
        let old = fileSystem
        if id != Self.unchanged, privileged || contains(id) || id == old { fileSystem = id }
        return old
    }
}

extension Credentials {
    package var users: IdentitySet {
        get { IdentitySet(real: realUser, effective: effectiveUser, saved: savedUser, fileSystem: fileSystemUser) }
        set {
            realUser = newValue.real
            effectiveUser = newValue.effective
            savedUser = newValue.saved
            fileSystemUser = newValue.fileSystem
        }
    }
    package var groupIDs: IdentitySet {
        get { IdentitySet(real: realGroup, effective: effectiveGroup, saved: savedGroup, fileSystem: fileSystemGroup) }
        set {
            realGroup = newValue.real
            effectiveGroup = newValue.effective
            savedGroup = newValue.saved
            fileSystemGroup = newValue.fileSystem
        }
    }
    package func has(_ capability: Capability) -> Bool { capabilities.has(capability) }

    /// Applies one of the rules to the user ids, with its effect on capabilities.
    package mutating func changeUsers(_ rule: (inout IdentitySet, Bool) throws(Errno) -> Void) throws(Errno) {
        let old = users
        var new = old
        try rule(&new, has(.setUserID))
        users = new
        capabilities.userChanged(from: old, to: new)
    }
    /// Applies one of the rules to the group ids.
    package mutating func changeGroups(_ rule: (inout IdentitySet, Bool) throws(Errno) -> Void) throws(Errno) {
        var new = groupIDs
        try rule(&new, has(.setGroupID))
        groupIDs = new
    }
}
