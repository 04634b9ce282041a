import CElf
import Glibc
import Testing

@testable import LibraryOS

@Suite("ELF files are read as libelf reads them, and malformed ones are refused")
struct ExecutableImageTests {
    private static func content(_ path: String) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = read(file, &part, part.count), count > 0 { bytes += part[..<count] }
        return bytes
    }

    private static func image(_ bytes: [UInt8]) throws(Errno) -> ExecutableImage {
        try ExecutableImage { offset, count throws(Errno) in
            guard offset < UInt64(bytes.count) else { return [] }
            let start = Int(offset)
            return Array(bytes[start..<start + min(count, bytes.count - start)])
        }
    }

    /// The program headers as libelf sees them.
    private static func headers(_ bytes: inout [UInt8]) -> [GElf_Phdr]? {
        _ = elf_version(UInt32(EV_CURRENT))
        return bytes.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress, let elf = elf_memory(start.assumingMemoryBound(to: CChar.self), buffer.count) else { return nil }
            defer { elf_end(elf) }
            var count = 0
            guard elf_getphdrnum(elf, &count) == 0 else { return nil }
            return (0..<count).compactMap { index in
                var header = GElf_Phdr()
                return gelf_getphdr(elf, Int32(index), &header) == nil ? nil : header
            }
        }
    }

    private static func expectAgreement(_ image: ExecutableImage, _ headers: [GElf_Phdr]) {
        let loads = headers.filter { $0.p_type == 1 && $0.p_memsz > 0 }
        #expect(image.segments.map(\.offset) == loads.map(\.p_offset))
        #expect(image.segments.map(\.address) == loads.map(\.p_vaddr))
        #expect(image.segments.map(\.fileSize) == loads.map(\.p_filesz))
        #expect(image.segments.map(\.memorySize) == loads.map(\.p_memsz))
        for (segment, load) in zip(image.segments, loads) {
            #expect(segment.protection.contains(.read) == (load.p_flags & 4 != 0))
            #expect(segment.protection.contains(.write) == (load.p_flags & 2 != 0))
            #expect(segment.protection.contains(.execute) == (load.p_flags & 1 != 0))
        }
        #expect((image.interpreter != nil) == headers.contains { $0.p_type == 3 })
    }

    @Test(arguments: ["/bin/true", "/bin/bash", "/lib64/ld-linux-x86-64.so.2", "/usr/bin/perl"])
    func segmentsAreThoseOfLibelf(path: String) throws {
        var bytes = Self.content(path)
        let image = try Self.image(bytes)
        let headers = try #require(Self.headers(&bytes))
        Self.expectAgreement(image, headers)
        #expect(image.programHeaderCount == headers.count)
        #expect(image.isPositionIndependent)
    }

    @Test func theInterpreterIsTheOneInTheFile() throws {
        #expect(try Self.image(Self.content("/bin/true")).interpreter == Array("/lib64/ld-linux-x86-64.so.2".utf8))
        #expect(try Self.image(Self.content("/lib64/ld-linux-x86-64.so.2")).interpreter == nil)
    }

    /// Mutations fall on the ELF header and the program headers, where they matter. Whatever is accepted must be what libelf reads, and within bounds.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func randomMutationsNeverTrap(seed: UInt64) throws {
        let original = Self.content("/bin/true")
        try #require(original.count > 1024)
        var generator = SplitMix(seed: seed)
        var accepted = 0
        let extremes: [UInt8] = [0, 1, 0x7f, 0x80, 0xff]
        for _ in 0..<4000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let at = Int.random(in: 0..<Int(64 + 56 * 13), using: &generator)
                let length = [1, 1, 2, 4, 8].randomElement(using: &generator) ?? 1
                let value = Bool.random(using: &generator) ? extremes.randomElement(using: &generator) : UInt8.random(in: 0...255, using: &generator)
                for index in at..<min(at + length, bytes.count) { bytes[index] = value ?? 0 }
            }
            if Int.random(in: 0..<8, using: &generator) == 0 { bytes.removeLast(Int.random(in: 0...bytes.count, using: &generator)) }
            do throws(Errno) {
                let image = try Self.image(bytes)
                accepted += 1
                #expect(!image.segments.isEmpty)
                #expect(image.span.start <= image.span.end && image.span.end <= GuestAddress.userEnd.value + 4095)
                #expect(image.segments.allSatisfy { $0.fileSize <= $0.memorySize && $0.offset & 4095 == $0.address & 4095 })
                if let headers = Self.headers(&bytes), headers.count == Int(image.programHeaderCount) { Self.expectAgreement(image, headers) }
            } catch {
                #expect(error == .ENOEXEC)
            }
        }
        #expect(accepted > 0 && accepted < 4000, "mutations of both sorts must occur")
    }

    @Test func aFileThatEndsAnywhereIsRefused() throws {
        let original = Self.content("/bin/true")
        for length in [0, 1, 4, 63, 64, 65, 64 + 55, 64 + 56, 500] {
            #expect(throws: Errno.ENOEXEC, "\(length) bytes") { try Self.image(Array(original.prefix(length))) }
        }
    }

    @Test func otherProcessorsAndFormatsAreRefused() {
        var bytes = Self.content("/bin/true")
        bytes[18] = 183  // EM_AARCH64
        #expect(throws: Errno.ENOEXEC) { try Self.image(bytes) }
        #expect(throws: Errno.ENOEXEC) { try Self.image(Array("#!/bin/sh\n".utf8) + [UInt8](repeating: 0, count: 100)) }
    }
}
