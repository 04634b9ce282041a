internal import Glibc

/// The parts of a file in memory that nobody has ever written to or looked at (lseek(2), SEEK_DATA).
enum FileHoles {
    /// Which of the pages from `start` on are holes; none of those about which the host says nothing.
    static func pages(of file: Int32, from start: off_t, count: Int) -> [Bool] {
        var result = [Bool](repeating: false, count: count)
        let end = start + off_t(count << 12)
        var position = start
        while position < end {
            var data = lseek(file, position, 3)  // SEEK_DATA
            if data < 0 {
                guard errno == ENXIO else { return result }
                data = end
            }
            let next = min(data, end)
            if position < next { for page in Int(position - start) >> 12..<Int(next - start) >> 12 { result[page] = true } }
            if data >= end { break }
            position = lseek(file, data, 4)  // SEEK_HOLE
            if position < 0 { break }
        }
        return result
    }
}
