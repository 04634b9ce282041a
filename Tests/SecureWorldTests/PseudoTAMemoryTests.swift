import LibraryOS
import Testing
@testable import SecureWorld

/// Memory that applications map for themselves (commands 2, 3, 8 and 9 of OP-TEE's pta_system.h; result codes of core/mm/vm.c).
@Suite struct PseudoTAMemoryTests {
    private let bed: PseudoTABed
    private let session: PseudoSession

    init() throws {
        bed = try PseudoTABed()
        session = try bed.open(SystemPTA(), by: bed.caller)
    }

    private func map(_ size: UInt32, at address: UInt64 = 0, flags: UInt32 = 0, pads: (UInt32, UInt32) = (0, 0)) -> (result: TEEResult, address: UInt64) {
        let (result, parameters) = session.invoke(2, [.valueIn(size, flags), .valueInout(address), .valueIn(pads.0, pads.1)])
        return (result, parameters.address(1))
    }
    private func unmap(_ address: UInt64, _ size: UInt32, _ reserved: UInt32 = 0) -> TEEResult { session.invoke(3, [.valueIn(size, reserved), .addressIn(address)]).result }
    private func protect(_ address: UInt64, _ size: UInt32, _ flags: UInt32) -> TEEResult { session.invoke(8, [.valueIn(size, flags), .addressIn(address)]).result }
    private func move(_ address: UInt64, _ size: UInt32, to target: UInt64 = 0, pads: (UInt32, UInt32) = (0, 0)) -> (result: TEEResult, address: UInt64) {
        let (result, parameters) = session.invoke(9, [.valueIn(size), .addressIn(address), .valueInout(target), .valueIn(pads.0, pads.1)])
        return (result, parameters.address(2))
    }
    private func isMapped(_ address: UInt64, _ size: UInt64 = 4096) -> Bool { bed.caller.memory.space.allows([], at: GuestAddress(address), length: size) }
    private func allows(_ protection: PageProtection, _ address: UInt64) -> Bool { bed.caller.memory.space.allows(protection, at: GuestAddress(address), length: 4096) }

    @Test func mappedMemoryIsZeroAndWritable() throws {
        let (result, address) = map(10_000)
        #expect(result == .success)
        #expect(try bed.caller.memory.read(address, 12288) == [UInt8](repeating: 0, count: 12288))
        try bed.caller.memory.write([1, 2, 3], to: address + 9_997)
        #expect(!isMapped(address + 12288))
        #expect(!allows(.execute, address))
    }

    @Test func mappingsDoNotTouch() {
        let addresses = (0..<20).map { _ in map(8192) }
        #expect(addresses.allSatisfy { $0.result == .success })
        let sorted = addresses.map(\.address).sorted()
        #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $1 >= $0 + 8192 + 4096 })
    }

    @Test func mappingAtAWishedPlaceIsThereOrNowhere() {
        let place: UInt64 = 0x6800_0000_0000
        #expect(map(4096, at: place) == (.success, place))
        #expect(map(4096, at: place).result == .accessConflict)
        #expect(map(8192, at: place - 4096).result == .accessConflict)
        #expect(map(4096, at: place + 100).result == .accessConflict)
        #expect(map(4096, at: 4096).result == .accessConflict)
        #expect(map(4096, at: 0xffff_8000_0000_0000).result == .accessConflict)
        #expect(map(4096, at: .max - 4095).result == .accessConflict)
    }

    @Test func paddingIsFreeAndStaysFree() {
        let (result, address) = map(4096, pads: (8192, 16384))
        #expect(result == .success)
        #expect(isMapped(address) && !isMapped(address - 4096) && !isMapped(address + 4096))
        #expect(map(4096, at: address - 8192) == (.success, address - 8192))
        #expect(map(4096, at: address + 8192, pads: (8192, 0)).result == .accessConflict)
        #expect(map(4096, pads: (1, 0)).result == .accessConflict)
    }

    @Test func mappingNothingOrTooMuchIsOutOfMemory() {
        #expect(map(0).result == .outOfMemory)
        #expect(map(.max).result == .outOfMemory)
        #expect(map(65 << 20).result == .outOfMemory)
        #expect(map(4096).result == .success)
    }

    @Test func mappingThatThereIsNoMemoryForFailsAndLeavesNothingBehind() throws {
        let bed = try PseudoTABed(memoryLimit: 32 << 20)
        let application = SystemPTA()
        let session = try bed.open(application, by: bed.caller)
        #expect(session.invoke(2, [.valueIn(20 << 20), .valueInout(0), .valueIn(0)]).result == .success)
        let other = try PseudoTABed.instance(in: bed.world)
        defer { other.end() }
        let second = try bed.open(application, by: other)
        for _ in 0..<3 { #expect(second.invoke(2, [.valueIn(20 << 20), .valueInout(0), .valueIn(0)]).result == .outOfMemory) }
        #expect(second.invoke(2, [.valueIn(1 << 20), .valueInout(0), .valueIn(0)]).result == .success)
    }

    @Test func onlyTheFlagShareableIsKnown() {
        #expect(map(4096, flags: 1).result == .success)
        #expect(map(4096, flags: 2).result == .badParameters)
        #expect(map(4096, flags: 1 << 31).result == .badParameters)
    }

    @Test func unmappedMemoryIsGoneAlsoInParts() {
        let (_, address) = map(5 * 4096)
        #expect(unmap(address + 4096, 4096) == .success)
        #expect(isMapped(address) && !isMapped(address + 4096) && isMapped(address + 8192, 3 * 4096))
        #expect(unmap(address, 3 * 4096) == .badParameters)
        #expect(unmap(address + 8192, 2 * 4096 + 1) == .success)
        #expect(unmap(address, 1) == .success)
        #expect(!isMapped(address) && !isMapped(address + 8192))
    }

    @Test func onlyWhatWasMappedIsUnmapped() throws {
        let own = try bed.memory([1])
        #expect(unmap(own.address, 4096) == .accessDenied)
        #expect(try bed.caller.memory.read(own.address, 1) == [1])
        #expect(unmap(0x6900_0000_0000, 4096) == .badParameters)
        let (_, address) = map(4096)
        #expect(unmap(address, 0) == .badParameters)
        #expect(unmap(address + 1, 4096) == .badParameters)
        #expect(unmap(address, 8192) == .badParameters)
        #expect(unmap(address, 4096, 1) == .badParameters)
        #expect(unmap(.max & ~4095, 8192) == .badParameters)
    }

    @Test func nothingIsWritableAndExecutable() {
        let (_, address) = map(8192)
        #expect(protect(address, 8192, 6) == .badParameters)
        #expect(protect(address, 8192, 1) == .badParameters)
        #expect(protect(address, 4096, 4) == .success)
        #expect(allows([.read, .execute], address) && !allows(.write, address) && allows(.write, address + 4096))
        #expect(protect(address, 4096, 0) == .success)
        #expect(allows(.read, address) && !allows(.write, address) && !allows(.execute, address))
        #expect(protect(address, 4096, 2) == .success)
        #expect(allows([.read, .write], address))
    }

    @Test func protectionOfOtherMemoryIsNotChanged() throws {
        let own = try bed.memory([1])
        #expect(protect(own.address, 4096, 4) == .accessDenied)
        #expect(protect(0x6900_0000_0000, 4096, 2) == .badParameters)
        #expect(allows([.read, .write], own.address))
    }

    @Test func movedMemoryHasItsContentAndItsProtection() throws {
        let (_, address) = map(3 * 4096)
        try bed.caller.memory.write(Array("content".utf8), to: address + 4090)
        #expect(protect(address, 3 * 4096, 4) == .success)
        let (result, target) = move(address, 3 * 4096, to: 0x6a00_0000_0000)
        #expect(result == .success)
        #expect(target == 0x6a00_0000_0000)
        #expect(!isMapped(address))
        #expect(try bed.caller.memory.read(target + 4090, 7) == Array("content".utf8))
        #expect(allows([.read, .execute], target) && !allows(.write, target))
        let (again, elsewhere) = move(target, 3 * 4096, pads: (4096, 4096))
        #expect(again == .success)
        #expect(try bed.caller.memory.read(elsewhere + 4090, 7) == Array("content".utf8))
        #expect(unmap(elsewhere, 3 * 4096) == .success)
    }

    @Test func memoryThatCannotBeMovedStays() throws {
        let (_, address) = map(2 * 4096)
        let (_, other) = map(4096)
        try bed.caller.memory.write([9], to: address)
        #expect(move(address, 2 * 4096, to: other).result == .accessConflict)
        #expect(move(address, 2 * 4096, to: 0x6a00_0000_0001).result == .accessConflict)
        #expect(move(address, 5000).result == .badParameters)
        #expect(move(address, 3 * 4096).result == .badParameters)
        #expect(move(0x6900_0000_0000, 4096).result == .badParameters)
        #expect(move(try bed.memory([1]).address, 4096).result == .accessDenied)
        #expect(protect(address, 4096, 0) == .success)
        #expect(move(address, 2 * 4096).result == .badParameters)
        #expect(try bed.caller.memory.read(address, 1) == [9])
    }

    @Test func mappingsAreTheInstancesNotTheSessions() throws {
        let (_, address) = map(4096)
        session.application.close(session)
        let later = try bed.open(session.application, by: bed.caller)
        #expect(later.invoke(3, [.valueIn(4096), .addressIn(address)]).result == .success)
        let (_, second) = map(4096)
        let other = try PseudoTABed.instance(in: bed.world)
        let foreign = try bed.open(session.application, by: other)
        #expect(foreign.invoke(3, [.valueIn(4096), .addressIn(second)]).result == .badParameters)
        #expect(foreign.invoke(2, [.valueIn(4096), .valueInout(second), .valueIn(0)]).result == .success)
        other.end()
    }

    @Test func thereIsALimitOfRanges() {
        var count = 0
        while count < 2000, map(4096).result == .success { count += 1 }
        #expect(count == 1024)
    }

    @Test func wrongTypesAreRefused() {
        for command: UInt32 in [2, 3, 8, 9] {
            #expect(session.invoke(command).result == .badParameters)
            #expect(session.invoke(command, [.valueOut, .valueOut, .valueOut, .valueOut]).result == .badParameters)
        }
    }
}
