import Glibc

/// What tests that run a guest need. Without /dev/kvm they fail under CI=true, and elsewhere are skipped with a word.
enum KVMAccess {
    static let available: Bool = {
        if access("/dev/kvm", R_OK | W_OK) == 0 { return true }
        // Running them anyway makes them fail, as they must where nobody would notice a skip.
        if getenv("CI").map({ String(cString: $0) }) == "true" { return true }
        print("skipped: /dev/kvm is not accessible, so no guest is run")
        return false
    }()
}

/// The same random numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        // SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators).
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
