import SecureWorld
import Testing

@Suite("What applications write, on a terminal")
struct VisibleTextTests {
    private func shown(_ bytes: [UInt8]) -> String { String(decoding: VisibleText.escaping(bytes), as: UTF8.self) }

    @Test func textIsAsItIs() {
        for text in ["", "D/TA: hello\tworld\n", "Größe: 5 µm, 漢字 🎉\n", "\\x1b"] { #expect(shown(Array(text.utf8)) == text) }
    }

    @Test func controlCharactersAreShown() {
        #expect(shown(Array("\u{1b}[2J\u{1b}]0;title\u{7}\r\n\0\u{7f}".utf8)) == "\\x1b[2J\\x1b]0;title\\x07\\x0d\n\\x00\\x7f")
        // The second set begins sequences too, as a character and as a byte.
        #expect(shown(Array("\u{9b}2J".utf8) + [0x9b]) == "\\xc2\\x9b2J\\x9b")
        // Text from right to left, and invisible characters.
        #expect(shown(Array("a\u{202e}b\u{200b}".utf8)) == "a\\xe2\\x80\\xaeb\\xe2\\x80\\x8b")
    }

    @Test func whatIsNoTextIsShown() {
        #expect(shown([0xff, 0x41, 0xc3]) == "\\xffA\\xc3")
        #expect(shown([0xe2, 0x82, 0x41]) == "\\xe2\\x82A")
        #expect(shown([0xf0, 0x9f, 0x8e]) == "\\xf0\\x9f\\x8e")
        #expect(shown([0xc0, 0x80, 0xed, 0xa0, 0x80]) == "\\xc0\\x80\\xed\\xa0\\x80")
    }
}
