import Foundation
import Glibc

/// The files that the invocations find in their working folder; the same on every run.
enum Fixtures {
    static func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try fill(folder.path)
        return folder
    }

    static func fill(_ path: String) throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: path + "/tree/a/b", withIntermediateDirectories: true)
        try manager.createDirectory(atPath: path + "/tree/empty", withIntermediateDirectories: true)
        for (name, text) in texts { try write(path, name, Data(text.utf8)) }
        try write(path, "noise.bin", noise(5 << 10))
        for script in scripts {
            try? manager.removeItem(atPath: "\(path)/\(script)")
            try manager.copyItem(atPath: "\(Place.programs)/scripts/\(script)", toPath: "\(path)/\(script)")
        }
        try? manager.createSymbolicLink(atPath: path + "/tree/link", withDestinationPath: "a/one.txt")
        try fixTimes(path)
    }

    private static let scripts: [String] = (try? FileManager.default.contentsOfDirectory(atPath: Place.programs + "/scripts").sorted()) ?? []

    private static func write(_ folder: String, _ name: String, _ data: Data) throws { try data.write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }

    private static let texts: [(String, String)] = [
        ("words.txt", "pear\napple\nfig\nbanana\napple\ncherry\n\nDate\nelderberry\nfig\n"),
        ("numbers.txt", (1...200).map { "\($0 * 7919 % 1009)" }.joined(separator: "\n") + "\n"),
        (
            "table.csv",
            "name,age,city\n" + (1...50).map { "person\($0),\(20 + $0 * 13 % 60),\(["Oslo", "Lima", "Pune"][$0 % 3])" }.joined(separator: "\n") + "\n"
        ),
        (
            "data.json",
            #"{"items":[{"id":1,"tags":["x","y"],"price":2.5},{"id":2,"tags":[],"price":10},{"id":3,"tags":["z"],"price":0.125}],"#
                + #""ok":true,"none":null,"text":"äöü"}"# + "\n"
        ),
        ("text.txt", (1...300).map { "Line \($0): the quick brown fox jumps over the lazy dog\t\($0 * $0)" }.joined(separator: "\n") + "\n"),
        (
            "other.txt",
            (1...300).map { "Line \($0): the quick brown \($0 % 50 == 0 ? "cat" : "fox") jumps over the lazy dog\t\($0 * $0)" }.joined(separator: "\n") + "\n"
        ),
        ("tree/a/one.txt", "one\ntwo needle three\n"), ("tree/a/b/two.txt", "deep needle\n"), ("tree/three.c", "int main(void) { return 0; }\n"),
    ]

    private static func noise(_ count: Int) -> Data {
        var state: UInt64 = 88_172_645_463_325_252
        return Data(
            (0..<count).map { _ in
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return UInt8(truncatingIfNeeded: state >> 24)
            })
    }

    /// 2001-09-09, so that listings are the same.
    private static func fixTimes(_ path: String) throws {
        let names = try FileManager.default.subpathsOfDirectory(atPath: path).sorted().reversed()
        for name in names.map({ "\(path)/\($0)" }) + [path] {
            var times = [timespec(tv_sec: 1_000_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000_000, tv_nsec: 0)]
            utimensat(AT_FDCWD, name, &times, AT_SYMLINK_NOFOLLOW)
        }
    }

    /// What lies in a folder: names, modes, sizes and a checksum of the contents.
    static func listing(_ path: String) -> [String] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
        return names.sorted().map { name in
            var attributes = stat()
            lstat("\(path)/\(name)", &attributes)
            let kind = attributes.st_mode & S_IFMT
            var line = "\(name) \(String(attributes.st_mode, radix: 8))"
            if kind == S_IFREG, let data = FileManager.default.contents(atPath: "\(path)/\(name)") {
                line += " \(data.count) \(data.reduce(UInt64(5381)) { ($0 &<< 5) &+ $0 &+ UInt64($1) })"
            }
            return line
        }
    }
}
