/// What a new program starts with.
package struct LoadedProgram {
    package let memory: AddressSpace
    package let entry: UInt64
    package let stackPointer: UInt64
    /// The file that runs (the interpreter of a script), for /proc/self/exe.
    package let executable: PathLocation
    /// `comm`.
    package let name: [UInt8]
    package let arguments: [[UInt8]]
    package let environment: [[UInt8]]
    package let auxiliaryVector: [UInt8]
    /// Who the program runs as.
    let identity: ProgramIdentity
}

/// Builds the address space of a program: execve(2) up to the point of no return.
struct ProgramLoader {
    let kernel: Kernel
    let task: Task
    let memory: AddressSpace
    private let random: RandomLayout

    init(kernel: Kernel, task: Task) throws(Errno) {
        self.kernel = kernel
        self.task = task
        random = RandomLayout(kernel)
        memory = try AddressSpace(physicalMemory: kernel.physicalMemory)
    }

    /// A program file, opened for loading.
    struct ProgramFile {
        let location: PathLocation
        let file: OpenFile
        let task: Task
        /// Nobody writes to it while it is loaded.
        let denial: WriteDenial
        /// Who runs it could read it as well.
        let isReadable: Bool

        /// Opens a regular file that may be executed; `EACCES` otherwise.
        init(_ location: PathLocation, task: Task) throws(Errno) {
            guard location.inode.kind == .regular else { throw .EACCES }
            let (attributes, credentials) = (try location.inode.attributes(), task.credentials.forFiles)
            try Permissions.check(attributes, .execute, credentials)
            denial = try WriteDenial(location.inode)
            isReadable = Permissions.grants(attributes, .read, credentials)
            self.location = location
            self.task = task
            file = try location.inode.open(flags: OpenFlags(rawValue: 0), location: location, task: task)
            file.retain()
            file.notify(.open)
        }

        func read(_ offset: UInt64, _ count: Int) throws(Errno) -> [UInt8] {
            guard let position = Int64(exactly: offset) else { throw .ENOEXEC }
            var failure: Errno?
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                do throws(Errno) {
                    while filled < count {
                        var part = UserBuffers(kernel: UnsafeMutableRawBufferPointer(start: buffer.baseAddress.map { $0 + filled }, count: count &- filled))
                        let moved = try file.read(&part, at: position &+ Int64(filled), task: task, inPlace: false)
                        if moved == 0 { break }
                        filled &+= moved
                    }
                } catch { failure = error }
            }
            if let failure { throw failure }
            if !bytes.isEmpty { file.notify(.access) }
            return bytes
        }
    }

    /// Loads the program at `location`, following `#!` lines (at most five, then `ELOOP`). `pathVanishes`: `path` leads through a descriptor that execve
    /// closes, so that an interpreter would not find its script there (`ENOENT`).
    func load(
        _ location: PathLocation, path: [UInt8], pathVanishes: Bool = false, arguments: [[UInt8]], environment: [[UInt8]]
    ) throws(Errno) -> LoadedProgram {
        var location = location
        var arguments = arguments
        var path = path
        var file = try ProgramFile(location, task: task)
        // Closed when everything is loaded, as the kernel does on its way out.
        var scripts: [ProgramFile] = []
        defer {
            for script in scripts { script.file.drop() }
            file.file.drop()
        }
        var depth = 0
        var isReadable = file.isReadable
        let name = Array((path.split(separator: UInt8(ascii: "/")).last ?? []).prefix(15))
        while let line = try Self.interpreterLine(file) {
            depth &+= 1
            if pathVanishes { throw .ENOENT }
            if depth > 5 { throw .ELOOP }
            arguments = line + [path] + arguments.dropFirst()
            path = line[0]
            location = try task.resolver.resolve(line[0], from: task.fileSystem.workingDirectory)
            let interpreter = try ProgramFile(location, task: task)
            scripts.append(file)
            file = interpreter
            isReadable = isReadable && file.isReadable
        }
        let identity = try ProgramIdentity(of: task, running: file.location, isReadable: isReadable)
        return try loadImage(file, path: path, name: name, identity: identity, arguments: arguments, environment: environment)
    }

    /// The interpreter and its one optional argument, when the file begins with `#!` (execve(2), "Interpreter scripts").
    private static func interpreterLine(_ file: ProgramFile) throws(Errno) -> [[UInt8]]? {
        let head = try file.read(0, 256)
        guard head.starts(with: Array("#!".utf8)) else { return nil }
        let isBlank: (UInt8) -> Bool = { $0 == 32 || $0 == 9 }
        let rest = head.dropFirst(2)
        let end = rest.firstIndex(of: 10) ?? rest.firstIndex(of: 0)
        var line = rest[..<(end ?? rest.endIndex)].drop(while: isBlank)
        while let last = line.last, isBlank(last) { line.removeLast() }
        let interpreter = Array(line.prefix { !isBlank($0) })
        // A name that does not end within the buffer might be cut short.
        if interpreter.isEmpty || (end == nil && interpreter.count == line.count && head.count == 256) { throw .ENOEXEC }
        let argument = Array(line.dropFirst(interpreter.count).drop(while: isBlank))
        return argument.isEmpty ? [interpreter] : [interpreter, argument]
    }

    private func loadImage(
        _ file: ProgramFile, path: [UInt8], name: [UInt8], identity: ProgramIdentity, arguments: [[UInt8]], environment: [[UInt8]]
    ) throws(Errno) -> LoadedProgram {
        var identity = identity
        let image = try ExecutableImage { (offset, count) throws(Errno) in try file.read(offset, count) }
        let stackTop = random.stackTop
        memory.prepareLayout(stackTop: stackTop, mappingBase: random.mappingBase(stackTop: stackTop, task), stackLimit: stackLimit)
        var interpreter: ExecutableImage?
        var interpreterFile: ProgramFile?
        defer { interpreterFile?.file.drop() }
        if let wanted = image.interpreter {
            let found = try ProgramFile(try task.resolver.resolve(wanted, from: task.fileSystem.workingDirectory), task: task)
            interpreterFile = found
            if !found.isReadable { identity.isReadable = false }
            interpreter = try ExecutableImage { (offset, count) throws(Errno) in try found.read(offset, count) }
        }
        let bias = try place(image, hasInterpreter: interpreter != nil)
        try map(image, file, bias: bias)
        setLayout(image, bias)
        var entry = image.entry &+ bias
        var base: UInt64 = 0
        if let interpreter, let interpreterFile {
            base = try place(interpreter, hasInterpreter: false)
            try map(interpreter, interpreterFile, bias: base)
            entry = interpreter.entry &+ base
        }
        guard entry < GuestAddress.userEnd.value else { throw .ENOEXEC }
        memory.startHeap(after: image.span.end &+ bias, offset: random.heapOffset)
        let vdso = try kernel.vdso?.map(into: memory)
        memory.noteProgram(file.denial)
        var stack = InitialStack(kernel: kernel, task: task, memory: memory, top: stackTop, identity: identity)
        try stack.map(executable: image.executableStack)
        let pointer = try stack.fill(
            arguments: arguments, environment: environment, path: path,
            image: .init(
                entry: image.entry &+ bias, base: base, headers: image.programHeaderAddress &+ bias, headerCount: UInt64(image.programHeaderCount),
                vdso: vdso))
        return LoadedProgram(
            memory: memory, entry: entry, stackPointer: pointer, executable: file.location, name: name, arguments: arguments, environment: environment,
            auxiliaryVector: stack.auxiliaryVector, identity: identity)
    }

    private var stackLimit: UInt64 { min(task.group.limits[ResourceLimits.stack]?.soft ?? 8 << 20, 1 << 40) }

    private func setLayout(_ image: ExecutableImage, _ bias: UInt64) {
        var layout = AddressSpace.ImageLayout()
        for segment in image.segments {
            let (start, end) = (segment.address &+ bias, segment.address &+ bias &+ segment.fileSize)
            if segment.protection.contains(.execute) {
                layout.startCode = layout.startCode == 0 ? start : min(layout.startCode, start)
                layout.endCode = max(layout.endCode, end)
            }
            layout.startData = max(layout.startData, start)
            layout.endData = max(layout.endData, end)
        }
        memory.imageLayout = layout
    }

    /// The distance between the addresses in the file and those in memory.
    private func place(_ image: ExecutableImage, hasInterpreter: Bool) throws(Errno) -> UInt64 {
        guard image.isPositionIndependent else { return 0 }
        let (start, end) = image.span
        let wished = hasInterpreter ? random.programBase : 0
        let address = try memory.findRoom(length: end &- start, alignment: image.alignment, wished: wished)
        return address &- start
    }

    /// Maps the segments: file pages privately, what lies behind them in memory as zeros.
    private func map(_ image: ExecutableImage, _ file: ProgramFile, bias: UInt64) throws(Errno) {
        guard let source = file.file.mappingSource() else { throw .ENOEXEC }
        for segment in image.segments {
            let start = segment.address &+ bias
            let pageStart = start & ~4095
            let fileEnd = start &+ segment.fileSize
            let filePages = (fileEnd &+ 4095) & ~4095
            let end = (start &+ segment.memorySize &+ 4095) & ~4095
            guard end <= GuestAddress.userEnd.value else { throw .ENOEXEC }
            if segment.fileSize > 0 {
                var request = MappingRequest(backing: backing(source, file))
                request.address = pageStart
                request.length = filePages &- pageStart
                request.protection = segment.protection
                request.backingPage = (segment.offset & ~4095) / 4096
                request.placement = .fixed
                _ = try memory.map(request)
                if segment.memorySize > segment.fileSize, segment.protection.contains(.write), fileEnd < filePages {
                    try memory.writeBytes([UInt8](repeating: 0, count: Int(filePages &- fileEnd)), to: GuestAddress(fileEnd))
                }
            }
            let zeroStart = segment.fileSize > 0 ? filePages : pageStart
            if end > zeroStart {
                var request = MappingRequest(backing: AnonymousBacking(physicalMemory: kernel.physicalMemory))
                request.address = zeroStart
                request.length = end &- zeroStart
                request.protection = segment.protection
                request.placement = .fixed
                _ = try memory.map(request)
            }
        }
    }

    private func backing(_ source: MappingSource, _ file: ProgramFile) -> MemoryBacking {
        let memory = kernel.physicalMemory
        switch source {
        case .object(let object): return PrivateObjectBacking(object: object, location: file.location)
        case .hostFile(let host, _):
            return HostFileBacking(physicalMemory: memory, host: kernel.host, file: host, shared: false, writable: false, location: file.location)
        case .anonymous: return AnonymousBacking(physicalMemory: memory)
        }
    }
}
