import SkerryRun

extension RunCommand {
    /// `--trace=FILE` is `--trace-file=FILE` to the argument parser, and `--confidential=MODE` is `--confidential-mode=MODE`: it knows no options with a value one may
    /// leave out. Words behind the program are not looked at.
    package static func optionsSpeltOut(_ words: [String]) -> [String] {
        guard words.first == "run" else { return words }
        let end = 1 + RunOptions.ownWords(words[1...])
        return words.enumerated().map { index, word in
            guard index < end else { return word }
            if word.hasPrefix("--trace=") { return "--trace-file=" + word.dropFirst(8) }
            if word.hasPrefix("--confidential=") { return "--confidential-mode=" + word.dropFirst(15) }
            return word
        }
    }
}
