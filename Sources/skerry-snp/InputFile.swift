internal import Foundation

/// Why a file or value cannot be used: nothing was judged.
struct Unusable: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Files, read once and only as far as anything useful can reach.
enum InputFile {
    /// The most that is read of one file, in bytes.
    static let longest = 4 << 20

    /// The bytes of a file, or of standard input for "-".
    static func read(_ path: String) throws -> [UInt8] {
        let file: FileHandle
        if path == "-" {
            file = FileHandle.standardInput
        } else {
            guard let opened = FileHandle(forReadingAtPath: path) else { throw Unusable("\(path) cannot be read: \(reason())") }
            file = opened
        }
        var bytes: [UInt8] = []
        do {
            while let part = try file.read(upToCount: 1 << 16), !part.isEmpty {
                bytes += part
                if bytes.count > longest { throw Unusable("\(path) is longer than \(longest >> 20) MiB; it is none of the files that belong here") }
            }
        } catch let error as Unusable {
            throw error
        } catch {
            throw Unusable("\(path) cannot be read: \(error.localizedDescription)")
        }
        return bytes
    }

    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// The regular files in a folder, by name; what lies deeper is not looked at.
    static func names(in folder: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().filter { name in
                !isFolder(folder + "/" + name) && !name.hasPrefix(".")
            }
        } catch {
            throw Unusable("\(folder) cannot be read: \(error.localizedDescription)")
        }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
