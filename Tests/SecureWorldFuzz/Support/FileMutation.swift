@testable import SecureWorld

/// An ELF file whose tables are found, so that changes are made where they matter.
struct FileMutation {
    let file: [UInt8]
    private let programHeaders: [Int]
    private let sectionHeaders: [Int]
    /// What relocations, symbols, strings, and the dynamic section are in.
    private let tables: [(kind: UInt32, range: Range<Int>)]
    private let head: Int

    init(_ file: [UInt8]) {
        self.file = file
        let reader = ImageReader(bytes: file)
        func places(_ offset: Int, _ count: Int, _ size: Int) -> [Int] {
            let start = Int(reader.u64(offset) ?? 0)
            return (0..<Int(reader.u16(count) ?? 0)).map { start + $0 * size }.filter { $0 >= 0 && $0 + size <= file.count }
        }
        programHeaders = places(32, 56, 56)
        sectionHeaders = places(40, 60, 64)
        tables = sectionHeaders.compactMap { place in
            guard let kind = reader.u32(place + 4), let offset = reader.u64(place + 24), let size = reader.u64(place + 32), [2, 3, 4, 5, 6, 11, 14, 15].contains(kind),
                let range = reader.range(offset, size), range.count >= 8
            else { return nil }
            return (kind, range)
        }
        head = programHeaders.first.flatMap { reader.u64($0 + 8) }.map { Int($0) } ?? 0
    }

    /// The file with a few changes.
    func mutated(_ random: inout FuzzRandom) -> [UInt8] {
        var bytes = file
        for _ in 0..<1 + random.below(4) {
            switch random.next() % 16 {
            case 0: bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
            case 1: put(random.edge(), 8, &bytes, random.below(64))
            case 2...4: if !programHeaders.isEmpty { change(&random, &bytes, random.element(programHeaders), [(0, 4), (4, 4), (8, 8), (16, 8), (32, 8), (40, 8), (48, 8)]) }
            case 5...6:
                if !sectionHeaders.isEmpty { change(&random, &bytes, random.element(sectionHeaders), [(4, 4), (8, 8), (16, 8), (24, 8), (32, 8), (40, 4), (44, 4), (56, 8)]) }
            case 7...9: relocation(&random, &bytes)
            case 10...11: entry(&random, &bytes)
            case 12: change(&random, &bytes, head, [(0, 8), (8, 8), (16, 4), (20, 4), (24, 8)])
            case 13: copy(&random, &bytes)
            case 14: code(&random, &bytes)
            default: if random.one(in: 6) { bytes.removeLast(random.below(max(1, bytes.count - 64))) } else { bytes += random.bytes(random.below(200)) }
            }
        }
        return bytes
    }

    private func put(_ value: UInt64, _ size: Int, _ bytes: inout [UInt8], _ place: Int) {
        for index in 0..<size where bytes.indices.contains(place + index) { bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(index * 8)) }
    }

    /// A field becomes an edge of numbers, or a little more or less than it was.
    private func change(_ random: inout FuzzRandom, _ bytes: inout [UInt8], _ place: Int, _ fields: [(offset: Int, size: Int)]) {
        let field = random.element(fields)
        let reader = ImageReader(bytes: bytes)
        let old = field.size == 8 ? reader.u64(place + field.offset) ?? 0 : UInt64(reader.u32(place + field.offset) ?? 0)
        let steps: [UInt64] = [1, 8, 16, 24, 4096, 1 << 20]
        let step = random.element(steps)
        let value = random.one(in: 2) ? random.edge() : random.one(in: 2) ? old &+ step : old &- step
        put(value, field.size, &bytes, place + field.offset)
    }

    /// Place, type, symbol or addend of a relocation with or without addends.
    private func relocation(_ random: inout FuzzRandom, _ bytes: inout [UInt8]) {
        let candidates = tables.filter { $0.kind == 4 }
        guard !candidates.isEmpty else { return }
        let range = random.element(candidates).range
        let place = range.lowerBound + random.below(max(1, range.count / 24)) * 24
        switch random.next() % 4 {
        case 0: put(random.one(in: 2) ? random.edge() : random.next() % 0x20000, 8, &bytes, place)
        case 1: put(random.next() % 40, 4, &bytes, place + 8)
        case 2: put(random.one(in: 2) ? random.next() % 100 : random.edge(), 4, &bytes, place + 12)
        default: put(random.one(in: 2) ? random.edge() : random.next() % 0x20000, 8, &bytes, place + 16)
        }
    }

    private func entry(_ random: inout FuzzRandom, _ bytes: inout [UInt8]) {
        guard !tables.isEmpty else { return }
        let range = random.element(tables).range
        let sizes = [1, 2, 4, 8]
        put(random.edge(), random.element(sizes), &bytes, (range.lowerBound + random.below(range.count)) & ~3)
    }

    private func copy(_ random: inout FuzzRandom, _ bytes: inout [UInt8]) {
        let (from, to, count) = (random.below(bytes.count), random.below(bytes.count), random.below(256))
        for index in 0..<count where from + index < bytes.count && to + index < bytes.count { bytes[to + index] = bytes[from + index] }
    }

    /// What the processor runs or reads, so that the application does something else than it was written to.
    private func code(_ random: inout FuzzRandom, _ bytes: inout [UInt8]) {
        guard bytes.count > head else { return }
        for _ in 0..<16 { bytes[head + random.below(bytes.count - head)] = UInt8(truncatingIfNeeded: random.next()) }
    }

    /// Fields of a container's headers; nothing is signed again.
    static func containerFields(_ random: inout FuzzRandom, _ file: [UInt8]) -> [UInt8] {
        var bytes = file
        for _ in 0..<1 + random.below(3) where bytes.count > 1024 {
            let place = random.one(in: 2) ? random.below(20) : random.below(1000)
            switch random.next() % 4 {
            case 0: bytes[place] ^= 1 << UInt8(random.below(8))
            case 1: for index in 0..<4 { bytes[place & ~3 + index] = UInt8(truncatingIfNeeded: random.edge() >> UInt64(index * 8)) }
            case 2: bytes.removeLast(random.below(bytes.count))
            default: bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
            }
        }
        return bytes
    }
}
