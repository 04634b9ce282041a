import CFDT
import Foundation
import Testing

@testable import Firmware
@testable import SecureWorld

/// A flattened device tree, read with libfdt.
struct DeviceTree {
    let blob: [UInt8]

    var isWellFormed: Bool { fdt_check_full(blob, UInt(blob.count)) == 0 }

    func property(_ path: String, _ name: String) -> [UInt8]? {
        let node = fdt_path_offset(blob, path)
        var length: Int32 = 0
        guard node >= 0, let value = fdt_getprop(blob, node, name, &length) else { return nil }
        return Array(UnsafeRawBufferPointer(start: value, count: Int(length)))
    }
    func number(_ path: String, _ name: String) -> UInt64? { property(path, name).map { $0.reduce(0) { $0 << 8 | UInt64($1) } } }
    /// Strings, each with its end.
    func texts(_ path: String, _ name: String) -> [String]? {
        property(path, name).map { $0.split(separator: 0, omittingEmptySubsequences: false).dropLast().map { String(decoding: $0, as: UTF8.self) } }
    }
    func children(_ path: String) -> [String] {
        var names: [String] = []
        var node = fdt_first_subnode(blob, fdt_path_offset(blob, path))
        while node >= 0 {
            if let name = fdt_get_name(blob, node, nil) { names.append(String(cString: name)) }
            node = fdt_next_subnode(blob, node)
        }
        return names
    }
    /// The addresses that `reg` of a node has, with two cells each.
    func ranges(_ path: String) -> [Range<UInt64>] {
        let bytes = property(path, "reg") ?? []
        let words = stride(from: 0, to: bytes.count - 7, by: 8).map { bytes[$0..<$0 + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        return stride(from: 0, to: words.count - 1, by: 2).map { words[$0]..<words[$0] + words[$0 + 1] }
    }
}

/// What an instance is told at its start is a device tree that libfdt reads back, and it is true.
@Suite(.enabled(if: TrustedApplications.canRun)) struct BootInformationTests {
    private typealias Buffer = TrustedApplications.Buffer

    private func inWorld(_ body: (TrustedApplications.World) throws -> Void) throws {
        try #require(TrustedApplications.folder != nil)
        let world = try TrustedApplications.World()
        defer { world.end() }
        try body(world)
    }

    private func tree(_ world: TrustedApplications.World) throws -> DeviceTree {
        let buffer = Buffer([UInt8](repeating: 0, count: 1 << 16))
        let request = world.call("boot_information", 0, [buffer.parameter(.output)])
        try #require(request.result == .success)
        guard case .memory(_, _, let size) = request.parameters[0] else { throw TEEResult.generic }
        return DeviceTree(blob: Array(buffer.bytes.prefix(Int(size))))
    }

    @Test func theTreeNamesTheApplication() throws {
        try inWorld { world in
            let tree = try tree(world)
            #expect(tree.isWellFormed)
            #expect(tree.texts("/", "compatible") == ["skerry,trusted-application"])
            #expect(tree.texts("/application", "uuid") == ["5ec0e001-0017-4a11-9001-5b6572727917"])
            // TA_FLAG_SINGLE_INSTANCE | TA_FLAG_MULTI_SESSION
            #expect(tree.number("/application", "skerry,flags") == 1 << 2 | 1 << 3)
        }
    }

    @Test func theMemoryMapIsWhereTheApplicationFindsItself() throws {
        try inWorld { world in
            let opening = world.open("boot_information")
            let buffer = Buffer([UInt8](repeating: 0, count: 1 << 16))
            let told = world.invoke(opening.session, 0, [buffer.parameter(.output)])
            guard case .memory(_, _, let size) = told.parameters[0] else { throw TEEResult.generic }
            let tree = DeviceTree(blob: Array(buffer.bytes.prefix(Int(size))))
            let words = Buffer([UInt8](repeating: 0, count: 40))
            #expect(world.invoke(opening.session, 1, [words.parameter(.output)]).result == .success)
            let found = stride(from: 0, to: 40, by: 8).map { words.bytes[$0..<$0 + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) } }
            let children = tree.children("/memory-map")
            func range(_ kind: String) throws -> [Range<UInt64>] { tree.ranges("/memory-map/" + (try #require(children.first { $0.hasPrefix(kind + "@") }))) }
            let image = try range("image")
            // One address to a kind: code, data, stack.
            #expect(image.firstIndex { $0.contains(found[0]) } == 0)
            #expect(image.firstIndex { $0.contains(found[1]) } == 1)
            #expect(tree.texts("/memory-map/" + (children.first { $0.hasPrefix("image@") } ?? ""), "skerry,protection") == ["r-x", "rw-"])
            let stack = try range("stack")
            #expect(stack.count == 1 && stack[0].contains(found[2]) && stack[0].count >= 8192)
            #expect(tree.number("/application", "skerry,stack-end") == stack[0].upperBound)
            #expect(tree.number("/memory-map/parameters", "skerry,start") == found[3])
            #expect(tree.number("/application", "skerry,thread-pointer") == found[4])
            #expect(try range("thread-area")[0].contains(found[4]))
            let entry = try #require(tree.number("/application", "skerry,entry"))
            #expect(image[0].contains(entry))
        }
    }

    @Test func thePropertiesAreThoseOfTheImplementation() throws {
        try inWorld { world in
            let tree = try tree(world)
            let nodes = tree.children("/implementation")
            #expect(nodes.count == TEEPropertySet.implementation(world.world).count)
            let node = try #require(nodes.first { tree.texts("/implementation/\($0)", "skerry,name") == ["gpd.tee.systemTime.protectionLevel"] })
            // USER_TA_PROP_TYPE_U32, and 100 with the low byte first.
            #expect(tree.number("/implementation/\(node)", "skerry,type") == 1)
            #expect(tree.property("/implementation/\(node)", "skerry,value") == [100, 0, 0, 0])
            #expect(nodes.enumerated().allSatisfy { tree.number("/implementation/\($1)", "reg") == UInt64($0) && $1 == "property@\(String($0, radix: 16))" })
        }
    }

    @Test func theTreeCannotBeWritten() throws {
        try inWorld { world in #expect(world.call("boot_information", 2).result == .targetDead) }
    }

    @Test func instancesHaveTreesOfTheirOwn() throws {
        try inWorld { world in
            let first = try tree(world)
            let second = try tree(world)
            #expect(first.number("/application", "skerry,entry") != second.number("/application", "skerry,entry"))
        }
    }

    /// Where the device-tree compiler is installed.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/dtc"))) func theCompilerReadsTemplateAndTree() throws {
        try inWorld { world in
            let folder = NSTemporaryDirectory() + "skerry-dtc-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let template = TrustedApplications.root + "/firmware/tee.dts"
            _ = try ImagesSupport.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", folder + "/template.dtb", template], in: folder)
            // Ours is the same tree; offsets of names in it may differ.
            let theirs = DeviceTree(blob: Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/template.dtb"))))
            let ours = DeviceTree(blob: try DeviceTreeSource(Firmware.trustedApplicationTree).flattened(capacity: 1 << 16))
            for path in ["/", "/application", "/memory-map", "/memory-map/parameters", "/implementation"] {
                #expect(ours.children(path) == theirs.children(path))
                for name in ["compatible", "model", "uuid", "#address-cells", "#size-cells", "skerry,entry", "skerry,flags", "skerry,start"] {
                    #expect(ours.property(path, name) == theirs.property(path, name), "\(path) \(name)")
                }
            }
            try Data(try tree(world).blob).write(to: URL(fileURLWithPath: folder + "/tree.dtb"))
            _ = try ImagesSupport.run(["dtc", "-q", "-I", "dtb", "-O", "dts", "-o", folder + "/tree.dts", folder + "/tree.dtb"], in: folder)
        }
    }
}

/// Device trees in source form.
struct DeviceTreeSourceTests {
    private func read(_ text: String) throws(DeviceTreeSource.Mistake) -> DeviceTreeSource { try DeviceTreeSource(Array(text.utf8)) }

    @Test func valuesAreStringsCellsAndBytes() throws {
        let source = try read(
            """
            /dts-v1/; // a comment
            / { a = "x", "y"; b = <1 0x10>, <3>; c = [00 ff]; d; /* another */ e = <>;
              child@10 { f = <4294967295>; inner {}; }; };
            """.replacingOccurrences(of: "inner {};", with: "inner { };"))
        let tree = DeviceTree(blob: try source.flattened(capacity: 4096))
        #expect(tree.isWellFormed)
        #expect(tree.property("/", "a") == Array("x\0y\0".utf8))
        #expect(tree.property("/", "b") == [0, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0, 3])
        #expect(tree.property("/", "c") == [0, 255])
        #expect(tree.property("/", "d") == [])
        #expect(tree.property("/", "e") == [])
        #expect(tree.number("/child@10", "f") == 4_294_967_295)
        #expect(tree.children("/child@10") == ["inner"])
    }

    @Test(arguments: [
        ("", 1), ("/dts-v1/", 1), ("/dts-v1/;\n/ {", 2), ("/dts-v1/;\n/ { };\nx", 3), ("/dts-v1/;\n\n/ { a = <1 };", 3), ("/dts-v1/; / { a = <4294967296>; };", 1),
        ("/dts-v1/; / { a = [100]; };", 1), ("/dts-v1/; / { a = \"x; };", 1), ("/dts-v1/; / { a = \"\\n\"; };", 1), ("/dts-v1/; / { n { };\n a; };", 2),
        ("/dts-v1/; / { a = ; };", 1), ("/dts-v1/; / { a }", 1), ("/dts-v1/; /*", 1),
    ]) func aMistakeIsToldWithItsLine(_ text: String, _ line: Int) {
        #expect { try read(text) } throws: { ($0 as? DeviceTreeSource.Mistake)?.line == line }
    }

    @Test func levelsAreLimited() {
        #expect(throws: DeviceTreeSource.Mistake.self) { try read("/dts-v1/; / {" + String(repeating: "n {", count: 100_000)) }
    }

    @Test func aTreeThatDoesNotFitIsRefused() throws {
        let source = try read("/dts-v1/; / { a = \"" + String(repeating: "x", count: 1000) + "\"; };")
        #expect(throws: (any Error).self) { try source.flattened(capacity: 512) }
    }
}
