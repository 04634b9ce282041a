extension PseudoTA {
    /// Every pseudo application of a secure world by its UUID, each in its first state.
    static func all(_ configuration: SecureWorldConfiguration) -> [TEEUUID: PseudoTA] {
        let applications: [PseudoTA] = [
            SystemPTA(), SocketPTA(), StatisticsPTA(), DevicePTA(), AttestationPTA(configuration), RealTimeClockPTA(configuration),
        ]
        return Dictionary(applications.map { ($0.uuid, $0) }) { first, _ in first }
    }

    /// Its name as an application without a file: UUIDs in the source are known to be well-formed.
    static func identifier(_ text: StaticString) -> TEEUUID { TEEUUID(text.description) ?? .null }
}
