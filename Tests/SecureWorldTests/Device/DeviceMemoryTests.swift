import Testing

@testable import LibraryOS
@testable import SecureWorld

/// DeviceShared memory: TEE_IOC_SHM_ALLOC, SHM_REGISTER and SHM_REGISTER_FD.
@Suite struct DeviceMemoryTests {
    private let bed: DeviceBed
    private let client: UInt64
    private let session: UInt32

    init() throws {
        bed = try DeviceBed()
        client = try bed.client()
        session = try bed.openSession(client).session
    }

    /// Has the application read all of a memory reference, and then write `bytes` at its start.
    private func exchange(_ parameter: DeviceParameter, _ bytes: [UInt8] = []) throws -> (status: Int64, seen: [UInt8]) {
        let seen = Seen()
        bed.service.onCommand { _, parameters in
            guard case .memory(_, let buffer?, let size) = parameters[0] else { return (.badParameters, parameters) }
            do throws(TEEResult) {
                seen.bytes = try buffer.read(at: 0, count: Int(size))
                try buffer.write(bytes, at: 0)
                return (.success, parameters)
            } catch { return (error, parameters) }
        }
        let reply = try bed.invoke(client, session, 1, [parameter])
        return (reply.status == 0 ? Int64(reply.result) : reply.status, seen.bytes)
    }
    private final class Seen: @unchecked Sendable { var bytes: [UInt8] = [] }

    private func map(_ descriptor: Int64, pages: UInt64 = 1, offset: UInt64 = 0) -> Int64 {
        bed.task.call(DeviceCall.mmap, 0, pages * 4096, 3, 1, UInt64(bitPattern: descriptor), offset)
    }
    private func isKnown(_ id: Int32) throws -> Bool { try bed.invoke(client, session, 1, [.memory(5, id, size: 0)]).status == 0 }

    // MARK: Allocated

    @Test func allocatedMemoryIsSeenByBothSides() throws {
        let shared = try bed.allocate(client, 5000)
        #expect(shared.id == 1 && shared.size == 8192, "whole pages")
        let address = UInt64(map(shared.descriptor, pages: 2))
        try bed.put([1, 2, 3], at: address + 4095)
        let (status, seen) = try exchange(.memory(7, shared.id, at: 4095, size: 4), [9, 8, 7])
        #expect(status == 0 && seen == [1, 2, 3, 0])
        #expect(try bed.bytes(at: address + 4094, 5) == [0, 9, 8, 7, 0])
    }

    @Test func aChildSeesTheSameMemory() throws {
        let shared = try bed.allocate(client, 4096)
        let address = UInt64(map(shared.descriptor))
        let other = try bed.otherProcess()
        let theirs = UInt64(other.call(DeviceCall.mmap, 0, 4096, 3, 1, UInt64(shared.descriptor), 0))
        try other.memory.writeBytes([42], to: GuestAddress(theirs + 7))
        #expect(try bed.bytes(at: address + 7, 1) == [42])
        #expect(try exchange(.memory(5, shared.id, at: 7, size: 1)).seen == [42])
    }

    @Test func anIdentifierLivesAsLongAsADescriptorOrAMapping() throws {
        // libteec closes the descriptor as soon as it has mapped the memory.
        let shared = try bed.allocate(client, 4096)
        let address = UInt64(map(shared.descriptor))
        bed.close(UInt64(shared.descriptor))
        #expect(try isKnown(shared.id))
        #expect(try exchange(.memory(7, shared.id, size: 1), [5]).status == 0)
        #expect(try bed.bytes(at: address, 1) == [5])
        #expect(bed.task.call(DeviceCall.munmap, address, 4096) == 0)
        #expect(try !isKnown(shared.id))
    }

    @Test func anIdentifierEndsWithTheLastDescriptor() throws {
        let shared = try bed.allocate(client, 4096)
        let copy = bed.task.call(DeviceCall.dup, UInt64(shared.descriptor))
        bed.close(UInt64(shared.descriptor))
        #expect(try isKnown(shared.id))
        bed.close(UInt64(copy))
        #expect(try !isKnown(shared.id))
        #expect(try bed.allocate(client, 4096).id == shared.id, "the lowest free one is the next")
    }

    @Test func theEndOfAProcessIsTheEndOfItsMappings() throws {
        let shared = try bed.allocate(client, 4096)
        _ = map(shared.descriptor)
        let other = try bed.otherProcess()
        #expect(other.call(DeviceCall.mmap, 0, 4096, 3, 1, UInt64(shared.descriptor), 0) > 0)
        bed.close(UInt64(shared.descriptor))
        let count = { [bed] in bed.devices.compactMap { $0 as? TEEDevice }.first?.memories.count }
        bed.kernel.killAll()
        other.finish()
        #expect(count() == 1, "the client still has it mapped")
        bed.task.finish()
        #expect(count() == 0)
        #expect(bed.service.closed == [session])
    }

    @Test func identifiersAreTheirMakersOnly() throws {
        let shared = try bed.allocate(client, 4096)
        let other = try bed.client()
        let theirs = try bed.openSession(other).session
        #expect(try bed.invoke(other, theirs, 1, [.memory(5, shared.id, size: 1)]).status == failed(.EINVAL))
        #expect(try bed.allocate(other, 4096).id == shared.id + 1, "the numbers are the device's")
        #expect(try isKnown(shared.id))
    }

    @Test func allocationsAreLimited() throws {
        #expect(try bed.allocate(client, 0).descriptor == failed(.ENOMEM))
        #expect(try bed.allocate(client, 4096, flags: 1).descriptor == failed(.EINVAL))
        for size in [UInt64(1) << 30 + 1, 1 << 31, 1 << 40, .max, .max - 4096, 1 << 63] { #expect(try bed.allocate(client, size).descriptor == failed(.ENOMEM)) }
        #expect(try bed.allocate(client, 4096).id == 1, "nothing is left of them")
    }

    @Test func whatCannotBeToldOrOpenedLeavesNothing() throws {
        // A structure that can be read and not written.
        let frozen = bed.map()
        var writer = ByteWriter()
        writer.u64(4096)
        writer.u64(0)
        try bed.put(writer.bytes, at: frozen)
        #expect(bed.task.call(DeviceCall.mprotect, frozen, 4096, 1) == 0)
        #expect(bed.task.call(DeviceCall.ioctl, client, DeviceRequest.allocate, frozen) == failed(.EFAULT))
        var limits = ByteWriter()
        limits.u64(client + 1)
        limits.u64(client + 1)
        try bed.put(limits.bytes, at: bed.page + 4096)
        #expect(bed.task.call(DeviceCall.prlimit, 0, 7, bed.page + 4096, 0) == 0)
        #expect(try bed.allocate(client, 4096).descriptor == failed(.EMFILE))
        limits = ByteWriter()
        limits.u64(100)
        limits.u64(100)
        try bed.put(limits.bytes, at: bed.page + 4096)
        #expect(bed.task.call(DeviceCall.prlimit, 0, 7, bed.page + 4096, 0) == 0)
        #expect(try bed.allocate(client, 4096).id == 1)
    }

    @Test func theDescriptorIsForMappingOnly() throws {
        let shared = try bed.allocate(client, 4096)
        let descriptor = UInt64(shared.descriptor)
        #expect(try String(decoding: bed.task.descriptors.file(Int32(descriptor)).displayName(bed.task), as: UTF8.self) == "anon_inode:tee_shm")
        #expect(try !bed.task.descriptors.closeOnExec(Int32(descriptor)))
        #expect(bed.task.call(DeviceCall.read, descriptor, bed.page, 1) == failed(.EINVAL))
        #expect(bed.task.call(DeviceCall.ftruncate, descriptor, 0) == failed(.EINVAL))
        #expect(bed.task.call(DeviceCall.lseek, descriptor, 0, 0) == failed(.ESPIPE))
    }

    @Test func everythingIsGivenBack() throws {
        let (frames, charged) = (bed.memory.framesInUse, bed.memory.charged)
        for _ in 0..<100 {
            let shared = try bed.allocate(client, 65536)
            let address = UInt64(map(shared.descriptor, pages: 16))
            try bed.put([UInt8](repeating: 1, count: 65536), at: address)
            bed.close(UInt64(shared.descriptor))
            #expect(bed.task.call(DeviceCall.munmap, address, 65536) == 0)
        }
        #expect(bed.memory.framesInUse == frames)
        #expect(bed.memory.charged <= charged + 64 * 1024, "but for what tables of descriptors and areas keep in reserve")
    }

    // MARK: Registered

    @Test func registeredMemoryIsTheClientsOwn() throws {
        let address = bed.map(pages: 4) + 100
        try bed.put(Array("plain".utf8), at: address + 5000)
        let shared = try bed.register(client, address, 9000)
        #expect(shared.descriptor >= 0 && shared.id == 1 && shared.size == 9000)
        let (status, seen) = try exchange(.memory(7, shared.id, at: 5000, size: 5), Array("other".utf8))
        #expect(status == 0 && seen == Array("plain".utf8))
        #expect(try bed.bytes(at: address + 5000, 5) == Array("other".utf8))
    }

    @Test func onlyMemoryThatCanBeWrittenIsRegistered() throws {
        let address = bed.map(pages: 3)
        #expect(bed.task.call(DeviceCall.mprotect, address + 4096, 4096, 1) == 0)
        #expect(try bed.register(client, address, 4096).descriptor >= 0)
        #expect(try bed.register(client, address, 4097).descriptor == failed(.EFAULT), "read-only: libteec takes a shadow buffer then")
        #expect(try bed.register(client, address + 8192, 4096).descriptor >= 0)
        #expect(bed.task.call(DeviceCall.munmap, address + 4096, 4096) == 0)
        #expect(try bed.register(client, address, 12288).descriptor == failed(.EFAULT), "a hole")
        #expect(try bed.register(client, address, 0).descriptor == failed(.ENOMEM))
        #expect(try bed.register(client, 0x1000_0000, UInt64(1) << 30 + 1).descriptor == failed(.ENOMEM))
        #expect(try bed.register(client, address, 4096, flags: 1).descriptor == failed(.EINVAL))
        #expect(try bed.register(client, 0xffff_8000_0000_0000, 4096).descriptor == failed(.EFAULT))
        #expect(try bed.register(client, address, .max).descriptor == failed(.EFAULT))
    }

    @Test func registeredMemoryThatIsGoneCannotBeReached() throws {
        let address = bed.map()
        let shared = try bed.register(client, address, 4096)
        #expect(bed.task.call(DeviceCall.munmap, address, 4096) == 0)
        #expect(try exchange(.memory(7, shared.id, size: 16)).status == Int64(TEEResult.accessDenied.rawValue))
    }

    @Test func aRegistrationEndsWithItsDescriptorAndIsNotMapped() throws {
        let shared = try bed.register(client, bed.map(), 4096)
        #expect(map(shared.descriptor) == failed(.ENODEV))
        bed.close(UInt64(shared.descriptor))
        #expect(try !isKnown(shared.id))
    }

    // MARK: Files

    private func memoryFile(size: UInt64, sealable: Bool = false) throws -> Int64 {
        try bed.put([UInt8(ascii: "m"), 0], at: bed.page)
        let file = bed.task.call(DeviceCall.memfd, bed.page, sealable ? 2 : 0)
        #expect(bed.task.call(DeviceCall.ftruncate, UInt64(file), size) == 0)
        return file
    }

    @Test func memoryFilesAreRegisteredByDescriptor() throws {
        let file = try memoryFile(size: 10000)
        let shared = try bed.register(client, file: file)
        #expect(shared.descriptor >= 0 && shared.size == 10000)
        let address = UInt64(map(file, pages: 3))
        try bed.put([3], at: address + 4100)
        let (status, seen) = try exchange(.memory(7, shared.id, at: 4100, size: 2), [6, 7])
        #expect(status == 0 && seen == [3, 0])
        #expect(try bed.bytes(at: address + 4100, 2) == [6, 7])
        bed.close(UInt64(file))
        #expect(try isKnown(shared.id), "the file's own descriptor does not matter")
    }

    @Test func aFileNeverGrowsAndSealsHold() throws {
        let file = try memoryFile(size: 8192, sealable: true)
        let shared = try bed.register(client, file: file)
        #expect(bed.task.call(DeviceCall.ftruncate, UInt64(file), 4096) == 0)
        #expect(try exchange(.memory(6, shared.id, at: 4096, size: 0), [1]).status == Int64(TEEResult.accessDenied.rawValue))
        #expect(try bed.task.descriptors.file(Int32(file)).endOfFile() == 4096)
        #expect(bed.task.call(DeviceCall.fcntl, UInt64(file), 1033, 8) == 0, "F_SEAL_WRITE")
        #expect(try exchange(.memory(7, shared.id, size: 1), [1]).status == Int64(TEEResult.accessDenied.rawValue))
        #expect(try bed.register(client, file: file).descriptor == failed(.EINVAL))
    }

    @Test func otherDescriptorsAreRefused() throws {
        let empty = try memoryFile(size: 0)
        for descriptor in [empty, Int64(client), 99, -1, 1 << 40] { #expect(try bed.register(client, file: descriptor).descriptor == failed(.EINVAL)) }
        #expect(try bed.register(client, file: try memoryFile(size: 4096), flags: 1).descriptor == failed(.EINVAL))
        let shared = try bed.allocate(client, 4096)
        #expect(try bed.register(client, file: shared.descriptor).size == 4096, "shared memory is memory, too")
        let registered = try bed.register(client, bed.map(), 4096)
        #expect(try bed.register(client, file: registered.descriptor).descriptor == failed(.EINVAL))
    }
}
