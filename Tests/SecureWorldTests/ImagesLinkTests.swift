import Foundation
import Glibc
import Testing
@testable import SecureWorld

/// Images at their places: the processor and the system's own loader say whether relocations are right.
@Suite struct ImagesLinkTests {
    private func programs() throws -> ImagesPrograms { try ImagesPrograms.built.get() }

    /// Memory of this process with the images of a map in it.
    private final class Mapping {
        let map: TALinkMap
        private let start: UnsafeMutableRawPointer
        private let size: Int

        init(_ images: [(TAImage, TEEUUID)]) throws {
            size = images.reduce(0) { $0 + Int($1.0.memorySize) + 4096 }
            let start = try #require(mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
            try #require(start != MAP_FAILED)
            self.start = start
            var map = TALinkMap()
            var base = UInt64(UInt(bitPattern: start))
            for (image, uuid) in images {
                try map.add(image, uuid: uuid, at: base)
                base += image.memorySize + 4096
            }
            self.map = map
            for index in map.images.indices {
                for segment in try map.segments(of: index) {
                    let memory = try #require(UnsafeMutableRawPointer(bitPattern: UInt(segment.address)))
                    segment.bytes.withUnsafeBytes { memory.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(start), byteCount: $0.count) }
                    let protection = PROT_READ | (segment.protection.contains(.write) ? PROT_WRITE : 0) | (segment.protection.contains(.execute) ? PROT_EXEC : 0)
                    try #require(mprotect(memory, Int(segment.memorySize), protection) == 0)
                }
            }
        }

        deinit { munmap(start, size) }

        func enter(_ what: UInt) throws -> Int {
            let entry = try #require(map.images[0].entry)
            let function = unsafeBitCast(UInt(entry), to: (@convention(c) (UInt) -> Int).self)
            return function(what)
        }
    }

    private func linked() throws -> Mapping {
        let programs = try programs()
        return try Mapping([
            (TAImage(parsing: programs.application), ImagesSupport.helloWorld), (TAImage(parsing: programs.library), ImagesPrograms.libraryUUID),
        ])
    }

    @Test func relocatedApplicationRuns() throws {
        let mapping = try linked()
        let answers: [(UInt, Int, Comment)] = [
            (0, 12, "a table of functions"), (1, 40, "a pointer to own data"), (2, 23, "a call of the library"), (3, 34, "a pointer to a function of the library"),
            (4, 123, "a variable of the library"), (5, 1, "an address with addend"), (6, 42, "a call back"), (7, 0, "a weak symbol that no image has"),
            (8, 1, "one variable has one address"), (11, 3, "zeroed memory"),
        ]
        for (question, answer, what) in answers { #expect(try mapping.enter(question) == answer, what) }
        #expect(try mapping.enter(12) == Int(mapping.map.address(of: "__elf_phdr_info".utf8)))
    }

    @Test func applicationWithoutLibrariesRunsAtAnyBase() throws {
        let image = try TAImage(parsing: programs().alone)
        for _ in 0..<3 { #expect(try Mapping([(image, ImagesSupport.helloWorld)]).enter(37) == 42) }
    }

    @Test func threadOffsetsAreThoseOfTheLinkerAndTheABI() throws {
        let mapping = try linked()
        let (application, library) = (mapping.map.images[0], mapping.map.images[1])
        #expect(application.threadLocalModule == 1)
        #expect(library.threadLocalModule == 2)
        // ld computed the first one itself: thread_value is the first variable of the application's block.
        #expect(try mapping.enter(9) == -Int(application.threadLocalOffset))
        #expect(library.threadLocalOffset % 64 == 0)
        let symbol = try #require(library.image.symbols.definition("library_thread_value".utf8))
        #expect(try mapping.enter(10) == Int(symbol.value) - Int(library.threadLocalOffset))
        // The block of the library ends below that of the application.
        let size = try #require(library.image.threadLocal?.memorySize)
        #expect(library.threadLocalOffset >= application.threadLocalOffset + size)
        #expect(library.threadLocalOffset < application.threadLocalOffset + size + 64)
    }

    @Test func moduleNumbersAndOffsetsAreWritten() throws {
        let map = try linked().map
        let image = map.images[1].image
        let segments = try map.segments(of: 1)
        let (module, offset) = (try #require(image.relocations.first { $0.kind == .module }), image.relocations.first { $0.kind == .moduleOffset })
        #expect(ImageReader(bytes: segments[module.region].bytes).u64(module.offset) == 2)
        let symbol = try #require(image.symbols.definition("library_thread_value".utf8))
        if let offset { #expect(ImageReader(bytes: segments[offset.region].bytes).u64(offset.offset) == symbol.value) }
    }

    @Test func wordsAreThoseThatTheSystemLoaderWrites() throws {
        let programs = try programs()
        let folder = try ImagesFolder()
        try folder.write("plain.so", programs.plain)
        let handle = try #require(dlopen(folder.path + "/plain.so", RTLD_NOW | RTLD_LOCAL))
        defer { dlclose(handle) }
        let image = try TAImage(parsing: programs.plain, as: .library)
        let number = try #require(image.symbols.definition("number".utf8))
        let base = UInt64(UInt(bitPattern: dlsym(handle, "number"))) - number.value
        var map = TALinkMap()
        try map.add(image, uuid: .null, at: base)
        let segments = try map.segments(of: 0)
        #expect(try image.place(at: base) == segments)
        for (name, count) in [("pointers", 6), ("more", 2)] {
            let address = try map.address(of: name.utf8)
            let theirs: UnsafeMutableRawPointer = try #require(dlsym(handle, name))
            #expect(address == UInt64(UInt(bitPattern: theirs)))
            let segment = try #require(segments.first { $0.address <= address && address < $0.address + UInt64($0.bytes.count) })
            for index in 0..<count {
                let own = ImageReader(bytes: segment.bytes).u64(Int(address - segment.address) + index * 8)
                #expect(own == theirs.load(fromByteOffset: index * 8, as: UInt64.self), "\(name)[\(index)]")
            }
        }
    }

    @Test func packedRelocationsAreApplied() throws {
        let source = "static int value = 5; int *many[200]; int *some[] = { &value, 0, &value, &value }; int *get(void) { return some[2]; }"
        let bytes = try ImagesPrograms.build(source, ["-Wl,-z,pack-relative-relocs", "-Wl,--hash-style=gnu"], shared: true)
        let plain = try ImagesPrograms.build(source, ["-Wl,--hash-style=gnu"], shared: true)
        let (packed, unpacked) = (try TAImage(parsing: bytes), try TAImage(parsing: plain))
        func words(_ image: TAImage) throws -> [UInt64?] {
            let address = try #require(image.symbols.definition("some".utf8)).value + 0x10000
            let segment = try #require(try image.place(at: 0x10000).first { $0.address <= address && address < $0.address + UInt64($0.bytes.count) })
            let words = (0..<4).map { ImageReader(bytes: segment.bytes).u64(Int(address - segment.address) + $0 * 8).map { $0 == 0 ? 0 : $0 &- address } }
            return words
        }
        #expect(packed.relocations.filter { $0.kind == .relative }.count == unpacked.relocations.filter { $0.kind == .relative }.count)
        #expect(try words(packed) == words(unpacked))
    }

    @Test func missingLibrariesAreNamedInOrder() throws {
        let programs = try programs()
        var map = TALinkMap()
        #expect(map.missing == nil)
        try map.add(TAImage(parsing: programs.application), uuid: ImagesSupport.helloWorld, at: 0x10_0000)
        #expect(map.missing == ImagesPrograms.libraryUUID)
        let failure = ImagesSupport.failure { () throws(TAFileError) in _ = try map.segments(of: 0) }
        #expect(failure?.result == .itemNotFound)
        #expect(failure?.message.contains("library_") == true)
        try map.add(TAImage(parsing: programs.library), uuid: ImagesPrograms.libraryUUID, at: 0x100_0000)
        #expect(map.missing == nil)
        #expect(try map.segments(of: 0).count == 2)
    }

    @Test func placingOneImageNeedsTheBasesOfTheOthers() throws {
        let programs = try programs()
        let (application, library) = (try TAImage(parsing: programs.application), try TAImage(parsing: programs.library))
        var map = TALinkMap()
        try map.add(application, uuid: ImagesSupport.helloWorld, at: 0x10_0000)
        try map.add(library, uuid: ImagesPrograms.libraryUUID, at: 0x100_0000)
        #expect(try application.place(at: 0x10_0000, others: [map.images[1]]) == map.segments(of: 0))
        #expect(try library.place(at: 0x100_0000, others: [map.images[0]]) == map.segments(of: 1))
    }

    @Test func badBasesAreRefused() throws {
        let image = try TAImage(parsing: programs().alone)
        var map = TALinkMap()
        func result(_ base: UInt64, _ uuid: TEEUUID) -> TEEResult? { ImagesSupport.failure { () throws(TAFileError) in try map.add(image, uuid: uuid, at: base) }?.result }
        for base: UInt64 in [1, 0x800, TALinkMap.addressLimit, TALinkMap.addressLimit - 4096, .max & ~4095, 1 << 63] { #expect(result(base, .null) == .badParameters) }
        #expect(result(0x1000, .null) == nil)
        #expect(result(0x10_0000, .null) == .accessConflict)
        #expect(result(0x1000 + image.memorySize - 4096, ImagesSupport.helloWorld) == .badParameters)
        #expect(result(0x1000 + image.memorySize, ImagesSupport.helloWorld) == nil)
    }

    @Test func symbolsAreLookedUpAsDlsymDoes() throws {
        let map = try linked().map
        let value = try map.address(of: "library_value".utf8, in: ImagesPrograms.libraryUUID)
        #expect(try map.address(of: "library_value".utf8) == value)
        // What the image itself does not have, the others may.
        #expect(try map.address(of: "library_value".utf8, in: ImagesSupport.helloWorld) == value)
        #expect(map.images[1].range.contains(value))
        for (name, uuid) in [("nothing", TEEUUID?.none), ("absent", nil), ("", nil), ("library_value", .null)] {
            #expect(ImagesSupport.failure { () throws(TAFileError) in _ = try map.address(of: name.utf8, in: uuid) }?.result == .itemNotFound, "\(name)")
        }
    }

    @Test func programHeaderInformationIsWhatDlIteratePhdrReads() throws {
        let map = try linked().map
        let address: UInt64 = 0x7000_0000
        let information = try #require(try TAProgramHeaderInformation(map, at: address))
        #expect(information.bytes.count == TAProgramHeaderInformation.size(map))
        #expect(information.variable == (try map.address(of: "__elf_phdr_info".utf8)))
        let value = ImageReader(bytes: information.value)
        #expect(value.bytes.count == 16)
        #expect(value.u32(0) == 0)
        #expect(value.u16(4) == 2)
        #expect(value.u64(8) == address)
        let table = ImageReader(bytes: information.bytes)
        for (index, loaded) in map.images.enumerated() {
            let entry = index * 64
            #expect(table.u64(entry) == loaded.base)
            let headers = Int(try #require(table.u64(entry + 16)) - address)
            let count = Int(try #require(table.u16(entry + 24)))
            #expect(Array(try #require(table.slice(headers, count * 56))) == loaded.image.programHeaders)
            let name = Int(try #require(table.u64(entry + 8)) - address)
            #expect(String(decoding: table.bytes[name...].prefix { $0 != 0 }, as: UTF8.self) == loaded.image.name ?? "")
            #expect(table.u64(entry + 32) == 1)
            #expect(table.u64(entry + 40) == 0)
            #expect(table.u64(entry + 48) == UInt64(index + 1))
        }
        #expect(try TAProgramHeaderInformation(TALinkMap(), at: address) == nil)
        #expect(ImagesSupport.failure { () throws(TAFileError) in _ = try TAProgramHeaderInformation(map, at: 4) }?.result == .badParameters)
    }
}
