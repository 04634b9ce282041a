import Foundation
import GuestHost
import LibraryOS
import Testing

@testable import Confidential

/// What a guest in proxy mode, hostile as it may be, can reach of the monitor: what is mounted, as it is mounted.
@Suite struct ProxyConfinementTests {
    private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// A call as a guest writes it, whatever its own library OS would say to it.
    private func call(_ bed: ProxyBed, _ call: ProxyCall) -> ProxyService.Answer { bed.service.answer(call.encoded, capacity: 65536) }

    @Test(arguments: ProxyBed.Storage.allCases) func noNameLeadsOut(storage: ProxyBed.Storage) throws {
        let bed = try ProxyBed(storage)
        try bed.host.makeDirectory(in: bed.root, text("folder"), mode: 0o755)
        try bed.host.makeSymbolicLink(in: bed.root, text("away"), target: text("/etc"))
        try bed.host.makeSymbolicLink(in: bed.root, text("up"), target: text("../outside"))
        let folder = try bed.host.open("folder", in: bed.root)
        for path in ["..", "../outside/secret", "folder/../../outside", "/", "/etc/passwd"] {
            #expect(errno { _ = try bed.host.open(path, in: bed.root, []) } == .EXDEV, "\(path)")
        }
        #expect(errno { _ = try bed.host.open("../folder", in: folder, []) } == .EXDEV)
        for path in ["away/passwd", "up/secret", "away/", "up/"] { #expect(errno { _ = try bed.host.open(path, in: bed.root, []) } == .ELOOP, "\(path)") }
        for path in ["away", "up"] {
            for flags in [[], .writeOnly, [.create, .writeOnly]] as [OpenFlags] { #expect(errno { _ = try bed.host.open(path, in: bed.root, flags) } == .ELOOP) }
        }
        #expect(errno { _ = try bed.host.open("away/new", in: bed.root, [.create, .writeOnly]) } == .ELOOP)
    }

    @Test func whatTheLibraryOSMakesUpIsEmpty() throws {
        let bed = try ProxyBed()
        for path in ["proc/self", "proc/1/root", "proc/version", "proc/sys/kernel", "proc/self/fd/0"] {
            #expect([.ENOENT, .ELOOP].contains(errno { _ = try bed.host.open(path, in: bed.root) }), "\(path)")
        }
        #expect(errno { _ = try bed.host.open("proc", in: bed.root, .directory) } == .EACCES)
        #expect(errno { _ = try bed.host.open("proc/new", in: bed.root, [.create, .writeOnly]) } == .EACCES)
        #expect(errno { try bed.host.makeDirectory(in: try bed.host.open("proc", in: bed.root), self.text("x"), mode: 0o755) } == .EACCES)
        for device in ["dev/null", "dev/zero", "dev/random", "dev/tty", "dev/ptmx"] { #expect(errno { _ = try bed.host.open(device, in: bed.root, .readWrite) } == .EACCES) }
        try bed.host.makeNode(in: bed.root, text("fifo"), mode: 0o010644)
        try bed.host.makeNode(in: bed.root, text("socket"), mode: 0o140644)
        for name in ["fifo", "socket"] { #expect(errno { _ = try bed.host.open(name, in: bed.root, .readWrite) } == .ENXIO) }
        for mode in [0o020644, 0o060644, 0o100644, 0o040755, 0] as [UInt32] { #expect(errno { try bed.host.makeNode(in: bed.root, self.text("node"), mode: mode) } == .EPERM) }
    }

    @Test func whatIsMountedReadOnlyStaysAsItIs() throws {
        let bed = try ProxyBed()
        let (host, fixed) = (bed.host, try bed.host.open("fixed", in: bed.root))
        let (file, own) = (try host.open("file", in: fixed), try host.make("own", in: bed.root))
        let changes: [(String, () throws -> Void)] = [
            ("write", { _ = try host.open("file", in: fixed, .writeOnly) }), ("both", { _ = try host.reopen(file, flags: OpenFlags.readWrite.hostBits) }),
            ("truncate", { _ = try host.open("file", in: fixed, .truncate) }), ("create", { _ = try host.open("new", in: fixed, [.create, .writeOnly]) }),
            ("temporary", { _ = try host.open(".", in: fixed, [.temporaryBit, .directory, .readWrite]) }),
            ("directory", { try host.makeDirectory(in: fixed, self.text("new"), mode: 0o755) }), ("node", { try host.makeNode(in: fixed, self.text("new"), mode: 0o010644) }),
            ("symlink", { try host.makeSymbolicLink(in: fixed, self.text("new"), target: self.text("x")) }),
            ("link", { try host.makeLink(to: file, in: fixed, self.text("new")) }), ("unlink", { try host.unlink(in: fixed, self.text("file"), directory: false) }),
            ("rmdir", { try host.unlink(in: fixed, self.text("folder"), directory: true) }),
            ("rename", { try host.rename(from: fixed, self.text("file"), to: fixed, self.text("new"), flags: 0) }),
            ("away", { try host.rename(from: fixed, self.text("file"), to: bed.root, self.text("new"), flags: 0) }),
            ("mode", { try host.setMode(file, 0o777) }), ("owner", { try host.setOwner(file, user: 1, group: 1) }),
            ("times", { try host.setTimes(file, access: 0, modification: 0) }), ("set", { try host.setExtendedAttribute(file, self.text("user.x"), [1], flags: 0) }),
            ("remove", { try host.removeExtendedAttribute(file, self.text("user.x")) }),
        ]
        for (name, change) in changes { #expect(errno { try change() } == .EROFS, "\(name)") }
        #expect(errno { try host.makeLink(to: own, in: fixed, self.text("new")) } == .EROFS)
        #expect(errno { try host.rename(from: bed.root, self.text("own"), to: fixed, self.text("new"), flags: 0) } == .EROFS)
        #expect(errno { try host.makeLink(to: file, in: bed.root, self.text("new")) } == .EXDEV)
        #expect(Set(try host.names(fixed)) == [".", "..", "file", "folder"])
        #expect(try host.read(try host.open("file", in: fixed, []), 10) == text("fixed"))
        #expect(bed.transport.violations == [])
    }

    @Test func whatIsMountedOnKeepsItsName() throws {
        let bed = try ProxyBed()
        #expect(errno { try bed.host.unlink(in: bed.root, self.text("fixed"), directory: true) } == .EBUSY)
        #expect(errno { try bed.host.rename(from: bed.root, self.text("fixed"), to: bed.root, self.text("x"), flags: 0) } == .EBUSY)
        try bed.host.makeDirectory(in: bed.root, text("empty"), mode: 0o755)
        #expect(errno { try bed.host.rename(from: bed.root, self.text("empty"), to: bed.root, self.text("fixed"), flags: 0) } == .EBUSY)
    }

    @Test func malformedCallsAreRefused() throws {
        let bed = try ProxyBed(.folder)
        try Data("inside".utf8).write(to: bed.folder.appending(path: "file"))
        #expect(call(bed, ProxyCall(.open, 0, 1, 0, first: text("file"))).error == 0)
        let refused: [ProxyCall] = [
            ProxyCall(.open, 0, 1, 0, first: text("file")), ProxyCall(.open, 0, 0, 0, first: text("file")), ProxyCall(.open, 0, ProxyFunction.mostHandles, 0, first: text("file")),
            ProxyCall(.open, 9, 2, 0, first: text("file")), ProxyCall(.open, 0, 2, 3, first: text("file")), ProxyCall(.open, 0, 2, 1 << 31, first: text("file")),
            ProxyCall(.open, 0, 2, 1 << 32, first: text("file")), ProxyCall(.open, 0, 2, 0, 0o10000, first: text("file")), ProxyCall(.open, 0, 2, 0, first: []),
            ProxyCall(.open, 0, 2, 0, first: text("file\0x")), ProxyCall(.open, 0, 2, 0, first: [UInt8](repeating: 0x61, count: 4096)), ProxyCall(.close, 0), ProxyCall(.close, 5),
            ProxyCall(.read, 1, 1 << 63), ProxyCall(.read, 0, 0), ProxyCall(.readDirectory, 1, 0), ProxyCall(.readDirectory, 0, 1 << 63), ProxyCall(.seek, 1, 0, 0),
            ProxyCall(.seek, 1, 0, 1 << 32 + 3), ProxyCall(.write, 1, 0, first: []), ProxyCall(.write, 1, 0, first: [1]), ProxyCall(.setMode, 1, 1 << 12),
            ProxyCall(.setOwner, 1, 1 << 32, 0), ProxyCall(.setTimes, 1, 0, 0, 4), ProxyCall(.truncate, 1, 1 << 63), ProxyCall(.allocate, 1, 1 << 7, 0, 1),
            ProxyCall(.sync, 1, 2), ProxyCall(.unlink, 0, 2, first: text("file")), ProxyCall(.rename, 0, 0, 4, first: text("file"), second: text("x")),
        ]
        for call in refused { #expect(self.call(bed, call).error != 0, "\(call)") }
        let names: [[UInt8]] = [[], text("."), text(".."), text("a/b"), text("../outside/secret"), text("file\0"), [UInt8](repeating: 0x61, count: 256)]
        for name in names {
            let made: [ProxyCall] = [
                ProxyCall(.makeDirectory, 0, 0o755, first: name), ProxyCall(.makeNode, 0, 0o010644, first: name), ProxyCall(.makeSymbolicLink, 0, first: name, second: [0x61]),
                ProxyCall(.makeLink, 1, 0, first: name), ProxyCall(.unlink, 0, 0, first: name), ProxyCall(.unlink, 0, 1, first: name),
                ProxyCall(.rename, 0, 0, 0, first: text("file"), second: name), ProxyCall(.rename, 0, 0, 0, first: name, second: text("x")),
            ]
            for call in made { #expect(self.call(bed, call).error == Errno.EINVAL.code, "\(call)") }
        }
        for target in [[], [0], [UInt8](repeating: 0x61, count: 4096)] as [[UInt8]] {
            #expect(call(bed, ProxyCall(.makeSymbolicLink, 0, first: text("new"), second: target)).error == Errno.EINVAL.code)
        }
        for name in [[], [0], [UInt8](repeating: 0x61, count: 256)] as [[UInt8]] {
            #expect(call(bed, ProxyCall(.extendedAttribute, 1, first: name)).error != 0)
            #expect(call(bed, ProxyCall(.setExtendedAttribute, 1, 0, first: name)).error != 0)
        }
        var payload = ProxyCall(.attributes, 1).encoded
        #expect(bed.service.answer(payload, capacity: 120).error == 0)
        #expect(bed.service.answer(payload, capacity: 119) == ProxyService.Answer(error: Errno.EIO.code))
        #expect(bed.service.answer(payload + [0], capacity: 120).error == Errno.EIO.code)
        #expect(bed.service.answer(Array(payload.dropLast()), capacity: 120).error == Errno.EIO.code)
        payload[12] = 1
        #expect(bed.service.answer(payload, capacity: 120).error == Errno.EIO.code)
        #expect([UInt8](try Data(contentsOf: bed.outside.appending(path: "secret"))) == ProxyBed.secret)
        #expect(try FileManager.default.contentsOfDirectory(atPath: bed.outside.path) == ["secret"])
    }

    @Test func aGuestInAnotherModeHasNoCalls() throws {
        let bed = try RingBed()
        let host = try ProxyHost(ring: bed.ring)
        #expect(errno { _ = try host.attributes(of: host.rootDirectory) } == .EIO)
        #expect(bed.transport.violations == [.status])
    }
}
