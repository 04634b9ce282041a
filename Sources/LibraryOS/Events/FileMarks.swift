import Synchronization

/// One who hears of what happens to a file. It keeps the inode, so that its number means no other file meanwhile.
class FileWatch: @unchecked Sendable {
    let inode: Inode

    init(_ inode: Inode) { self.inode = inode }
    /// It would be told of such an event in the directory that is watched.
    func wants(_ event: InotifyEvents) -> Bool { false }
    /// Something happened to the file or, with a name, to what has that name in it.
    func report(_ event: InotifyEvents, name: [UInt8] = [], cookie: UInt32 = 0, isUnlinked: Bool = false) {}
    /// The file is gone for good.
    func fileIsGone() {}
}

/// The watches of inotify(7) and F_NOTIFY on the files of one file system, by inode number: what operations on files look at to tell who watches.
package final class FileMarks: @unchecked Sendable {
    private let lock = Lock(.leaf)
    private var watches: [UInt64: [FileWatch]] = [:]
    /// Watched files that have lost their last name while they are open; with whose processes to ask.
    private var orphans: [UInt64: Kernel] = [:]
    /// Names that files had while somebody watched, and what became of them: an open file goes on under its new name.
    private struct Name: Hashable {
        let inode: UInt64
        let directory: UInt64
        let name: [UInt8]
    }
    private var moves: [Name: (directory: PathLocation, name: [UInt8])] = [:]
    private static let longestMemory = 4096
    private let count = Atomic<Int>(0)

    /// Anything is watched: false for all but the few programs that use inotify, at the price of one load.
    var isActive: Bool { count.load(ordering: .relaxed) > 0 }

    func watches(of inode: UInt64) -> [FileWatch] { isActive ? lock.withLock { watches[inode] ?? [] } : [] }

    func add(_ watch: FileWatch) {
        lock.withLock { watches[watch.inode.number, default: []].append(watch) }
        count.wrappingAdd(1, ordering: .relaxed)
    }

    func remove(_ watch: FileWatch) {
        let isGone = lock.withLock {
            guard var left = watches[watch.inode.number], let index = left.firstIndex(where: { $0 === watch }) else { return false }
            left.remove(at: index)
            watches[watch.inode.number] = left.isEmpty ? nil : left
            if left.isEmpty { orphans[watch.inode.number] = nil }
            return true
        }
        if !isGone || count.wrappingSubtract(1, ordering: .relaxed).newValue > 0 { return }
        // Places refer to the file system: nothing of them stays when nobody watches.
        let forgotten = lock.withLock {
            defer { moves = [:] }
            return moves
        }
        withExtendedLifetime(forgotten) {}
    }

    /// A file has another name from now on.
    func noteMove(_ inode: Inode, from old: LastComponent, to new: LastComponent) {
        if inode.kind == .directory { return }
        let place = (directory: new.parent, name: new.name)
        let forgotten = lock.withLock {
            let before = moves
            if moves.count >= Self.longestMemory { moves = [:] }
            moves[Name(inode: inode.number, directory: new.parent.inode.number, name: new.name)] = nil
            moves[Name(inode: inode.number, directory: old.parent.inode.number, name: old.name)] = place
            return before
        }
        withExtendedLifetime(forgotten) {}
    }

    /// Where a file that was found under a name is now.
    func follow(_ inode: UInt64, _ directory: PathLocation, _ name: [UInt8]) -> (directory: PathLocation, name: [UInt8]) {
        lock.withLock {
            var place = (directory: directory, name: name)
            for _ in 0..<64 {
                guard let next = moves[Name(inode: inode, directory: place.directory.inode.number, name: place.name)] else { break }
                place = next
            }
            return place
        }
    }

    /// A watched file has lost a name: when it was the last one and nobody has the file open, that is its end.
    func nameIsGone(_ inode: Inode, _ kernel: Kernel) {
        if watches(of: inode.number).isEmpty { return }
        do throws(Errno) { if try inode.attributes().links > 0 && inode.kind != .directory { return } } catch {}
        lock.withLock { orphans[inode.number] = kernel }
        endOrphan(inode)
    }

    /// A description of a file has ended: perhaps the last one of an orphan.
    func descriptionIsGone(_ inode: Inode) {
        if isActive { endOrphan(inode) }
    }

    private func endOrphan(_ inode: Inode) {
        guard let kernel = lock.withLock({ orphans[inode.number] }) else { return }
        for group in kernel.allGroups {
            for task in group.liveTasks where task.hasOpen(inode) { return }
        }
        for watch in watches(of: inode.number) {
            watch.report(.deleteSelf)
            watch.fileIsGone()
        }
        lock.withLock { orphans[inode.number] = nil }
    }
}

extension Task {
    fileprivate func hasOpen(_ inode: Inode) -> Bool {
        let table = sharedDescriptors
        return table.openDescriptors.contains { number in
            guard let other = (try? table.file(number))?.location?.inode else { return false }
            return other.isSame(as: inode)
        }
    }
}

/// What operations on files report (fsnotify of the kernel). Nothing is held meanwhile: names may be looked up.
extension PathLocation {
    /// Something happened to the file: who watches it hears of it, and before that who watches its directory.
    func notify(_ event: InotifyEvents) {
        let marks = inode.fileSystem.marks
        if !marks.isActive { return }
        let event = inode.kind == .directory ? event.union(.isDirectory) : event
        let (place, own) = (placeNow, marks.watches(of: inode.number))
        let siblings = place.map { $0.directory.inode.fileSystem.marks.watches(of: $0.directory.inode.number) } ?? []
        let interested = siblings.filter { $0.wants(event) }
        if interested.isEmpty && own.isEmpty { return }
        // IN_EXCL_UNLINK is about what is done through an open file.
        let isAboutFile = event.isDisjoint(with: [.attributes, .moveSelf, .deleteSelf])
        let isUnlinked = isAboutFile && place.map { self.isUnlinked(in: $0.directory, $0.name) } ?? false
        if let place { for watch in interested { watch.report(event, name: place.name, isUnlinked: isUnlinked) } }
        for watch in own { watch.report(event, isUnlinked: isUnlinked) }
    }

    /// The directory and the name the file has now; a file that lost its name keeps the last one.
    private var placeNow: (directory: PathLocation, name: [UInt8])? {
        guard let parent = currentParent else { return nil }
        return inode.kind == .directory ? (parent, currentName) : inode.fileSystem.marks.follow(inode.number, parent, name)
    }

    private func isUnlinked(in parent: PathLocation, _ name: [UInt8]) -> Bool {
        guard let found = try? parent.inode.lookup(name) else { return true }
        return !found.isSame(as: inode)
    }
}

extension Inode {
    /// Something happened to a name in this directory.
    func notify(_ event: InotifyEvents, _ name: [UInt8], isDirectory: Bool, cookie: UInt32 = 0) {
        for watch in fileSystem.marks.watches(of: number) {
            watch.report(isDirectory ? event.union(.isDirectory) : event, name: name, cookie: cookie)
        }
    }

    /// Something happened to the file that its directory does not hear of.
    func notifySelf(_ event: InotifyEvents) {
        for watch in fileSystem.marks.watches(of: number) { watch.report(kind == .directory ? event.union(.isDirectory) : event) }
    }
}

extension FileReference {
    func notify(_ event: InotifyEvents) {
        if let location { location.notify(event) } else { inode.notifySelf(event) }
    }
}

extension OpenFile {
    /// Bytes were read or written, or the file was changed, through this description.
    func notify(_ event: InotifyEvents) { location?.notify(event) }
    /// Its file system has watches, so that operations may have to look up names.
    var mayBeWatched: Bool { location?.inode.fileSystem.marks.isActive ?? false }
}
