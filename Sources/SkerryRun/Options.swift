import Skerry

internal import Glibc

/// Turns option texts into values, with errors that say what is expected.
enum Options {
    static func bad(_ message: String) -> SandboxError { SandboxError(usage: message) }

    /// PATH[:GUEST]; relative host paths start at the working directory.
    static func grant(_ text: String, writable: Bool) throws(SandboxError) -> SandboxConfiguration.Grant {
        let option = writable ? "--rw" : "--ro"
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, !first.isEmpty else { throw bad("\(option) \(text): a path is missing") }
        let host = absolute(first)
        guard access(host, F_OK) == 0 else { throw bad("\(option) \(first): no such file or folder on the host") }
        let guest = parts.count > 1 ? parts[1] : host
        guard guest.hasPrefix("/") else { throw bad("\(option) \(text): the path in the sandbox must begin with /") }
        return SandboxConfiguration.Grant(host: host, guest: guest, writable: writable)
    }

    static func folder(_ path: String, option: String) throws(SandboxError) -> String {
        var attributes = stat()
        guard stat(path, &attributes) == 0, attributes.st_mode & S_IFMT == S_IFDIR else { throw bad("\(option) \(path): no such folder") }
        return absolute(path)
    }

    private static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let current = getcwd(nil, 0) else { return "/" + path }
        defer { free(current) }
        return path == "." ? String(cString: current) : String(cString: current) + "/" + path
    }

    /// NAME=VALUE, or NAME to pass the caller's value on.
    static func variable(_ text: String) -> (name: String, value: String)? {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first, !name.isEmpty else { return nil }
        if parts.count > 1 { return (name, parts[1]) }
        return getenv(name).map { (name, String(cString: $0)) }
    }

    /// Bytes, or with k, m, g, t and perhaps a b behind it, as docker has it.
    static func size(_ text: String, option: String = "--memory") throws(SandboxError) -> UInt64 {
        let units: [Character: UInt64] = ["b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40]
        var lower = text.lowercased()
        if lower.count > 2, lower.last == "b", let before = lower.dropLast().last, units[before] != nil, before != "b" { lower.removeLast() }
        let unit = lower.last.flatMap { units[$0] }
        guard let number = UInt64(unit == nil ? lower : String(lower.dropLast())) else { throw bad("\(option) \(text): a size such as 512m or 4g") }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
        guard !overflow, bytes >= 4 << 20 else { throw bad("\(option) \(text): at least 4m") }
        return bytes
    }

    /// A number of things that there may be.
    static func count(_ number: Int, option: String, most: Int) throws(SandboxError) -> Int {
        guard number >= 1 else { throw bad("\(option) \(number): at least one") }
        guard number <= most else { throw bad("\(option) \(number): at most \(grouped(UInt64(most)))") }
        return number
    }

    /// A number with a comma before every three digits.
    static func grouped(_ number: UInt64) -> String {
        let digits = Array(String(number))
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result += "," }
            result.append(digit)
        }
        return result
    }

    /// UID[:GID]; the group is the user's number when it is not given.
    static func user(_ text: String) throws(SandboxError) -> (user: UInt32, group: UInt32) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { UInt32($0) }
        guard parts.count <= 2, let first = parts.first, let user = first else { throw bad("--user \(text): numbers, such as 1000 or 1000:1000") }
        guard parts.count == 2 else { return (user, user) }
        guard let group = parts[1] else { throw bad("--user \(text): numbers, such as 1000 or 1000:1000") }
        return (user, group)
    }
}
