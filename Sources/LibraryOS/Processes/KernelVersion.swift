/// What the sandbox says it is: uname(2), /proc/version, /proc/sys/kernel. The release names the Linux whose behaviour is followed.
package enum KernelVersion {
    package static let systemName = Array("Linux".utf8)
    package static let release = Array("6.1.0-skerry".utf8)
    package static let version = Array("#1 SMP PREEMPT_DYNAMIC skerry".utf8)
    package static let machine = Array("x86_64".utf8)
}
