import LibraryOS
import Testing
@testable import SecureWorld

/// Commands with parameters that nobody means well by: a result in any case, and the monitor lives on.
@Suite struct PseudoTAHostileTests {
    private static let numbers: [UInt32] = [0, 1, 2, 3, 4, 15, 16, 28, 32, 72, 4095, 4096, 4097, 0x10000, 0x6000, 0x6800, 0x7fff, 1 << 20, 1 << 31, 0xffff_f000, .max]
    private static let sizes: [UInt64] = [0, 1, 16, 28, 32, 72, 100, 4096, 4097, 65536, 1 << 20, 1 << 32, 1 << 63, .max]

    private func parameter(_ random: inout ImagesRandom, _ bed: PseudoTABed, _ memory: TAMemoryBuffer) -> TEEParameter {
        let direction = TEEDirection(rawValue: UInt8.random(in: 1...3, using: &random))
        let size = Self.sizes.randomElement(using: &random) ?? 0
        let byte = UInt8.random(in: 0...255, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return .none
        case 1...3: return .value(direction, a: Self.numbers.randomElement(using: &random) ?? 0, b: Self.numbers.randomElement(using: &random) ?? 0)
        case 4: return .memory(direction, nil, size: size)
        case 5: return .memory(direction, memory, size: size)
        case 6: return .memory(direction, TAMemoryBuffer(bed.caller.memory, size &* 4096, size: size), size: size)
        default: return .memory(direction, PseudoTAClientMemory([UInt8](repeating: byte, count: Int(min(size, 4097)))), size: min(size, 4097))
        }
    }

    /// The types that a command expects, so that more than the check of types is met.
    private static let types: [String: [[UInt32]]] = [
        "3a2f8978-5dc0-11e8-9c2d-fa7ae01bbebc": [[5], [5, 6], [1, 3, 1], [1, 1], [], [], [], [], [1, 1], [1, 1, 3, 1], [5, 1], [5, 5, 2], [6], [5, 1, 7, 2]],
        "3b996a7d-2c2b-4a49-a896-e1fb5766d2f4": [[], [1, 5, 1, 2], [1], [1, 5, 2], [1, 6], [1, 7]],
        "d96a5b40-e2c7-b1af-8794-1002a5d5c61b": [[2, 2, 2], [1, 6], [], [6], [2, 2], [1]],
        "7011a688-ddde-4053-a5a9-7b3c4ddf13b8": [[6], [6], [6]],
        "39800861-182a-4720-9b67-2bcd622bc0b5": [[6, 6, 2], [5, 5, 6], [5, 6], [5, 6]],
        "f389f8c8-845f-496c-8bbe-d64bd24c92fd": [[6], [6], [5], [2], [1], [6], [5], [1], [2], [], [1]],
    ]

    @Test(arguments: Array(types.keys)) func anyParametersHaveAResult(_ name: String) throws {
        let bed = try PseudoTABed(memoryLimit: 16 << 20)
        var random = ImagesRandom(seed: UInt64(name.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) }))
        let memory = try bed.memory([UInt8](repeating: 0xa5, count: 4096))
        var applications = PseudoTA.all(try PseudoTABed.configuration())
        let attestation = AttestationPTA(try PseudoTABed.configuration(), bits: 1024)
        applications[attestation.uuid] = attestation
        let application = try #require(TEEUUID(name).flatMap { applications[$0] })
        let session = try bed.open(application, by: bed.caller)
        let types = try #require(Self.types[name])
        for round in 0..<1500 {
            let command = Int.random(in: 0..<types.count, using: &random)
            var parameters = (0..<4).map { _ in parameter(&random, bed, memory) }
            if round % 4 != 0 {
                for index in 0..<4 {
                    let wanted = index < types[command].count ? types[command][index] : 0
                    if wanted == 0 { parameters[index] = .none }
                    while parameters[index].type != wanted { parameters[index] = parameter(&random, bed, memory) }
                }
            }
            let (result, after) = session.invoke(UInt32(command), parameters)
            #expect(after.map(\.type) == parameters.map(\.type))
            // A code that no specification knows would make the application's library panic.
            #expect(result == .success || TEEResult(name: "\(result)") != nil || result.rawValue >> 16 == 0xf100, "\(result)")
        }
        application.close(session)
        #expect(try bed.caller.memory.read(memory.address, 1).count == 1)
    }
}
