internal import GuestHost
package import LibraryOS

/// Serves the calls of a guest in proxy mode by the library OS of the monitor: a kernel with a tree of mounts, and no programs.
///
/// The guest is hostile to the monitor as well. A call was copied out of its pages once; each of its fields is checked here; what it can hold is bounded (16,384 handles,
/// the kernel's memory), and it reaches nothing but what is mounted (`TreeHost`).
public final class ProxyService {
    /// What goes back.
    struct Answer: Equatable {
        /// errno(3), 0 when the call was done.
        var error: Int32 = 0
        var number: UInt64 = 0
        var bytes: [UInt8] = []
    }

    let files: Host
    private var handles: [UInt64: HostFile]
    private let largestHandle: UInt64

    /// - Parameters:
    ///   - kernel: a kernel that nothing else uses, without programs; its memory holds what its file systems keep there (`ServiceMemory`).
    ///   - root: its root directory, with everything mounted that the guest may reach, and with the folders /proc, /sys and /dev, on which the guest mounts its own.
    /// - Throws: `requirement` when there is no memory.
    package convenience init(kernel: Kernel, root: PathLocation) throws(SNPError) {
        do throws(Errno) {
            let tree = try TreeHost(kernel: kernel, root: root)
            self.init(files: tree, root: tree.rootDirectory)
        } catch { throw SNPError(.kernel(error.code), "the library OS for a guest in proxy mode", "it has no memory; give its `ServiceMemory` more") }
    }

    /// Over any host's files; `root` is the folder that the guest sees as its root.
    package init(files: Host, root: HostFile, mostHandles: UInt64 = ProxyFunction.mostHandles) {
        self.files = files
        handles = [ProxyFunction.root: root]
        largestHandle = mostHandles - 1
    }

    /// How many files the guest holds, the root folder included.
    package var openFiles: Int { handles.count }

    /// Serves one call: its payload, and the most bytes that may go back.
    func answer(_ payload: [UInt8], capacity: Int) -> Answer {
        guard let call = ProxyCall(decoding: payload) else { return Answer(error: Errno.EIO.code) }
        do throws(Errno) {
            let answer = try serve(call, capacity)
            return answer.bytes.count <= capacity ? answer : Answer(error: Errno.EIO.code)
        } catch { return Answer(error: call.function.mayFail(with: error) ? error.code : Errno.EIO.code) }
    }

    // MARK: Handles

    func file(_ handle: UInt64) throws(Errno) -> HostFile {
        guard let file = handles[handle] else { throw .EBADF }
        return file
    }

    /// A handle that is free.
    func checkFree(_ handle: UInt64) throws(Errno) { if handle == ProxyFunction.root || handle > largestHandle || handles[handle] != nil { throw .EBADF } }
    func keep(_ file: HostFile, _ handle: UInt64) { handles[handle] = file }

    func close(_ handle: UInt64) throws(Errno) {
        if handle == ProxyFunction.root || handles.removeValue(forKey: handle) == nil { throw .EBADF }
    }
}
