import Synchronization

/// A question for a host's addresses that another thread asks, so that whoever waits for the answer can stop waiting.
final class AddressQuestion: Sendable {
    private let answer = Mutex<[SocketAddress]>([])

    /// Asks; the descriptor becomes readable when the answer is there. As long as that takes, asking has a place among the sockets. `socketOutOfResources`.
    static func ask(
        _ host: String, port: UInt16, family: Int32, isStream: Bool, _ budget: SocketBudget
    ) throws(TEEResult) -> (question: AddressQuestion, answered: HostDescriptor) {
        let place = try budget.take()
        let (here, there) = try HostDescriptor.pair()
        let question = AddressQuestion()
        let starts = RequestThreads.start {
            // Closing its end is the signal.
            withExtendedLifetime((there, place)) {
                let found = SocketAddress.resolve(host, port: port, family: family, isStream: isStream, isNumeric: false)
                question.answer.withLock { $0 = found }
            }
        }
        guard starts else { throw .socketOutOfResources }
        return (question, here)
    }

    /// The addresses; none before the answer is there.
    var addresses: [SocketAddress] { answer.withLock { $0 } }
}
