internal import Foundation

/// Lines for the person at the terminal.
enum Notices {
    static func tell(_ message: String) { FileHandle.standardError.write(Data("skerry: \(message)\n".utf8)) }
}
