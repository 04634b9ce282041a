/// The mounted file systems of a sandbox, by mount point.
package final class MountTable: @unchecked Sendable {
    package init() {}
}
