import LibraryOS
import Testing

@Suite("Guest values")
struct GuestTypesTests {
    @Test func addressArithmeticThatWrapsIsAnError() {
        #expect(throws: Errno.EFAULT) { try GuestAddress(.max).advanced(by: 1) }
    }
}
