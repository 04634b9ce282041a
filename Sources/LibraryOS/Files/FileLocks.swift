/// flock(2) and fcntl(2) record locks on one inode.
package final class FileLocks: @unchecked Sendable {
    package init() {}
}
