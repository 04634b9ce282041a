public import Confidential

extension GuestImage {
    /// The image that the package build has made from `guest/confidential` (plugin BuildGuestImage).
    ///
    /// - Throws: `plan` when it is not readable, which is a fault of the build.
    public static func built() throws(SNPError) -> GuestImage { try GuestImage(decode(imageText)) }

    /// RFC 4648, section 4.
    private static func decode(_ text: StaticString) -> [UInt8] {
        text.withUTF8Buffer { characters in
            var (bytes, word, bits): ([UInt8], UInt32, UInt32) = ([], 0, 0)
            bytes.reserveCapacity(characters.count / 4 * 3)
            for character in characters {
                let value: UInt8
                switch character {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
                case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a") + 26
                case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0") + 52
                case UInt8(ascii: "+"): value = 62
                case UInt8(ascii: "/"): value = 63
                default: continue
                }
                (word, bits) = (word << 6 | UInt32(value), bits + 6)
                if bits >= 8 {
                    bits -= 8
                    bytes.append(UInt8(truncatingIfNeeded: word >> bits))
                }
            }
            return bytes
        }
    }
}
