import Foundation
import Testing

/// A line of `invocations.txt`: commands run one after another in one folder, natively and in the sandbox.
struct Invocation: Sendable, CustomTestStringConvertible {
    struct Step: Sendable {
        var words: [String] = []
        var input: String?
    }
    var section: String
    var text: String
    var steps: [Step]
    /// Only in the long run.
    var isLong: Bool
    /// It shows the user's name, which is the host's natively and nobody's business in the sandbox; only root is called the same.
    var needsRoot: Bool
    /// Its output is a measurement: only the exit status is compared.
    var comparesOutput: Bool

    var testDescription: String { text }

    static let all: [Invocation] = {
        let file = Place.sources.appendingPathComponent("invocations.txt")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
        var section = ""
        var result: [Invocation] = []
        for line in text.split(separator: "\n").map({ $0.trimmingCharacters(in: .whitespaces) }) where !line.isEmpty && !line.hasPrefix("#") {
            if line.hasPrefix("["), line.hasSuffix("]") {
                section = String(line.dropFirst().dropLast())
                continue
            }
            var rest = line
            var isLong = false
            var needsRoot = false
            var comparesOutput = true
            while rest.hasPrefix("@") {
                let word = rest.prefix { $0 != " " }
                if word == "@long" { isLong = true }
                if word == "@root" { needsRoot = true }
                if word == "@status" { comparesOutput = false }
                rest = rest.dropFirst(word.count).trimmingCharacters(in: .whitespaces)
            }
            result.append(
                Invocation(section: section, text: rest, steps: steps(rest), isLong: isLong, needsRoot: needsRoot, comparesOutput: comparesOutput))
        }
        return result
    }()

    /// Splits as a shell does, as far as quotes, `< FILE` and `&&` go.
    private static func steps(_ line: String) -> [Step] {
        var result: [Step] = [Step()]
        var isInput = false
        for (word, quoted) in words(line) {
            if word == "&&", !quoted {
                result.append(Step())
            } else if word == "<", !quoted {
                isInput = true
            } else if isInput {
                result[result.count - 1].input = word
                isInput = false
            } else {
                result[result.count - 1].words.append(word)
            }
        }
        return result
    }

    private static func words(_ line: String) -> [(word: String, quoted: Bool)] {
        var result: [(String, Bool)] = []
        var current = ""
        var isOpen = false
        var wasQuoted = false
        var quote: Character?
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
        for character in line {
            if let open = quote {
                if character == open { quote = nil } else { current.append(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                isOpen = true
                wasQuoted = true
            } else if isBlank(character) {
                if isOpen { result.append((current, wasQuoted)) }
                (current, isOpen, wasQuoted) = ("", false, false)
            } else {
                current.append(character)
                isOpen = true
            }
        }
        if isOpen { result.append((current, wasQuoted)) }
        return result
    }
}
