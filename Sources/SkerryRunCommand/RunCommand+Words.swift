extension RunCommand {
    /// `--trace=FILE` is `--trace-file=FILE` to the argument parser, which knows no options with a value one may leave out. Only words before `--` are
    /// skerry's for certain.
    package static func traceFileSpeltOut(_ words: [String]) -> [String] {
        guard let end = words.firstIndex(of: "--") else { return words }
        return words.enumerated().map { $0 < end && $1.hasPrefix("--trace=") ? "--trace-file=" + $1.dropFirst(8) : $1 }
    }
}
