import SecureWorld
import Testing

@testable import LibraryOS

/// Sessions over time: waiting, cancelling, closing, and the end of clients.
@Suite struct DeviceSessionTests {
    private let bed: DeviceBed
    private let client: UInt64

    init() throws {
        bed = try DeviceBed()
        client = try bed.client()
    }

    private func die() { bed.kernel.killAll() }
    private func signal() { bed.task.send(SignalInfo(Signal.SIGUSR1, code: SignalInfo.kernel)) }

    // MARK: Waiting

    @Test func aClientSleepsUntilTheServiceIsDone() throws {
        bed.service.hold()
        bed.parker.whileAsleep { [bed] in bed.service.answerNext() }
        let session = try bed.openSession(client)
        #expect(session.status == 0 && session.session == 77)
        bed.parker.whileAsleep {}
        bed.parker.whileAsleep { [bed] in bed.service.answerNext() }
        bed.service.onCommand { _, _ in (.success, [.value(.output, a: 6, b: 7), .none, .none, .none]) }
        #expect(try bed.invoke(client, 77, 1, [.value(2)]).parameters == [.value(2, 6, 7)], "also after a wake for nothing")
        bed.parker.whileAsleep { [bed] in bed.service.answerNext() }
        #expect(try bed.closeSession(client, 77) == 0)
        #expect(bed.parker.sleeps == 4 && bed.service.requests.count == 3, "each request is made once")
    }

    @Test func signalsComeAfterTheCommand() throws {
        let session = try bed.openSession(client).session
        bed.service.hold()
        bed.parker.whileAsleep(signal)
        bed.parker.whileAsleep { [bed] in bed.service.answerNext() }
        #expect(try bed.invoke(client, session).status == 0)
        #expect(bed.parker.sleeps == 2 && bed.service.requests.allSatisfy { !$0.isCancelled })
    }

    @Test func aCloseOfTheDescriptorWaitsForTheCall() throws {
        let session = try bed.openSession(client).session
        bed.service.hold()
        bed.parker.whileAsleep { [self] in
            #expect(bed.close(client) == 0)
            #expect(bed.service.closed.isEmpty)
            bed.service.hold(false)
            bed.service.answerNext()
        }
        #expect(try bed.invoke(client, session).status == 0)
        #expect(bed.service.closed == [session])
    }

    // MARK: Ends

    @Test func aKilledClientLeavesAtOnceAndItsCommandIsCancelled() throws {
        let session = try bed.openSession(client).session
        bed.service.hold()
        bed.parker.whileAsleep(die)
        #expect(try bed.invoke(client, session).status == failed(.EINTR))
        #expect(bed.service.requests.last?.isCancelled == true)
        bed.task.finish()
        #expect(bed.service.closed.isEmpty, "a session is closed after its commands")
        bed.service.answerNext()
        #expect(bed.service.closed == [session])
    }

    @Test func aSessionForAKilledClientIsClosedAgain() throws {
        bed.service.hold()
        bed.parker.whileAsleep(die)
        #expect(try bed.openSession(client).status == failed(.EINTR))
        bed.task.finish()
        bed.service.answerNext()
        #expect(bed.service.closed == [77])
    }

    @Test func aResultThatComesWithDeathIsStillTaken() throws {
        bed.service.hold()
        bed.parker.whileAsleep { [self] in
            bed.service.hold(false)
            bed.service.answerNext()
            die()
        }
        #expect(try bed.openSession(client).status == 0)
        #expect(bed.service.closed.isEmpty)
        bed.task.finish()
        #expect(bed.service.closed == [77])
    }

    @Test func whatADeadClientShared() throws {
        let session = try bed.openSession(client).session
        let shared = try bed.register(client, bed.map(), 4096)
        bed.service.hold()
        bed.parker.whileAsleep(die)
        #expect(try bed.invoke(client, session, 1, [.memory(7, shared.id, size: 16)]).status == failed(.EINTR))
        bed.task.finish()
        guard case .memory(_, let buffer?, _) = bed.service.requests.last?.parameters.first else { return #expect(Bool(false)) }
        #expect(throws: TEEResult.accessDenied) { _ = try buffer.read(at: 0, count: 1) }
        #expect(throws: TEEResult.accessDenied) { try buffer.write([1], at: 0) }
    }

    // MARK: Cancelling

    @Test func aCancellationReachesTheCommandsOfItsSession() throws {
        let session = try bed.openSession(client).session, other = try bed.openSession(client).session
        bed.service.hold()
        bed.parker.whileAsleep { [self] () throws in
            let second = bed.thread()
            #expect(try second.cancel(client, other) == 0)
            #expect(bed.service.requests.last?.isCancelled == false)
            #expect(try second.cancel(client, session) == 0)
            #expect(bed.service.requests.last?.isCancelled == true)
            bed.service.answerNext()
        }
        #expect(try bed.invoke(client, session).status == 0)
    }

    @Test func aCancellationWithoutACommandIsNothing() throws {
        let session = try bed.openSession(client).session
        #expect(try bed.cancel(client, session) == 0)
        #expect(try bed.invoke(client, session).status == 0)
        #expect(bed.service.requests.allSatisfy { !$0.isCancelled })
        #expect(try bed.cancel(client, session + 1) == failed(.EINVAL))
        #expect(bed.task.call(DeviceCall.ioctl, client, DeviceRequest.cancel, 0) == failed(.EFAULT))
    }

    // MARK: Closing

    @Test func aClosedSessionIsGone() throws {
        let session = try bed.openSession(client).session
        #expect(try bed.closeSession(client, session) == 0)
        #expect(bed.service.closed == [session])
        #expect(try bed.closeSession(client, session) == failed(.EINVAL))
        #expect(try bed.invoke(client, session).status == failed(.EINVAL))
        #expect(try bed.cancel(client, session) == failed(.EINVAL))
        bed.close(client)
        #expect(bed.service.closed == [session])
    }

    @Test func sessionsBelongToTheirDescription() throws {
        let session = try bed.openSession(client).session
        let other = try bed.client()
        #expect(try bed.invoke(other, session).status == failed(.EINVAL))
        #expect(try bed.cancel(other, session) == failed(.EINVAL))
        #expect(try bed.closeSession(other, session) == failed(.EINVAL))
        let copy = UInt64(bed.task.call(DeviceCall.dup, client))
        #expect(try bed.invoke(copy, session).status == 0, "but copies of a descriptor share it")
        #expect(bed.service.closed.isEmpty)
    }

    @Test func theLastDescriptorClosesAllSessions() throws {
        let sessions = [try bed.openSession(client).session, try bed.openSession(client).session]
        let child = try bed.otherProcess()
        bed.close(client)
        #expect(bed.service.closed.isEmpty, "a child has it, too")
        #expect(child.call(DeviceCall.close, client) == 0)
        #expect(bed.service.closed.sorted() == sessions)
    }

    @Test func aCloseWaitsForCommandsOfOtherThreads() throws {
        let session = try bed.openSession(client).session
        bed.service.hold()
        bed.parker.whileAsleep { [self] () throws in
            let second = bed.thread()
            second.parker.whileAsleep { [self] in
                #expect(bed.service.closed.isEmpty)
                #expect(bed.service.answerNext())
                #expect(bed.service.closed == [session])
                bed.service.answerNext()
            }
            #expect(try second.closeSession(client, session) == 0)
            #expect(second.parker.sleeps == 1)
        }
        #expect(try bed.invoke(client, session).status == 0)
    }

    @Test func whoOpensNextWaitsForSessionsThatEndOnTheirOwn() throws {
        _ = try bed.openSession(client)
        let other = try bed.client()
        bed.service.hold()
        bed.close(client)
        #expect(bed.service.closed == [77])
        bed.parker.whileAsleep { [bed] in
            #expect(bed.service.requests.count == 2, "not yet")
            bed.service.hold(false)
            bed.service.answerNext()
        }
        #expect(try bed.openSession(other).status == 0)
        #expect(bed.parker.sleeps == 1 && bed.service.requests.count == 3)
    }

    @Test func otherApplicationsAreNotWaitedFor() throws {
        _ = try bed.openSession(client)
        let other = try bed.client()
        bed.service.hold()
        bed.close(client)
        bed.service.hold(false)
        #expect(try bed.openSession(other, [UInt8](repeating: 1, count: 16)).status == 0)
        #expect(bed.parker.sleeps == 0)
    }
}
