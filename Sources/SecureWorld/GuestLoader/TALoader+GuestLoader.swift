import LibraryOS
import Monitor

extension TALoader {
    /// A fresh instance that a loader of the guest fills: that lies in its memory and is entered before any session is opened.
    func load(_ uuid: TEEUUID, with image: TAImage, in world: SecureWorld, on thread: TAThread) throws(TAFileError) -> TAInstance {
        let space: AddressSpace
        do throws(Errno) { space = try AddressSpace(physicalMemory: world.machine.memory) } catch { throw .noRoom }
        do throws(TAFileError) { return try load(uuid, with: image, into: space, world, thread) } catch {
            space.release()
            throw error
        }
    }

    private func load(_ uuid: TEEUUID, with image: TAImage, into space: AddressSpace, _ world: SecureWorld, _ thread: TAThread) throws(TAFileError) -> TAInstance {
        guard image.needed.isEmpty else { throw .badFormat("the loader needs shared libraries, which nobody loads; link it statically") }
        var placement = TAPlacement(space)
        try placement.add(image, .null)
        var layout = try placement.finish(stackSize: GuestLoader.stackSize, setsThreadPointer: false)
        var information = InstanceBootInformation(uuid: uuid)
        information.fill([], layout, world)
        information.entry = 0
        information.stackEnd = 0
        information.ranges = placement.map.images.map { .init($0, kind: "loader") }
        information.ranges += [
            .data("loader-stack", layout.stackTop &- layout.stackSize, layout.stackSize), .data("thread-area", layout.threadArea, TAImage.pageSize),
        ]
        layout.bootInformation = layout.stackTop &+ TAImage.pageSize
        _ = try placement.put(information, at: layout.bootInformation)
        let (context, own): (GuestContext, GuestContext)
        do throws(Errno) {
            (context, own) = (try GuestContext(machine: world.machine, memory: space), try GuestContext(machine: world.machine, memory: space))
        } catch { throw .noRoom }
        let instance = TAInstance(uuid: uuid, flags: [], world: world, context: context, layout: layout, linkMap: TALinkMap())
        let loader = GuestLoader(own, layout, memoryLimit: world.configuration.memoryLimit)
        instance.guestLoader = loader
        do throws(TEEResult) {
            let found = try loader.start(instance, on: thread)
            instance.settle(found.layout, found.flags)
            information.flags = found.flags
            information.entry = found.layout.entry
            information.stackEnd = found.layout.stackTop
            try replace(information, at: layout.bootInformation, in: space, loader.memory)
        } catch { throw TAFileError(error, "the loader of the guest has not loaded it: \(error)") }
        return instance
    }

    /// Numbers and flags change, sizes do not.
    private func replace(_ information: InstanceBootInformation, at address: UInt64, in space: AddressSpace, _ memory: TAMemory) throws(TEEResult) {
        let bytes: [UInt8]
        do throws(TAFileError) { bytes = try information.encoded() } catch { throw error.result }
        let size = (UInt64(bytes.count) &+ TALayout.pageMask) & ~TALayout.pageMask
        do throws(Errno) {
            try space.protectRange(at: GuestAddress(address), length: size, [.read, .write])
        } catch { throw .outOfMemory }
        try memory.write(bytes, to: address)
        do throws(Errno) { try space.protectRange(at: GuestAddress(address), length: size, .read) } catch { throw .outOfMemory }
    }
}
