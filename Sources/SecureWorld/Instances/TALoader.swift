import LibraryOS
import Monitor

/// Finds trusted applications, checks them, and puts them into memory: what OP-TEE's core and ldelf do together.
final class TALoader: Sendable {
    private let folders: [String]
    private let files: [TEEUUID: String]
    private let keys: TAKeys
    private let versions: TAVersionStore?
    /// The file of a loader that runs in the guest.
    private let guestLoader: String?

    init(_ configuration: SecureWorldConfiguration) {
        folders = configuration.applications
        files = configuration.files
        keys = configuration.keys
        versions = configuration.versions
        guestLoader = configuration.loader
    }

    /// A fresh instance of an application. `itemNotFound` when no folder has it; otherwise what is wrong with its file, which the log is told in words.
    func load(_ uuid: TEEUUID, in world: SecureWorld, on thread: TAThread) throws(TEEResult) -> TAInstance {
        do throws(TAFileError) {
            if let guestLoader { return try load(uuid, with: try loaderImage(guestLoader), in: world, on: thread) }
            let image = try read(uuid, .application)
            guard let head = image.head else { throw TAFileError(.badFormat, "\(uuid) is a shared library") }
            return try place(image, head, uuid, world)
        } catch {
            if error.result != .itemNotFound { world.log.refused(application: uuid, error.message) }
            throw error.result
        }
    }

    /// The image of an application or a shared library.
    func read(_ uuid: TEEUUID, _ role: TAImage.Role) throws(TAFileError) -> TAImage {
        try TAImage(parsing: try file(uuid).elf, as: role, expecting: uuid)
    }

    /// The file of an application or a shared library, checked.
    func file(_ uuid: TEEUUID) throws(TAFileError) -> TAFile {
        if let path = files[uuid] {
            let (folder, name) = Self.split(path)
            guard let bytes = try DurableFolder(folder, creating: false).read(name, limit: TAFile.maximumSize) else {
                throw TAFileError(.itemNotFound, "\(path) does not exist")
            }
            return try TAFile.parse(bytes, keys: keys, versions: versions, expecting: uuid)
        }
        for folder in folders {
            for name in ["\(uuid).ta", "\(uuid).elf"] {
                guard let bytes = try? DurableFolder(folder, creating: false).read(name, limit: TAFile.maximumSize) else { continue }
                return try TAFile.parse(bytes, keys: keys, versions: versions, expecting: uuid)
            }
        }
        throw TAFileError(.itemNotFound, "no folder has \(uuid).ta; name its folder with --applications")
    }

    private func loaderImage(_ path: String) throws(TAFileError) -> TAImage {
        let (folder, name) = Self.split(path)
        guard let bytes = try DurableFolder(folder, creating: false).read(name, limit: TAFile.maximumSize) else {
            throw TAFileError(.storageNotAvailable, "the loader \(path) does not exist")
        }
        return try TAImage(parsing: bytes, as: .loader)
    }

    /// Where the file of an application or a shared library is; nil when there is none.
    func path(of uuid: TEEUUID) -> String? {
        if let path = files[uuid] { return path }
        let candidates = folders.flatMap { folder in ["\(folder)/\(uuid).ta", "\(folder)/\(uuid).elf"] }
        return candidates.first { DurableFolder.hasFile($0) }
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        return (String(path[...slash]), String(path[path.index(after: slash)...]))
    }

    /// The names of all files that look like applications.
    func uuids() -> [TEEUUID] {
        var found = Array(files.keys)
        for folder in folders { found += FolderListing.names(folder).compactMap { $0.hasSuffix(".ta") || $0.hasSuffix(".elf") ? TEEUUID($0.prefix(36)) : nil } }
        return found
    }

    private func place(_ image: TAImage, _ head: TAHead, _ uuid: TEEUUID, _ world: SecureWorld) throws(TAFileError) -> TAInstance {
        let space: AddressSpace
        do throws(Errno) { space = try AddressSpace(physicalMemory: world.machine.memory) } catch { throw .noRoom }
        do throws(TAFileError) {
            var placement = TAPlacement(space)
            try placement.add(image, uuid)
            while let missing = placement.map.missing { try placement.add(try read(missing, .library), missing) }
            var layout = try placement.finish(stackSize: head.stackSize)
            try placement.tell(uuid, head.flags, &layout, world)
            let context: GuestContext
            do throws(Errno) { context = try GuestContext(machine: world.machine, memory: space) } catch { throw .noRoom }
            return TAInstance(uuid: uuid, flags: head.flags, world: world, context: context, layout: layout, linkMap: placement.map)
        } catch {
            space.release()
            throw error
        }
    }
}
