/// Descriptions in messages (SCM_RIGHTS), counted so that sockets which only messages refer to can be found. All under the lock.
extension UnixSocket {
    /// A message with these files is being queued.
    func noteInFlight(_ files: [OpenFile]) {
        for case let socket as UnixSocket in files {
            socket.timesInFlight += 1
            domain.inFlight[ObjectIdentifier(socket)] = socket
        }
    }

    /// They have left their message.
    func noteArrived(_ files: [OpenFile]) {
        account.refundDescriptors(files.count)
        for case let socket as UnixSocket in files {
            socket.timesInFlight -= 1
            if socket.timesInFlight <= 0 { domain.inFlight[ObjectIdentifier(socket)] = nil }
        }
    }

    /// Every socket that a message here, or in a connection that waits to be accepted, holds.
    func forEachSocketInQueue(_ body: (UnixSocket) -> Void) {
        for index in 0..<queue.count {
            for case let socket as UnixSocket in queue[index]?.files ?? [] { body(socket) }
        }
        for embryo in backlog { embryo.forEachSocketInQueue(body) }
    }

    /// Takes all files out of the queued messages.
    func takeFilesFromQueue() -> [OpenFile] {
        var result: [OpenFile] = []
        for index in 0..<queue.count {
            let files = queue.takeFiles(at: index)
            if files.isEmpty { continue }
            noteArrived(files)
            result += files
        }
        for embryo in backlog { result += embryo.takeFilesFromQueue() }
        return result
    }
}
