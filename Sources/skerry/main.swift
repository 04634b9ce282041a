import Glibc
import LibraryOS
import Monitor

func smoke() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    let machine = try Machine(memoryLimit: 8 << 30)
    let host = try LinuxHost(processors: 2)
    var configuration = KernelConfiguration()
    configuration.processor = machine.processorFeatures
    let kernel = Kernel(host: host, physicalMemory: machine.memory, configuration: configuration)
    kernel.vdso = machine.makeVDSO(host: host)
    let fd = open("/", 0o10000000 | O_DIRECTORY | O_CLOEXEC)
    let root = kernel.mounts.mount(root: try HostFS(host: host, root: HostFile(descriptor: fd), device: 40, readOnly: true))
    let resolver = PathResolver(mounts: kernel.mounts, root: root, credentials: FileCredentials(user: 0, group: 0))
    _ = try kernel.mounts.mount(try DevFS.make(kernel: kernel), at: try resolver.resolve(Array("/dev".utf8), from: root))
    _ = try kernel.mounts.mount(TmpFS(kernel: kernel), at: try resolver.resolve(Array("/tmp".utf8), from: root))
    let sandbox = RunningSandbox(machine: machine, kernel: kernel)
    let terminal = HostTerminal()
    let files = try (0..<3).map { try HostStreamFile(host.inherited(Int32($0)), flags: OpenFlags(rawValue: 2), kernel: kernel, terminal: terminal) }
    let request = ProgramRequest(path: Array(arguments[0].utf8), arguments: arguments.map { Array($0.utf8) }, environment: [Array("PATH=/usr/bin:/bin".utf8)])
    let task = try kernel.start(request, root: root, standardFiles: files, parker: sandbox.makeParker())
    do { try sandbox.start(task) } catch { print(sandbox.failureReason.map { "\($0)" } ?? "\(error)"); exit(125) }
    switch sandbox.wait() {
    case .program(let status): exit(status & 0x7f == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f))
    case .failed(let error):
        print("skerry: \(error)")
        exit(125)
    case .outOfMemory: exit(137)
    }
}
do { try smoke() } catch { print("error: \(error)"); exit(125) }
