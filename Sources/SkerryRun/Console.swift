internal import Glibc

/// Lines for the person at the terminal.
package enum Console {
    /// To standard output, as it is.
    package static func print(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
            if written <= 0 { return }
            rest = rest.dropFirst(written)
        }
    }

    package static func complain(_ message: String) {
        let line = Array("skerry: \(message)\n".utf8)
        _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }

    /// Ends at once: the kernel takes the virtual machine and its memory back faster than destructors do, and nothing of ours waits in a buffer.
    package static func leave(_ status: Int32) -> Never {
        fflush(nil)
        _exit(status)
    }
}
