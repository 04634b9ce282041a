/// The tables of /proc/sysvipc.
extension ProcText {
    private static func row(_ fields: [(Int64, Int)], octalAt octal: Int) -> [UInt8] {
        var writer = TextWriter(capacity: 160)
        for (index, (value, width)) in fields.enumerated() {
            if index > 0 { writer.text(" ") }
            var field = TextWriter(capacity: 24)
            if index == octal { field.octal(UInt64(bitPattern: value)) } else { field.signed(value) }
            for _ in 0..<max(0, width &- field.bytes.count) { writer.text(" ") }
            writer.raw(field.bytes)
        }
        writer.newline()
        return writer.bytes
    }

    private static func owners(_ permissions: IPCPermissions) -> [(Int64, Int)] {
        [permissions.user, permissions.group, permissions.creatorUser, permissions.creatorGroup].map { (Int64($0), 5) }
    }
    private static func start(_ object: IPCObject) -> [(Int64, Int)] {
        [(Int64(object.permissions.key), 10), (Int64(object.id), 10), (Int64(object.permissions.mode), 5)]
    }

    static func sharedSegments(_ reader: Task) throws(Errno) -> [UInt8] {
        let namespace = reader.kernel.interprocess
        let header: StaticString =
            "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap\n"
        let counted = namespace.lock.withLock { namespace.segments.sorted }.map { ($0, $0.object.mappingCount, $0.object.residentPages) }
        return namespace.lock.withLock {
            counted.reduce(into: header.withUTF8Buffer { Array($0) }) { text, entry in
                let (segment, attachments, pages) = entry
                var fields = start(segment) + [(Int64(clamping: segment.size), 21), (Int64(segment.creator), 5), (Int64(segment.latest), 5)]
                fields.append((Int64(attachments), 6))
                fields += owners(segment.permissions)
                fields += [(segment.attached, 10), (segment.detached, 10), (segment.changed, 10), (Int64(pages) &* 4096, 21), (0, 21)]
                text += row(fields, octalAt: 2)
            }
        }
    }

    static func semaphoreSets(_ reader: Task) throws(Errno) -> [UInt8] {
        let namespace = reader.kernel.interprocess
        let header: StaticString = "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n"
        return namespace.lock.withLock {
            namespace.semaphores.sorted.reduce(into: header.withUTF8Buffer { Array($0) }) { text, set in
                text += row(start(set) + [(Int64(set.semaphores.count), 10)] + owners(set.permissions) + [(set.operated, 10), (set.changed, 10)], octalAt: 2)
            }
        }
    }

    static func messageQueues(_ reader: Task) throws(Errno) -> [UInt8] {
        let namespace = reader.kernel.interprocess
        let header: StaticString =
            "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime\n"
        return namespace.lock.withLock {
            namespace.queues.sorted.reduce(into: header.withUTF8Buffer { Array($0) }) { text, queue in
                var fields = start(queue) + [(Int64(clamping: queue.bytes), 11), (Int64(queue.messages.count), 10)]
                fields += [(Int64(queue.sender), 5), (Int64(queue.receiver), 5)] + owners(queue.permissions)
                text += row(fields + [(queue.sent, 10), (queue.received, 10), (queue.changed, 10)], octalAt: 2)
            }
        }
    }
}
