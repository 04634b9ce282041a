/// Numbers that a seed and the number of a round bring back (SplitMix64; Steele, Lea, Flood 2014).
struct FuzzRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64, round: UInt64) { state = seed &* 0xd129_0a7e_3a5d_4f63 &+ round &* 0x9e37_79b9_7f4a_7c15 }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    /// True once in `count` times.
    mutating func one(in count: UInt64) -> Bool { next() % count == 0 }
    mutating func below(_ count: Int) -> Int { count <= 1 ? 0 : Int(next() % UInt64(count)) }
    mutating func element<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }

    private static let edges: [UInt64] = [
        0, 1, 2, 7, 8, 15, 16, 23, 24, 63, 64, 0xff, 0xfff, 0x1000, 0x1001, 0xffff, 1 << 20, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 32, 1 << 40, 1 << 47, 1 << 63, .max >> 1,
        .max - 4095, .max - 7, .max,
    ]
    /// A number that is at an edge of something.
    mutating func edge() -> UInt64 { one(in: 6) ? next() >> (next() % 64) : element(Self.edges) }
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}
