import ConfidentialABI
import GuestHost
import LibraryOS
import Testing

@testable import Confidential

/// A host that lies in proxy mode within what the ring allows: what no call can give is a violation, after which nothing is asked any more.
@Suite struct HostileProxyTests {
    /// A lie about a function, and what it is.
    struct Lie: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let function: ProxyFunction
        let violation: RingViolation
        let spoil: @Sendable (inout ProxyBed.Response) -> Void

        init(_ name: String, _ function: ProxyFunction, _ violation: RingViolation, _ spoil: @escaping @Sendable (inout ProxyBed.Response) -> Void) {
            (testDescription, self.function, self.violation, self.spoil) = ("\(function) \(name)", function, violation, spoil)
        }

        /// Another error number, as an honest host reports errors.
        static func error(_ function: ProxyFunction, _ code: UInt64, _ violation: RingViolation = .answer) -> Lie {
            Lie("error \(code)", function, violation) { ($0.results, $0.payload) = ([code, 0, 0, 0], []) }
        }
        /// Another number of 8 bytes in the payload.
        static func number(_ function: ProxyFunction, _ index: Int, _ number: UInt64) -> Lie {
            Lie("number \(index) is \(number)", function, .answer) { $0.payload.store(number, at: 8 * index) }
        }
        static func payload(_ function: ProxyFunction, _ name: String, _ payload: [UInt8]) -> Lie { Lie(name, function, .answer) { $0.payload = payload } }
    }

    static let errors: [Lie] =
        ProxyFunction.allCases.flatMap { function -> [Lie] in
            [4096, 1 << 32 + 2, .max].map { .error(function, $0, .result) } + [4, 9, 38 + 100, 512, 4095].map { .error(function, $0) }
        } + ProxyFunction.allCases.filter { $0 != .readCached }.map { .error($0, 11) } + [.error(.close, 5), .error(.read, 2), .error(.attributes, 2), .error(.write, 2)]

    static let frames: [Lie] =
        ProxyFunction.allCases.flatMap { function -> [Lie] in
            [
                Lie("status would block", function, .status) { $0.status = skerry_ring_would_block.rawValue },
                Lie("status refused", function, .status) { ($0.status, $0.payload) = (skerry_ring_refused.rawValue, []) },
                Lie("status failed", function, .status) { ($0.status, $0.payload) = (skerry_ring_failed.rawValue, []) },
                Lie("a third result", function, .result) { $0.results[2] = 1 }, Lie("a fourth result", function, .result) { $0.results[3] = 1 },
                Lie("an error with a number", function, .result) { ($0.results, $0.payload) = ([5, 1, 0, 0], []) },
                Lie("too long", function, .length) { $0.length = 65537 },
            ] + (function.givesNumber ? [] : [Lie("a number", function, .result) { $0.results[1] = 1 }])
        } + [Lie("an error with bytes", .read, .result) { $0.results[0] = 5 }, Lie("bytes", .setMode, .length) { $0.payload = [1] }]

    static let numbers: [Lie] = [
        Lie("none", .write, .result) { $0.results[1] = 0 }, Lie("more", .write, .result) { $0.results[1] += 1 }, Lie("before", .seek, .result) { $0.results[1] = 0 },
        Lie("negative", .seek, .result) { $0.results[1] = 1 << 63 },
    ]

    static let attributes: [Lie] = [
        .number(.attributes, 2, 0o000644), .number(.attributes, 2, 0o030644), .number(.attributes, 2, 0o200644), .number(.attributes, 2, 1 << 32 + 0o100644),
        .number(.attributes, 3, 1 << 32), .number(.attributes, 4, 1 << 32), .number(.attributes, 5, 1 << 32), .number(.attributes, 7, 1 << 63), .number(.attributes, 7, 1 << 61),
        .number(.attributes, 8, 0), .number(.attributes, 8, 1 << 31), .number(.attributes, 9, 1 << 63), .number(.attributes, 9, 1 << 61), .number(.attributes, 13, 2),
        .number(.attributes, 2, 0o040755), Lie("birth without", .attributes, .answer) { ($0.payload[104], $0.payload[112]) = (0, 1) },
        Lie("short", .attributes, .answer) { $0.payload.removeLast() }, Lie("none", .attributes, .answer) { $0.payload = [] },
    ]

    static let statistics: [Lie] = [
        .number(.statistics, 1, 0), .number(.statistics, 1, 1 << 31), .number(.statistics, 2, 1 << 53), .number(.statistics, 3, 1 << 40), .number(.statistics, 4, 1 << 40),
        .number(.statistics, 5, 1 << 53), .number(.statistics, 6, 1 << 51), .number(.statistics, 8, 0), .number(.statistics, 8, 256),
        Lie("short", .statistics, .answer) { $0.payload.removeLast() },
    ]

    private static func names(_ names: [UInt8]...) -> [UInt8] { names.flatMap { [UInt8($0.count), 0] + $0 } }
    private static func entry(_ name: [UInt8], type: UInt8 = 8, offset: UInt64 = 3) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 18)
        bytes.store(offset, at: 8)
        (bytes[16], bytes[17]) = (type, UInt8(name.count))
        return bytes + name
    }

    static let strings: [Lie] = [
        .payload(.readLink, "empty", []), .payload(.readLink, "a zero", [0x61, 0]), .payload(.components, "a slash", names([0x61, 0x2f])),
        .payload(.components, "up", names([0x2e, 0x2e])),
        .payload(.components, "self", names([0x2e])), .payload(.components, "a zero", names([0x61], [0])), .payload(.components, "an empty one", names([])),
        .payload(.components, "cut", names([0x61]) + [2, 0, 0x61]), .payload(.components, "half a length", names([0x61]) + [1]),
        .payload(.components, "too long", [0, 1] + [UInt8](repeating: 0x61, count: 256)), .payload(.extendedAttributeNames, "a zero", names([0])),
        .payload(.extendedAttributeNames, "an empty one", names([])), .payload(.extendedAttributeNames, "cut", [9, 0, 0x61]),
        .payload(.readDirectory, "a slash", entry([0x61, 0x2f, 0x62])), .payload(.readDirectory, "a zero", entry([0x61, 0])), .payload(.readDirectory, "no name", entry([])),
        .payload(.readDirectory, "a type", entry([0x61], type: 3)), .payload(.readDirectory, "negative", entry([0x61], offset: 1 << 63)),
        .payload(.readDirectory, "cut", entry([0x61]) + entry([0x61, 0x62]).dropLast()), .payload(.readDirectory, "half a head", entry([0x61]) + [1, 2, 3]),
    ]

    /// Uses one function, all of whose arguments are right.
    private func use(_ function: ProxyFunction, _ bed: ProxyBed, _ file: HostFile, _ link: HostFile, _ folder: HostFile) throws {
        let (host, root, name) = (bed.host, bed.root, Array("name".utf8))
        switch function {
        case .open: _ = try host.open("file", in: root)
        case .reopen: _ = try host.reopen(file, flags: 0)
        case .close: _ = try host.open("file", in: root)
        case .attributes:
            _ = try host.attributes(of: file)
        case .readLink: _ = try host.readLink(link)
        case .components: _ = try host.components(of: file, below: root)
        case .readDirectory: _ = try host.readDirectory(folder, from: 0)
        case .read: _ = try host.read(file, 100)
        case .readCached:
            var bytes = [UInt8](repeating: 0, count: 10)
            _ = try bytes.withUnsafeMutableBytes { try host.readCached(file, into: [$0], at: 0) }
        case .write: _ = try host.write([1, 2, 3], to: file)
        case .makeDirectory: try host.makeDirectory(in: root, name, mode: 0o755)
        case .makeNode: try host.makeNode(in: root, name, mode: 0o010644)
        case .makeSymbolicLink: try host.makeSymbolicLink(in: root, name, target: name)
        case .makeLink: try host.makeLink(to: file, in: root, name)
        case .unlink: try host.unlink(in: root, Array("file".utf8), directory: false)
        case .rename: try host.rename(from: root, Array("file".utf8), to: root, name, flags: 0)
        case .setMode: try host.setMode(file, 0o600)
        case .setOwner: try host.setOwner(file, user: 0, group: 0)
        case .setTimes: try host.setTimes(file, access: 1, modification: 2)
        case .truncate: try host.truncate(file, to: 5)
        case .allocate: try host.allocate(file, mode: 0, offset: 0, length: 1)
        case .sync: try host.sync(file, dataOnly: false)
        case .seek: _ = try host.seek(file, offset: 5, whence: 4)
        case .statistics: _ = try host.fileSystemStatistics(file)
        case .extendedAttribute: _ = try host.extendedAttribute(file, Array("user.x".utf8))
        case .extendedAttributeNames: _ = try host.extendedAttributeNames(file)
        case .setExtendedAttribute: try host.setExtendedAttribute(file, Array("user.y".utf8), [1], flags: 0)
        case .removeExtendedAttribute: try host.removeExtendedAttribute(file, Array("user.x".utf8))
        }
    }

    /// What the guest complains of when the host tells it a lie; nil: the truth.
    private func violations(_ function: ProxyFunction, _ lie: Lie?) throws -> [RingViolation] {
        let bed = try ProxyBed()
        let file = try bed.host.make("file", in: bed.root, Array("content".utf8))
        try bed.host.setExtendedAttribute(file, Array("user.x".utf8), [1, 2], flags: 0)
        try bed.host.makeSymbolicLink(in: bed.root, Array("link".utf8), target: [0x61])
        let (link, folder) = (try bed.host.open("link", in: bed.root), try bed.host.reopen(bed.root, flags: OpenFlags.directory.hostBits))
        // Its kind is known from here on.
        _ = try bed.host.attributes(of: file)
        if let lie { bed.spoil(function, lie.spoil) }
        let failure = errno { try use(function, bed, file, link, folder) }
        #expect(!bed.transport.readTwice)
        if bed.transport.violations.isEmpty {
            #expect(failure == nil)
        } else {
            #expect(failure == .EIO || function == .close)
            let exchanges = bed.transport.exchanges
            #expect(errno { _ = try bed.host.attributes(of: bed.root) } == .EIO)
            #expect(bed.transport.exchanges == exchanges, "a dead ring asks nothing any more")
        }
        return bed.transport.violations
    }

    @Test(arguments: ProxyFunction.allCases) func anHonestHostViolatesNothing(function: ProxyFunction) throws { #expect(try violations(function, nil) == []) }
    @Test(arguments: errors) func errorsThatCannotBeAreViolations(lie: Lie) throws { #expect(try violations(lie.function, lie) == [lie.violation]) }
    @Test(arguments: frames) func answersOfAnotherShapeAreViolations(lie: Lie) throws { #expect(try violations(lie.function, lie) == [lie.violation]) }
    @Test(arguments: numbers + attributes + statistics + strings) func contentThatCannotBeIsAViolation(lie: Lie) throws {
        #expect(try violations(lie.function, lie) == [lie.violation])
    }

    /// The first answer settles which kind a file is of, but not that it is of one that there is.
    @Test(arguments: [0, 0o030000, 0o160000] as [UInt64]) func aFirstAnswerThatNamesNoKindIsAViolation(kind: UInt64) throws {
        let bed = try ProxyBed()
        _ = try bed.host.make("file", in: bed.root, [1])
        let file = try bed.host.open("file", in: bed.root)
        let lie = Lie.number(.attributes, 2, kind | 0o644)
        bed.spoil(.attributes, lie.spoil)
        #expect(errno { _ = try bed.host.attributes(of: file) } == .EIO)
        #expect(bed.transport.violations == [lie.violation])
    }

    /// Nothing behind what was asked for is written, however much the host gives.
    @Test func bytesBehindTheLengthStayWhatTheyWere() throws {
        let bed = try ProxyBed()
        let file = try bed.host.make("file", in: bed.root, [UInt8](repeating: 1, count: 100))
        bed.spoil(.read) { response in
            response.payload = [UInt8](repeating: 2, count: 200)
            response.length = 10
        }
        var bytes = [UInt8](repeating: 0xA5, count: 64)
        let moved = try bytes.withUnsafeMutableBytes { try bed.host.read(file, into: [UnsafeMutableRawBufferPointer(rebasing: $0[16..<48])], at: 0) }
        #expect(moved == 10 && bytes == [UInt8](repeating: 0xA5, count: 16) + [UInt8](repeating: 2, count: 10) + [UInt8](repeating: 0xA5, count: 38))
    }
}
