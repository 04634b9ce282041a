/// What has to hold before bytes move or anything changes.
extension TreeHost {
    // MARK: Bytes

    /// A file of a mount that can be written to.
    func changeable(_ file: HostFile) throws(Errno) -> PathLocation {
        let place = try Self.place(file)
        if !Self.keepsFiles(place) { throw .EACCES }
        if place.mount.readOnly { throw .EROFS }
        return place
    }

    /// A folder in which names may be changed.
    func folder(_ file: HostFile) throws(Errno) -> PathLocation {
        let place = try changeable(file)
        if place.inode.kind != .directory { throw .ENOTDIR }
        return place
    }

    /// The inode that loses a name, which nothing is mounted on.
    func victim(_ name: [UInt8], in directory: PathLocation) throws(Errno) -> Inode {
        let inode = try directory.inode.lookup(name)
        if isMounted(over: inode, directory, name) { throw .EBUSY }
        return inode
    }

    func change(_ file: HostFile, _ edit: (inout AttributeChange) -> Void) throws(Errno) {
        var change = AttributeChange()
        edit(&change)
        try changeable(file).inode.change(change)
    }
}
