import LibraryOS
import Monitor

/// What pseudo applications ask the loader for: `dlopen`, `dlsym`, the list of applications and the digests of their files.
extension TALoader: LibraryLoading {
    func load(_ library: TEEUUID, into instance: TAInstance) throws(TEEResult) {
        if let guestLoader = instance.guestLoader { return try guestLoader.open(library, in: instance) }
        if instance.linkMap.image(library) != nil { return }
        do throws(TAFileError) {
            var placement = TAPlacement(instance.context.memory, adding: instance.linkMap)
            let first = instance.linkMap.images.count
            try placement.add(try read(library, .library), library)
            while let missing = placement.map.missing { try placement.add(try read(missing, .library), missing) }
            try placement.finish(from: first)
            instance.linkMap = placement.map
        } catch {
            instance.world.log.refused(application: library, error.message)
            throw error.result
        }
    }

    func symbol(_ name: [UInt8], of library: TEEUUID?, in instance: TAInstance) throws(TEEResult) -> UInt64 {
        if let guestLoader = instance.guestLoader { return try guestLoader.symbol(name, of: library, in: instance) }
        do throws(TAFileError) { return try instance.linkMap.address(of: name, in: library) } catch { throw error.result }
    }
}

extension TALoader: ApplicationListing {
    func applications() -> [(uuid: TEEUUID, flags: TAFlags)] {
        var found: [(uuid: TEEUUID, flags: TAFlags)] = []
        for uuid in uuids() where !found.contains(where: { $0.uuid == uuid }) {
            if let head = try? read(uuid, .application).head { found.append((uuid, head.flags)) }
        }
        return found
    }
}

extension TALoader: ApplicationDigesting {
    func headerDigest(of uuid: TEEUUID) throws(TEEResult) -> [UInt8] {
        do throws(TAFileError) { return try file(uuid).digest } catch { throw error.result }
    }
}
