extension RunOptions {
    /// Reads the plain forms of `run`'s options without the argument parser, whose reflection costs more than a virtual machine does.
    ///
    /// nil for whatever is not plain (`--name=value`, joined short options, a missing or malformed value, `--help`, an unknown option): the
    /// argument parser then reads the same words and has the last word on them.
    package init?(plain words: ArraySlice<String>) {
        var rest = words
        while let word = rest.popFirst() {
            if readFlag(word) { continue }
            if word == "--" {
                command = Array(rest)
                break
            }
            if !word.hasPrefix("-") {
                command = [word] + rest
                break
            }
            guard let value = rest.popFirst(), !value.hasPrefix("-"), readOption(word, value) else { return nil }
        }
        if command.isEmpty { return nil }
    }

    /// How many of these words are the command's own; the first of the others is "--" or the program.
    package static func ownWords(_ words: ArraySlice<String>) -> Int {
        var (scratch, rest) = (RunOptions(), words)
        while let word = rest.first, word != "--", word.hasPrefix("-") {
            rest = rest.dropFirst()
            // A value that is malformed is one all the same.
            if !scratch.readFlag(word), !word.contains("="), takesValue(word), !rest.isEmpty { rest = rest.dropFirst() }
        }
        return words.count - rest.count
    }

    private static func takesValue(_ word: String) -> Bool {
        var scratch = RunOptions()
        return ["1", "json", "derived"].contains { scratch.readOption(word, $0) }
    }

    private mutating func readFlag(_ word: String) -> Bool {
        if word.hasPrefix("--trace="), word.count > 8 {
            traceFile = String(word.dropFirst(8))
            return true
        }
        if word.hasPrefix("--confidential="), let mode = ConfidentialOptions.Mode(rawValue: String(word.dropFirst(15))) {
            confidential.mode = mode
            return true
        }
        switch word {
        case "--root-rw": rootIsWritable = true
        case "--system": system = true
        case "-i", "--interactive": break
        case "-t", "--tty": terminal = true
        case "--trace": trace = true
        case "--crash-report": crashReport = true
        case "--no-in-place": inPlace = false
        case "-q", "--quiet": quiet = true
        case "--stats": stats = true
        case "--confidential": confidential.mode = .kvm
        case "--predict": confidential.predicts = true
        case "--proxy": confidential.proxy = true
        case "--store-new": confidential.makesStore = true
        case "--tee-unsigned": secureWorld.unsigned = true
        case "--tee-network": secureWorld.network = true
        case "--tee-trace": secureWorld.trace = true
        default: return false
        }
        return true
    }

    private mutating func readOption(_ word: String, _ value: String) -> Bool {
        switch word {
        case "--ro": readOnly.append(value)
        case "--rw": readWrite.append(value)
        case "--root": root = value
        case "--tmpfs": temporary.append(value)
        case "-e", "--env": environment.append(value)
        case "-w", "--workdir": workingDirectory = value
        case "--hostname": hostname = value
        case "-m", "--memory": memory = value
        case "-u", "--user": user = value
        case "--trace-file": traceFile = value
        case "--evidence": confidential.evidence = value
        case "--challenge": confidential.challenge = value
        case "--certs": confidential.certificates.append(value)
        case "--secrets": confidential.secrets = value
        case "--secrets-provider": confidential.secretsProvider = value
        case "--connect": confidential.connections.append(value)
        case "--store": confidential.store = value
        case "--store-key":
            guard let key = ConfidentialOptions.StoreKey(rawValue: value) else { return false }
            confidential.storeKey = key
        case "--tee": secureWorld.applications.append(value)
        case "--tee-device": secureWorld.device = value
        case "--tee-key": secureWorld.key = value
        case "--tee-storage-limit": secureWorld.storageLimit = value
        case "--tee-timeout":
            guard let number = Double(value) else { return false }
            secureWorld.timeout = number
        case "--cpus":
            guard let number = Int(value) else { return false }
            processors = number
        case "--pids":
            guard let number = Int(value) else { return false }
            processes = number
        case "--nofile":
            guard let number = Int(value) else { return false }
            openFiles = number
        case "--timeout":
            guard let number = Double(value) else { return false }
            timeout = number
        case "--trace-format":
            guard let format = TraceFormat(rawValue: value) else { return false }
            traceFormat = format
        default: return false
        }
        return true
    }
}
