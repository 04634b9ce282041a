import GuestHost
import LibraryOS
import Platform

/// What the guest runs when its launch came with a manifest: a library OS of its own, over the ring, and over the root image or, in proxy mode, over the host's files.
final class Workload: @unchecked Sendable {
    let kernel: Kernel
    let host: StreamHost
    let ring: Ring
    private let hasher: ContentHasher
    /// The files that outlive the run.
    var store: StoredFS?

    /// Takes the manifest, which has to be the one whose digest is in the guest's own report.
    private init(_ ring: Ring, _ manifest: Manifest, _ hasher: ContentHasher) throws(Errno) {
        (self.ring, self.hasher) = (ring, hasher)
        switch manifest.mode {
        case .confidential: host = try RingHost(ring: ring, image: try RootImage(ring, manifest.rootImage, hasher: hasher))
        case .proxy: host = try ProxyHost(ring: ring)
        }
        var settings = KernelConfiguration()
        settings.hostname = manifest.hostName
        (settings.user, settings.group, settings.groups) = (manifest.user, manifest.group, manifest.groups)
        (settings.umask, settings.ignoredSignals, settings.blockedSignals) = (manifest.umask, manifest.ignoredSignals, manifest.blockedSignals)
        if manifest.limits.tasks != 0 { settings.maximumTasks = Int(manifest.limits.tasks) }
        if manifest.limits.openFiles != 0 { settings.maximumDescriptors = UInt64(manifest.limits.openFiles) }
        let memory = GuestMemory(limit: Self.memoryLimit(manifest))
        settings.obviousOvercommit = memory.usage.limit
        kernel = Kernel(host: host, physicalMemory: memory, configuration: settings)
        kernel.processor = Self.processor
        kernel.endsWithProcess = true
    }

    /// An eighth of the RAM, and at least 8 MiB, is the library OS's own.
    private static func memoryLimit(_ manifest: Manifest) -> UInt64 {
        let all = Platform.ramSize
        let most = all &- min(all / 2, max(all / 8, 8 << 20))
        return manifest.limits.memory == 0 ? most : min(most, manifest.limits.memory)
    }

    private static var processor: ProcessorFeatures {
        var features = ProcessorFeatures()
        features.hardwareCapabilities = UInt64(CPUIDTable.answer(1, 0).edx)
        features.hardwareCapabilities2 = UInt64(CPUIDTable.answer(7, 0).ebx & 1) << 1
        features.extendedFeatures = ProgramState.features
        features.extendedStateSize = ProgramState.size
        return features
    }

    /// Runs the manifest's program, and what it starts, to its end; the status for the host.
    static func run(hostData: [UInt8]) -> UInt8 {
        let hasher = GuestHasher()
        let ring = Ring(GuestTransport())
        do throws(Errno) {
            let (manifest, bytes) = try ring.manifest(hostData: hostData, hasher: hasher)
            let workload = try Workload(ring, manifest, hasher)
            return workload.run(manifest, bytes)
        } catch {
            // The ring ends the guest when it was the host's doing; what is left is a root image that cannot be read.
            refuse(skerry_refusal_root)
        }
    }

    /// Tells the host how the program ended.
    static func report(_ status: UInt8) { Ring(GuestTransport()).exit(status: status) }

    /// What every run in proxy mode says, whatever else it does.
    private static var warning: String { "skerry: proxy mode: the results of system calls are host-controlled, and nothing about this run is confidential" }

    private func run(_ manifest: Manifest, _ bytes: [UInt8]) -> UInt8 {
        if manifest.mode == .proxy { host.notice(Self.warning) }
        let scheduler = Scheduler(
            now: { [host] in MonotonicInstant(nanoseconds: host.now(.monotonic)) },
            idle: { [self] deadline in
                let deadline = commitBefore(deadline)
                do throws(Errno) { try host.wait(until: deadline) } catch { refuse(skerry_refusal_ring) }
                expireTimers()
            })
        Scheduler.shared = scheduler
        let first: Task
        do throws(Errno) {
            guard let tree = try prepare(manifest, bytes) else { return 125 }
            var request = ProgramRequest(path: manifest.program, arguments: manifest.arguments, environment: manifest.environment)
            request.workingDirectory = manifest.workingDirectory
            first = try kernel.start(request, root: tree.root, standardFiles: try standardFiles(), parker: GuestParker())
        } catch {
            host.notice("skerry: \(String(decoding: manifest.program, as: UTF8.self)): \(Self.text(of: error))")
            return Self.status(of: error)
        }
        host.isQuiet = manifest.isQuiet
        do throws(Errno) { try start(first) } catch { refuse(skerry_refusal_memory) }
        scheduler.run()
        sendRest()
        tellLimits()
        let status = first.group.exitStatus ?? 0
        return commitAtEnd(UInt8(truncatingIfNeeded: status & 0x7F == 0 ? status >> 8 : 128 &+ status & 0x7F))
    }

    /// The tree of files with all that is kept and given for this run; nil, and a line, when something of it cannot be had.
    private func prepare(_ manifest: Manifest, _ bytes: [UInt8]) throws(Errno) -> MountTree? {
        let tree = try mount(manifest.mounts)
        let secrets = ReleasedSecrets()
        let outcome = secrets.obtain(manifest.secrets, bytes, over: ring)
        let sealer = outcome == skerry_release_released ? sealer(manifest, secrets, hasher) : nil
        // Nothing is asked of the secure processor from here on.
        SecureProcessor.forgetKey()
        if outcome != skerry_release_released {
            host.notice("skerry: the relying party has not released the secrets (\(Self.text(outcome))); the program was not started")
            return nil
        }
        if let store = manifest.sealedStore {
            guard let sealer, mountStore(store, sealer, in: tree) else { return nil }
        }
        try secrets.makeFiles(in: tree)
        return makeSockets(manifest.connections, in: tree) ? tree : nil
    }

    private func standardFiles() throws(Errno) -> [OpenFile?] {
        var files: [OpenFile?] = []
        for number in 0..<3 as Range<UInt64> {
            files.append(try HostStreamFile(host.standardStream(number), flags: OpenFlags(rawValue: number == 0 ? 0 : 1), kernel: kernel, terminal: nil))
        }
        return files
    }

    /// Gives a task a thread.
    func start(_ task: Task) throws(Errno) {
        let runner = GuestRunner(task, self)
        let thread = try GuestThread { runner.run() }
        runner.thread = thread
        Scheduler.shared?.add(thread)
    }

    /// A program's time is over: timers that are due, and whoever waits for the outside, come first.
    func lookUp() {
        do throws(Errno) { try host.lookForEvents() } catch { refuse(skerry_refusal_ring) }
        expireTimers()
        commitIfDue()
        Scheduler.shared?.wakeDue()
    }

    private func expireTimers() { if let now = host.takeExpiredTimer() { kernel.timersExpired(now: now) } }

    /// Nanoseconds of the counter.
    func nanoseconds(_ counts: UInt64) -> Int64 {
        let (seconds, rest) = counts.quotientAndRemainder(dividingBy: host.counterHertz)
        return Int64(clamping: seconds) &* 1_000_000_000 &+ Int64(clamping: rest &* 1_000_000_000 / host.counterHertz)
    }
}
