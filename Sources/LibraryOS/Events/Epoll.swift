final class EpollItem: WaitQueueWaiter, @unchecked Sendable { func remove() {} }
