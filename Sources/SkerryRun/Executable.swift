internal import Glibc

/// The executables that make up the command. They lie in one folder.
package enum Executable {
    /// Goes on as the executable beside this one, with the same words.
    package static func become(_ name: String) -> Never {
        guard let own = realpath("/proc/self/exe", nil) else { missing("/proc", name) }
        let path = String(cString: own).split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 } + "/" + name
        execv(path, CommandLine.unsafeArgv)
        missing(path, name)
    }

    private static func missing(_ path: String, _ name: String) -> Never {
        Console.complain("\(path) cannot be run: \(String(cString: strerror(errno))). It belongs beside skerry; scripts/skerry builds all of them.")
        Console.leave(125)
    }
}
