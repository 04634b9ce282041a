/// Bytes that can be mapped: the content of a tmpfs file, a memfd, shared memory. Owns counted frames by page offset; pages that were never written own nothing.
package final class MemoryObject: @unchecked Sendable {
    package let physicalMemory: PhysicalMemory
    package let lock = Lock(.memoryObject)
    /// The size in bytes; pages behind it do not exist for mappings (SIGBUS).
    package private(set) var size: Int64 = 0
    package init(physicalMemory: PhysicalMemory) { self.physicalMemory = physicalMemory }

    /// Reads into the buffers from `offset`, holes as zeros; stops at the size.
    package func read(_ buffers: inout UserBuffers, at offset: Int64) throws(Errno) -> Int { throw .EIO }
    /// Writes from the buffers, growing the object; `ENOSPC` when the memory limit is reached.
    package func write(_ buffers: inout UserBuffers, at offset: Int64) throws(Errno) -> Int { throw .EIO }
    /// Changes the size: frames behind it are freed and mappings of them zapped; the rest of the last page is zeroed.
    package func truncate(to length: Int64) throws(Errno) { throw .EIO }
    /// fallocate: reserves frames for the range (`punch` false) or frees them (`punch` true). Does not change the size.
    package func allocate(offset: Int64, length: Int64, punch: Bool) throws(Errno) { throw .EIO }
    /// Pages that own a frame (`st_blocks` is eight times this).
    package var residentPages: Int { 0 }
    /// SEEK_DATA (`data` true) or SEEK_HOLE from `offset`, which lies before the size; nil when there is no data behind it.
    package func seek(from offset: Int64, data: Bool) -> Int64? { data ? offset : size }
    /// A mapping or open file uses it / stops using it; the last one frees the frames.
    package let users = ReferenceCount()
}
