import Foundation
import Testing
@testable import SecureWorld

/// What a load plan says of files that gcc and ld made, and which files are refused.
@Suite struct ImagesELFTests {
    private func programs() throws -> ImagesPrograms { try ImagesPrograms.built.get() }

    private func failure(_ bytes: [UInt8], as role: TAImage.Role? = nil, expecting uuid: TEEUUID? = nil) -> TAFileError? {
        ImagesSupport.failure { () throws(TAFileError) in _ = try TAImage(parsing: bytes, as: role, expecting: uuid) }
    }

    /// The columns that readelf prints.
    private func readelf(_ bytes: [UInt8], _ option: String) throws -> [[String]] {
        let folder = try ImagesFolder()
        try folder.write("file", bytes)
        return try ImagesSupport.run(["readelf", "-W", option, "file"], in: folder.path).split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }

    @Test func headIsRead() throws {
        let image = try TAImage(parsing: programs().application, as: .application, expecting: ImagesSupport.helloWorld)
        #expect(image.role == .application)
        #expect(image.head?.uuid == ImagesSupport.helloWorld)
        #expect(image.head?.stackSize == 6152)
        #expect(image.head?.flags == [.singleInstance, .deviceEnumerationWithStorage, .keepCrashed])
    }

    @Test(arguments: [ImagesPrograms.Program.application, .alone, .library]) func segmentsAreThoseThatReadelfPrints(_ program: ImagesPrograms.Program) throws {
        let bytes = try programs()[program]
        let image = try TAImage(parsing: bytes)
        let lines = try readelf(bytes, "-l").filter { $0.first == "LOAD" && $0[5] != "0x000000" }
        #expect(image.regions.count == lines.count)
        for (region, line) in zip(image.regions, lines) {
            func number(_ index: Int) throws -> UInt64 { try #require(UInt64(line[index].dropFirst(2), radix: 16)) }
            let (address, fileSize, memorySize) = (try number(2), try number(4), try number(5))
            let flags = line[6..<(line.count - 1)].joined()
            #expect(region.address == address & ~4095)
            #expect(region.fileSize == address - region.address + fileSize)
            #expect(region.memorySize == (address + memorySize + 4095) / 4096 * 4096 - region.address)
            #expect(region.protection.contains(.write) == flags.contains("W"))
            #expect(region.protection.contains(.execute) == flags.contains("E"))
            #expect(region.protection.contains(.read))
        }
        #expect(image.memorySize % 4096 == 0)
    }

    @Test(arguments: ImagesPrograms.Program.allCases) func relocationsOfAllSectionsAreFound(_ program: ImagesPrograms.Program) throws {
        let bytes = try programs()[program]
        let image = try TAImage(parsing: bytes)
        let types: [String: TARelocation.Kind] = [
            "R_X86_64_RELATIVE": .relative, "R_X86_64_64": .address, "R_X86_64_GLOB_DAT": .slot, "R_X86_64_JUMP_SLOT": .slot, "R_X86_64_DTPMOD64": .module,
            "R_X86_64_DTPOFF64": .moduleOffset, "R_X86_64_TPOFF64": .threadOffset,
        ]
        let lines = try readelf(bytes, "-r").filter { $0.count > 2 && $0[2].hasPrefix("R_X86_64") }
        let expected = Set(try lines.map { line in "\(try #require(UInt64(line[0], radix: 16))) \(try #require(types[line[2]]))" })
        let found = Set(image.relocations.map { "\(image.regions[$0.region].address + UInt64($0.offset)) \($0.kind)" })
        #expect(found == expected)
        #expect(image.relocations.count == lines.count)
    }

    @Test func relocationSectionsOfAnApplicationAreApart() throws {
        // The trap of the TA linker script: what DT_RELA and DT_RELASZ say does not cover them.
        let sections = try readelf(programs().application, "-S").filter { $0.contains("RELA") }
        #expect(sections.count >= 2)
    }

    @Test func dependenciesAndNamesAreUUIDs() throws {
        let programs = try programs()
        #expect(try TAImage(parsing: programs.application).needed == [ImagesPrograms.libraryUUID])
        #expect(try TAImage(parsing: programs.alone).needed.isEmpty)
        let library = try TAImage(parsing: programs.library, as: .library)
        #expect(library.name == "\(ImagesPrograms.libraryUUID)")
        #expect(library.head == nil)
        #expect(library.entry == nil)
    }

    @Test func exportedSymbolsAreThoseOfTheDynamicList() throws {
        let image = try TAImage(parsing: programs().application)
        #expect(image.symbols.names.contains(TAProgramHeaderInformation.symbol))
        #expect(image.symbols.names.contains("application_double"))
        #expect(!image.symbols.names.contains("__ta_entry"))
        #expect(!image.symbols.names.contains("absent"))
    }

    @Test func threadLocalStorageIsFound() throws {
        let image = try TAImage(parsing: programs().library)
        #expect(image.threadLocal?.alignment == 64)
        #expect((image.threadLocal?.memorySize ?? 0) >= 104)
        // An empty one counts: run-time libraries look for its number.
        #expect(try TAImage(parsing: programs().alone).threadLocal?.memorySize == 0)
        #expect(try TAImage(parsing: programs().plain).threadLocal == nil)
    }

    @Test func applicationAndLibraryAreNotTakenForEachOther() throws {
        #expect(try failure(programs().library, as: .application)?.result == .badFormat)
        #expect(try failure(programs().alone, as: .library)?.result == .badFormat)
        #expect(try failure(programs().alone, expecting: ImagesPrograms.libraryUUID)?.result == .security)
    }

    @Test func programsForLinuxAreRefused() throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "/proc/self/exe")).prefix(TAFile.maximumSize))
        #expect(failure(bytes)?.result == .badFormat)
        let library = try ImagesPrograms.build("extern int puts(const char *); int f(void) { return puts(\"\"); }", ["-Wl,--no-as-needed", "-lc"], shared: true)
        let refusal = failure(library)
        #expect(refusal?.result == .badFormat)
        #expect(refusal?.message.contains("libc.so.6") == true)
    }

    @Test func filesForOtherProcessorsAreRefused() throws {
        var bytes = try programs().alone
        bytes[18] = 183
        #expect(failure(bytes)?.message.contains("build it for x86-64") == true)
        bytes[4] = 1
        #expect(failure(bytes)?.result == .badFormat)
    }

    @Test func headsThatOPTEERefusesAreRefused() throws {
        let bytes = try programs().alone
        let head = try #require(Data(bytes).range(of: Data([0x00, 0xf2, 0xaa, 0x8a]))?.lowerBound)
        func changed(_ offset: Int, _ value: [UInt8]) -> TAFileError? {
            var copy = bytes
            copy.replaceSubrange((head + offset)..<(head + offset + value.count), with: value)
            return failure(copy)
        }
        #expect(changed(16, [0, 0x10, 0, 0]) == nil)
        #expect(changed(16, [0, 0, 0, 0])?.result == .badFormat)
        #expect(changed(16, [0, 0, 0, 0x80])?.result == .outOfMemory)
        // Bits 0, 1 and 6 once meant something; bit 14 never did.
        #expect(changed(20, [0x43, 0, 0, 0]) == nil)
        #expect(changed(20, [0x04, 0x40, 0, 0])?.result == .badFormat)
        #expect(changed(20, [0x04, 0, 0, 0x80])?.message.contains("0x80000000") == true)
        #expect(changed(24, [0x20, 0, 0, 0, 0, 0, 0, 0])?.result == .badFormat)
    }

    @Test func memoryThatIsWrittenAndExecutedIsRefused() throws {
        let script = ImagesPrograms.linkerScript.replacingOccurrences(of: "FLAGS(6)", with: "FLAGS(7)")
        let bytes = try ImagesPrograms.build(ImagesPrograms.head + "int v = 1; long __ta_entry(void) { return v; }", script: script)
        #expect(failure(bytes)?.message.contains("both written and executed") == true)
        // Code and data in one page come to the same.
        let joined = ImagesPrograms.linkerScript.replacingOccurrences(of: ". = ALIGN(4096);", with: "")
        let shared = try ImagesPrograms.build(ImagesPrograms.head + "int v = 1; long __ta_entry(void) { return v; }", ["-Wl,-z,noseparate-code"], script: joined)
        #expect(failure(shared)?.result == .badFormat)
    }

    @Test func filesWithoutSectionHeadersAreRefused() throws {
        var bytes = try programs().alone
        bytes.replaceSubrange(40..<48, with: [UInt8](repeating: 0, count: 8))
        #expect(failure(bytes)?.message.contains("sstrip") == true)
    }

    @Test func functionsChosenAtLoadTimeAreRefused() throws {
        let source = "static int f(void) { return 1; } static void *choose(void) { return f; } int g(void) __attribute__((ifunc(\"choose\"))); int h(void) { return g(); }"
        let image = try TAImage(parsing: ImagesPrograms.build(source, shared: true))
        #expect(ImagesSupport.failure { () throws(TAFileError) in _ = try image.place(at: 0x10000) }?.result == .notSupported)
    }

    @Test func relocationSectionsThatShareTheirBytesAreRefused() throws {
        let bytes = try programs().library
        let reader = ImageReader(bytes: bytes)
        let (start, count) = (Int(try #require(reader.u64(40))), Int(try #require(reader.u16(60))))
        let place = try #require((0..<count).map { start + $0 * 64 }.first { reader.u32($0 + 4) == 4 })
        // Many more headers of the same table, behind the file's end.
        let header = try #require(reader.slice(place, 64))
        var copy = bytes + bytes[start..<start + count * 64]
        for _ in 0..<5000 { copy += header }
        put(UInt64(bytes.count), 8, at: 40, &copy)
        put(UInt64(count + 5000), 2, at: 60, &copy)
        #expect(failure(copy)?.result == .badFormat || copy.count > 5000 * Int(reader.u64(place + 32) ?? 0))
        var wide = copy
        for index in 0..<5000 { put(UInt64(bytes.count), 8, at: copy.count - 64 * (index + 1) + 32, &wide) }
        #expect(failure(wide)?.result == .badFormat)
    }

    private func put(_ value: UInt64, _ count: Int, at place: Int, _ bytes: inout [UInt8]) {
        for index in 0..<count { bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(index * 8)) }
    }

    @Test func strippedFilesHaveTheSamePlan() throws {
        let folder = try ImagesFolder()
        let bytes = try programs().application
        try folder.write("file", bytes)
        try ImagesSupport.run(["strip", "file"], in: folder.path)
        let (whole, stripped) = (try TAImage(parsing: bytes), try TAImage(parsing: folder.read("file")))
        #expect(whole.relocations.count == stripped.relocations.count)
        #expect(whole.symbols.names.sorted() == stripped.symbols.names.sorted())
        #expect(whole.memorySize == stripped.memorySize)
        #expect(whole.regions == stripped.regions)
    }

    @Test func reportDescribesTheImage() throws {
        let file = try TAFile.signed(programs().application, uuid: ImagesSupport.helloWorld, version: 2, by: TAFile.Signer(ImagesSupport.root()))
        let report = TAFileReport(file, keys: TAKeys(signingKey: try ImagesSupport.root()))
        #expect(report.error == nil)
        for line in [
            "  stack_size: 6152 bytes", "  flags:      0x3004 (SINGLE_INSTANCE, DEVICE_ENUM_TEE_STORAGE_PRIVATE, INSTANCE_KEEP_CRASHED)",
            "  needs \(ImagesPrograms.libraryUUID)", "Valid: signed by the configured key (RSA-1024)",
        ] { #expect(report.description.contains(line)) }
    }
}
