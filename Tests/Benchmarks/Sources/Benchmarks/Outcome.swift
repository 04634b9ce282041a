import Foundation

/// What the pairs of a comparison showed.
struct Outcome: Encodable {
    struct Side: Encodable {
        let label: String
        let median: Double
        /// The middle half of the figures lies between these.
        let lowerQuartile: Double
        let upperQuartile: Double

        init(_ label: String, _ figures: [Double]) {
            let sorted = figures.sorted()
            self.label = label
            median = sorted.quantile(0.5)
            lowerQuartile = sorted.quantile(0.25)
            upperQuartile = sorted.quantile(0.75)
        }
    }

    let name: String
    let unit: String
    let subject: Side
    let reference: Side
    let pairs: Int
    let ratio: Double
    let ratioLowerQuartile: Double
    let ratioUpperQuartile: Double
    let target: String
    let verdict: Comparison.Verdict

    init(_ comparison: Comparison, _ figures: [(subject: Double, reference: Double)]) {
        name = comparison.name
        unit = comparison.unit
        subject = Side(comparison.subject.label, figures.map(\.subject))
        reference = Side(comparison.reference.label, figures.map(\.reference))
        pairs = figures.count
        let ratios = figures.map { $0.subject / max($0.reference, .leastNormalMagnitude) }
        let sorted = ratios.sorted()
        ratio = sorted.quantile(0.5)
        ratioLowerQuartile = sorted.quantile(0.25)
        ratioUpperQuartile = sorted.quantile(0.75)
        target = comparison.target.description
        verdict = comparison.verdict(ratios)
    }

    static let heading = "benchmark                            subject                    reference                  ratio (middle half)      target     verdict"

    var line: String {
        func side(_ side: Side) -> String { "\(side.label) \(Self.short(side.median)) \(unit)".padded(26) }
        let spread = "\(Self.short(ratio)) (\(Self.short(ratioLowerQuartile))-\(Self.short(ratioUpperQuartile)))"
        return "\(name.padded(36)) \(side(subject)) \(side(reference)) \(spread.padded(24)) \(target.padded(10)) \(verdict.rawValue)"
    }

    private static func short(_ value: Double) -> String {
        value >= 1000 ? String(format: "%.0f", value) : value >= 10 ? String(format: "%.1f", value) : String(format: "%.3f", value)
    }
}

extension [Double] {
    /// Of a sorted array, between neighbours linearly.
    fileprivate func quantile(_ part: Double) -> Double {
        guard let last else { return .nan }
        let position = part * Double(count - 1)
        let index = Int(position)
        return index + 1 < count ? self[index] + (self[index + 1] - self[index]) * (position - Double(index)) : last
    }
}

extension String {
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }
}
