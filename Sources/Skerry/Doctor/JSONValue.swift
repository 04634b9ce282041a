/// JSON as text (RFC 8259). Written here because Foundation's encoder would bring Foundation into the one executable and cost every run 15 ms at start.
package indirect enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case string(String)
    case array([JSONValue])
    /// In the order given.
    case object([(String, JSONValue)])

    package static func == (left: JSONValue, right: JSONValue) -> Bool { left.text == right.text }

    /// nil as null.
    package static func optional(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    /// nil as null.
    package static func optional(_ value: Int64?) -> JSONValue { value.map { .integer($0) } ?? .null }

    /// The text, two spaces a level, without a newline at its end.
    package var text: String {
        var result = ""
        write(into: &result, indentation: 0)
        return result
    }

    private func write(into text: inout String, indentation: Int) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .string(let value): Self.write(value, into: &text)
        case .array(let values):
            Self.write(values, "[", "]", into: &text, indentation) { value, text in value.write(into: &text, indentation: indentation + 1) }
        case .object(let members):
            Self.write(members, "{", "}", into: &text, indentation) { member, text in
                Self.write(member.0, into: &text)
                text += ": "
                member.1.write(into: &text, indentation: indentation + 1)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element], _ open: String, _ close: String, into text: inout String, _ indentation: Int, _ body: (Element, inout String) -> Void
    ) {
        text += open
        for (index, element) in elements.enumerated() {
            text += index == 0 ? "\n" : ",\n"
            text += String(repeating: "  ", count: indentation + 1)
            body(element, &text)
        }
        if !elements.isEmpty { text += "\n" + String(repeating: "  ", count: indentation) }
        text += close
    }

    private static func write(_ string: String, into text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\r": text += "\\r"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
