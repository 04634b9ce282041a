import Foundation

actor Total {
    private(set) var value: UInt64 = 0
    func add(_ amount: UInt64) { value &+= amount }
}

@main struct Pool {
    static func main() async {
        print("hello from Swift")
        let total = Total()
        await withTaskGroup(of: Void.self) { group in
            for n in 0..<200 {
                group.addTask { await total.add((0..<UInt64(n)).reduce(0) { $0 &+ $1 &* $1 }) }
            }
        }
        print("total \(await total.value)")
        try? await Task.sleep(nanoseconds: 5_000_000)
        let text = try? JSONSerialization.data(withJSONObject: ["b": [1, 2], "a": "x"], options: [.sortedKeys])
        print(text.map { String(decoding: $0, as: UTF8.self) } ?? "none")
        print(FileManager.default.fileExists(atPath: "words.txt"))
        exit(3)
    }
}
