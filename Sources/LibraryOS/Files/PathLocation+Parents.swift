extension PathLocation {
    /// The directory that contains this place now, in the same mount; nil at the mount's root.
    ///
    /// A file system that moves directories knows better than the walk that led here (`Inode.parentDirectory`). A directory that was
    /// moved out of the mounted part of its file system has no way up: it counts as the mount's root then, as `path_connected` demands.
    package var currentParent: PathLocation? {
        guard let parent else { return nil }
        guard inode.kind == .directory, let known = inode.parentDirectory() else { return parent }
        if known.parent === parent.inode || known.parent.isSame(as: parent.inode) { return parent }
        // Rebuild the chain from the mount's root down to the new parent.
        var chain: [(inode: Inode, name: [UInt8])] = []
        var directory = known.parent
        while !directory.isSame(as: mount.root) {
            guard let up = directory.parentDirectory(), !up.parent.isSame(as: directory), chain.count < 4096 else { return nil }
            chain.append((directory, up.name))
            directory = up.parent
        }
        var place = mount.rootLocation
        for step in chain.reversed() { place = PathLocation(mount: mount, inode: step.inode, parent: place, name: step.name) }
        return place
    }

    /// Its name in `currentParent`.
    package var currentName: [UInt8] {
        guard parent != nil, inode.kind == .directory, let known = inode.parentDirectory() else { return name }
        return known.name
    }

    /// The directory ".." of this one leads to for a process whose root is `root`: never above the root.
    package func parentDirectory(below root: PathLocation) -> PathLocation {
        var place = self
        while true {
            if place.isSame(as: root) { return place }
            if let parent = place.currentParent { return parent }
            guard let point = place.mount.mountPoint else { return place }
            place = point
        }
    }

    /// Whether it lies somewhere below `root`.
    package func isBelow(_ root: PathLocation) -> Bool {
        var place: PathLocation? = self
        while let here = place {
            if here.isSame(as: root) { return true }
            place = here.currentParent ?? here.mount.mountPoint
        }
        return false
    }

    /// The name was removed while the file is still in use.
    package var isDeleted: Bool {
        do throws(Errno) { return try inode.attributes().links == 0 } catch { return false }
    }

    /// The absolute path as seen from `root`; "(unreachable)" stands before it when it is not below `root`, as in the kernel's `getcwd`.
    /// Files of a detached mount (memfd) are "/name".
    package func path(from root: PathLocation) -> [UInt8] {
        var components: [[UInt8]] = []
        var place: PathLocation? = self
        var reachable = parent == nil && !name.isEmpty
        while let here = place {
            if here.isSame(as: root) {
                reachable = true
                break
            }
            if let parent = here.currentParent {
                components.append(here.currentName)
                place = parent
            } else {
                if !here.name.isEmpty { components.append(here.currentName) }
                place = here.mount.mountPoint
            }
        }
        var result: [UInt8] = []
        for component in components.reversed() where !component.isEmpty {
            result.append(UInt8(ascii: "/"))
            result.append(contentsOf: component)
        }
        if result.isEmpty { result = [UInt8(ascii: "/")] }
        return reachable ? result : Array("(unreachable)".utf8) + result
    }

    /// The path as /proc/self/fd shows it: with " (deleted)" behind it when the name is gone (the kernel's `d_path`).
    package func displayPath(from root: PathLocation) -> [UInt8] {
        isDeleted ? path(from: root) + Array(" (deleted)".utf8) : path(from: root)
    }
}

extension Inode {
    /// The same file of the same file system, even when the file system made two objects for it.
    package func isSame(as other: Inode) -> Bool { self === other || (number == other.number && fileSystem === other.fileSystem) }
}
