import Foundation
import Synchronization

/// How a program of `Tests/Programs` is linked.
enum Linkage: String, Sendable, CaseIterable {
    case dynamic
    case `static`
    case muslDynamic = "musl-dynamic"
    case muslStatic = "musl-static"

    var compiler: (name: String, arguments: [String]) {
        switch self {
        case .dynamic: ("gcc", ["-pthread"])
        case .static: ("gcc", ["-pthread", "-static"])
        case .muslDynamic: ("musl-gcc", [])
        case .muslStatic: ("musl-gcc", ["-static"])
        }
    }
}

/// Compiles each program once.
enum CompiledPrograms {
    private static let folder: String = {
        let path = Place.package + "/.build/programs"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }()
    private static let lock = Mutex<Set<String>>([])

    /// The names of the C programs, without endings.
    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: Place.programs)) ?? []
        return files.filter { $0.hasSuffix(".c") }.map { String($0.dropLast(2)) }.sorted()
    }()

    /// The path of the compiled program; nil when its compiler is not installed.
    static func path(_ name: String, _ linkage: Linkage) throws -> String? {
        let (compiler, arguments) = linkage.compiler
        guard let found = Place.find(compiler) else { return nil }
        let target = "\(folder)/\(name.replacingOccurrences(of: "/", with: "-"))-\(linkage.rawValue)"
        try lock.withLock { done in
            if !done.insert(target).inserted { return }
            let source = "\(Place.programs)/\(name).c"
            if newer(target, than: source), newer(target, than: Place.programs + "/probe.h") { return }
            let result = try Command(
                program: found, arguments: ["-O1", "-w", "-o", target, source] + arguments + ["-lm"],
                environment: ["PATH": Place.standardPath], seconds: 60
            ).run()
            if result.status != 0 { throw CommandError(text: "\(name).c: \(result.errors)") }
        }
        return target
    }

    private static func newer(_ file: String, than other: String) -> Bool {
        func date(_ path: String) -> Date? { try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date }
        guard let mine = date(file), let theirs = date(other) else { return false }
        return mine > theirs
    }
}
