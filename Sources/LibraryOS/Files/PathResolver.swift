/// How a path is to be resolved.
package struct ResolveFlags: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    /// A symbolic link as the last component is followed (no AT_SYMLINK_NOFOLLOW, AT_SYMLINK_FOLLOW, no O_NOFOLLOW).
    package static let followFinal = ResolveFlags(rawValue: 1)
    /// Anything but a directory is `ENOTDIR` (O_DIRECTORY).
    package static let mustBeDirectory = ResolveFlags(rawValue: 2)
    /// The empty path is the base itself (AT_EMPTY_PATH) and not `ENOENT`.
    package static let emptyPathAllowed = ResolveFlags(rawValue: 4)
    /// RESOLVE_NO_XDEV: crossing a mount point is `EXDEV`.
    package static let noMountCrossing = ResolveFlags(rawValue: 8)
    /// RESOLVE_NO_MAGICLINKS: `ELOOP`.
    package static let noMagicLinks = ResolveFlags(rawValue: 16)
    /// RESOLVE_NO_SYMLINKS: `ELOOP`.
    package static let noSymbolicLinks = ResolveFlags(rawValue: 32)
    /// RESOLVE_BENEATH: leaving the base is `EXDEV`.
    package static let beneath = ResolveFlags(rawValue: 64)
    /// RESOLVE_IN_ROOT: the base is the root.
    package static let inRoot = ResolveFlags(rawValue: 128)
}

/// The last component of a path and the directory it is in: what creating, removing and renaming work on.
package struct LastComponent {
    package enum Kind { case name, dot, dotDot, root }
    /// The directory; search permission has been checked.
    package let parent: PathLocation
    /// The component; not looked up, and only to be used when `kind` is `.name`.
    package let name: [UInt8]
    package let kind: Kind
    /// The path ended in a slash: it must be (or become) a directory.
    package let trailingSlash: Bool
}

/// Walks paths through directories, symbolic links and mounts (path_resolution(7)).
package struct PathResolver {
    /// MAXSYMLINKS.
    package static let maximumLinks = 40
    /// PATH_MAX with the final zero, and NAME_MAX.
    package static let maximumPath = 4096, maximumName = 255

    package let mounts: MountTable
    /// What an absolute path starts at, and ".." never leaves.
    package let root: PathLocation
    package let credentials: FileCredentials
    /// Whose /proc/self and descriptors magic links mean; nil while a sandbox is set up.
    package let task: Task?

    package init(mounts: MountTable, root: PathLocation, credentials: FileCredentials, task: Task? = nil) {
        self.mounts = mounts
        self.root = root
        self.credentials = credentials
        self.task = task
    }

    /// The place a path names, seen from `base` when it is relative.
    package func resolve(_ path: [UInt8], from base: PathLocation, _ flags: ResolveFlags = .followFinal) throws(Errno) -> PathLocation {
        if path.isEmpty, flags.contains(.emptyPathAllowed) {
            if flags.contains(.mustBeDirectory), base.inode.kind != .directory { throw .ENOTDIR }
            return base
        }
        var walk = try PathWalk(self, path, from: base, flags)
        while let component = walk.next() { try walk.take(component) }
        if walk.directoryRequired || flags.contains(.mustBeDirectory), walk.here.inode.kind != .directory { throw .ENOTDIR }
        return walk.here
    }

    /// The directory and name that a path ends in; the last component is not looked up, links in it are not followed.
    package func resolveParent(_ path: [UInt8], from base: PathLocation, _ flags: ResolveFlags = []) throws(Errno) -> LastComponent {
        var walk = try PathWalk(self, path, from: base, flags)
        while let component = walk.next() {
            if component.isLast { return try walk.last(component) }
            try walk.take(component)
        }
        return LastComponent(parent: walk.here, name: [], kind: .root, trailingSlash: false)
    }

    /// What open(2) with O_CREAT needs: the file when it exists, and the place to make it when it does not. With `.followFinal` a
    /// symbolic link to nothing leads to the place where its target is missing. A trailing slash is `EISDIR`: directories are not made this way.
    package func resolveForCreation(
        _ path: [UInt8], from base: PathLocation, _ flags: ResolveFlags
    ) throws(Errno) -> (last: LastComponent, existing: PathLocation?) {
        var walk = try PathWalk(self, path, from: base, flags)
        var last: LastComponent?
        while let component = walk.next() {
            if component.isLast {
                let found = try walk.last(component)
                last = found
                if found.kind == .name {
                    if component.trailingSlash { throw .EISDIR }
                    guard let child = try walk.child(component) else { return (found, nil) }
                    guard child.inode.kind == .symbolicLink, flags.contains(.followFinal) else { return (found, child) }
                    try walk.follow(child, component)
                    continue
                }
            }
            try walk.take(component)
        }
        return (last ?? LastComponent(parent: walk.here, name: [], kind: .root, trailingSlash: false), walk.here)
    }

    /// The entry of a directory as this resolver sees it: what is mounted over it counts, links are not followed. The caller has
    /// checked search permission (a `LastComponent` comes with it).
    package func child(_ name: [UInt8], of directory: PathLocation) throws(Errno) -> PathLocation {
        if name.count > Self.maximumName { throw .ENAMETOOLONG }
        return mounts.topmost(PathLocation(mount: directory.mount, inode: try directory.inode.lookup(name), parent: directory, name: name))
    }
}

/// One walk along a path: where it is, and what is left of the path. Links are expanded into what is left.
private struct PathWalk {
    struct Component {
        var name: [UInt8]
        var isLast: Bool
        var trailingSlash: Bool
    }

    let resolver: PathResolver
    let flags: ResolveFlags
    let root: PathLocation
    let base: PathLocation
    private(set) var here: PathLocation
    private var rest: ArraySlice<UInt8>
    private var links = 0
    /// A trailing slash demands a directory.
    private(set) var directoryRequired = false

    init(_ resolver: PathResolver, _ path: [UInt8], from base: PathLocation, _ flags: ResolveFlags) throws(Errno) {
        if path.isEmpty { throw .ENOENT }
        if path.count >= PathResolver.maximumPath { throw .ENAMETOOLONG }
        self.resolver = resolver
        self.flags = flags
        self.base = base
        root = flags.contains(.inRoot) ? base : resolver.root
        here = base
        rest = path[...]
        if path[0] == UInt8(ascii: "/") { try goToRoot() }
    }

    private mutating func goToRoot() throws(Errno) {
        if flags.contains(.beneath) { throw .EXDEV }
        if flags.contains(.noMountCrossing), root.mount !== here.mount { throw .EXDEV }
        here = root
    }

    /// Cuts the next component off; nil at the end of the path.
    mutating func next() -> Component? {
        rest = rest.drop { $0 == UInt8(ascii: "/") }
        if rest.isEmpty { return nil }
        let name = rest.prefix { $0 != UInt8(ascii: "/") }
        let slash = name.endIndex < rest.endIndex
        rest = rest[name.endIndex...].drop { $0 == UInt8(ascii: "/") }
        return Component(name: Array(name), isLast: rest.isEmpty, trailingSlash: slash && rest.isEmpty)
    }

    /// Moves on by one component.
    mutating func take(_ component: Component) throws(Errno) {
        if component.isLast { directoryRequired = component.trailingSlash }
        try checkSearch()
        if component.name == Self.dot { return }
        if component.name == Self.dotDot { return try goUp() }
        guard let child = try child(component) else { throw .ENOENT }
        let followed = !component.isLast || flags.contains(.followFinal) || component.trailingSlash
        if child.inode.kind == .symbolicLink, followed { return try follow(child, component) }
        here = child
    }

    /// The last component, unresolved, in the directory reached so far.
    func last(_ component: Component) throws(Errno) -> LastComponent {
        try checkSearch()
        let kind: LastComponent.Kind = component.name == Self.dot ? .dot : component.name == Self.dotDot ? .dotDot : .name
        return LastComponent(parent: here, name: component.name, kind: kind, trailingSlash: component.trailingSlash)
    }

    /// The named entry of the directory reached so far, with what is mounted over it; nil when there is none.
    func child(_ component: Component) throws(Errno) -> PathLocation? {
        let found: PathLocation
        do throws(Errno) { found = try resolver.child(component.name, of: here) } catch {
            if error == .ENOENT { return nil }
            throw error
        }
        if flags.contains(.noMountCrossing), found.mount !== here.mount { throw .EXDEV }
        return found
    }

    /// Goes where a symbolic link leads: its target takes the component's place in the path, a magic link jumps.
    mutating func follow(_ link: PathLocation, _ component: Component) throws(Errno) {
        links += 1
        if links > PathResolver.maximumLinks || flags.contains(.noSymbolicLinks) { throw .ELOOP }
        if let task = resolver.task, let target = try link.inode.magicLink(task) {
            if flags.contains(.noMagicLinks) { throw .ELOOP }
            if flags.contains(.beneath) || flags.contains(.inRoot) { throw .EXDEV }
            if flags.contains(.noMountCrossing), target.mount !== here.mount { throw .EXDEV }
            here = target
            return
        }
        var target: [UInt8]
        if let task = resolver.task { target = try link.inode.readLink(for: task) } else { target = try link.inode.readLink() }
        if target.isEmpty { throw .ENOENT }
        if target[0] == UInt8(ascii: "/") { try goToRoot() }
        if !component.isLast || component.trailingSlash { target.append(UInt8(ascii: "/")) }
        rest = (target + rest)[...]
    }

    private mutating func goUp() throws(Errno) {
        if flags.contains(.beneath), here.isSame(as: base) { throw .EXDEV }
        let parent = resolver.mounts.topmost(here.parentDirectory(below: root))
        if flags.contains(.noMountCrossing), parent.mount !== here.mount { throw .EXDEV }
        here = parent
    }

    private func checkSearch() throws(Errno) {
        if here.inode.kind != .directory { throw .ENOTDIR }
        if let task = resolver.task, try here.inode.admits(task) { return }
        try Permissions.check(here, .execute, resolver.credentials)
    }

    private static let dot = [UInt8(ascii: ".")], dotDot = [UInt8(ascii: "."), UInt8(ascii: ".")]
}
