import GuestHost
import LibraryOS
import Platform

/// Sockets whose connections the host serves.
extension Workload {
    /// Makes the sockets whose connections lead outside; false, and a line, when one cannot be made.
    func makeSockets(_ paths: [[UInt8]], in tree: MountTree) -> Bool {
        for path in paths {
            do throws(Errno) { try tree.makeSocket(path, servedAs: path) } catch {
                host.notice("skerry: --connect \(String(decoding: path, as: UTF8.self)): the socket cannot be made (error \(error.code)); choose another path")
                return false
            }
        }
        return true
    }

    /// Programs have written more to connected streams than the host has taken: it gets the rest, for as long as it goes on to take some.
    func sendRest() {
        var (left, patience) = (kernel.unixSockets.bytesForOutside, Self.patience)
        while left > 0 && patience > 0 {
            do throws(Errno) { try host.wait(until: MonotonicInstant(nanoseconds: host.now(.monotonic) &+ Self.moment)) } catch { refuse(skerry_refusal_ring) }
            let rest = kernel.unixSockets.bytesForOutside
            patience = rest == left ? patience - 1 : Self.patience
            left = rest
        }
    }

    /// Nanoseconds that a host is waited for at a time, and how many times in a row it may have taken nothing: ten seconds in all.
    private static var moment: Int64 { 100_000_000 }
    private static var patience: Int { 100 }
}
