import Testing
@testable import SecureWorld

/// The real-time clock (OP-TEE's pta_rtc.h). Moments and weekdays are those of Python's datetime.
@Suite struct PseudoTAClockTests {
    private static let loginKernel: UInt32 = 0x8000_0000
    private let storage: PseudoTAStorage
    private let host = PseudoTAClock(seconds: 1_700_000_000)
    private let bed: PseudoTABed
    private let session: PseudoSession

    init() throws {
        storage = try PseudoTAStorage()
        bed = try PseudoTABed(storage: storage.open(), clock: host)
        session = try bed.open(RealTimeClockPTA(bed.world.configuration), by: bed.caller)
    }

    /// tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday.
    private func time(_ session: PseudoSession? = nil) -> [UInt32] {
        let (result, parameters) = (session ?? self.session).invoke(1, [PseudoTAClientMemory.output(28)])
        return result == .success ? pseudoTAWords(parameters[0].content) : [result.rawValue]
    }
    private func set(_ fields: [UInt32]) -> TEEResult { session.invoke(2, [PseudoTAClientMemory.input(fields.flatMap(\.structureBytes))]).result }

    @Test func clockThatNobodySetIsTheHosts() {
        #expect(time() == [20, 13, 22, 14, 10, 2023, 2])
        host.set(seconds: 951_782_400)
        #expect(time() == [0, 0, 0, 29, 1, 2000, 2])
        host.set(seconds: 2_147_483_647)
        #expect(time() == [7, 14, 3, 19, 0, 2038, 2])
        host.set(seconds: 0)
        #expect(time() == [0, 0, 0, 1, 0, 1970, 4])
    }

    @Test func timeThatIsSetGoesOn() {
        #expect(set([58, 59, 23, 28, 1, 2100, 0]) == .success)
        #expect(time() == [58, 59, 23, 28, 1, 2100, 0])
        host.set(seconds: 1_700_000_002)
        // 2100 is no leap year.
        #expect(time() == [0, 0, 0, 1, 2, 2100, 1])
        #expect(host.realtime() == 1_700_000_002_000_000_000)
    }

    @Test func settingOutlastsTheWorldThatHasAStorage() throws {
        #expect(set([0, 0, 12, 1, 5, 2050, 0]) == .success)
        #expect(session.invoke(4, [.valueIn(UInt32(bitPattern: -7))]).result == .success)
        host.set(seconds: 1_700_000_060)
        let later = try bed.open(RealTimeClockPTA(bed.world.configuration), by: bed.caller)
        #expect(time(later) == [0, 1, 12, 1, 5, 2050, 3])
        #expect(later.invoke(3, [.valueOut]).parameters.value(0).a == UInt32(bitPattern: -7))
        let elsewhere = try PseudoTABed(clock: host)
        #expect(time(try elsewhere.open(RealTimeClockPTA(elsewhere.world.configuration), by: elsewhere.caller)) == [20, 14, 22, 14, 10, 2023, 2])
    }

    @Test(
        arguments: [
            [60, 0, 0, 1, 0, 2000, 0], [0, 60, 0, 1, 0, 2000, 0], [0, 0, 24, 1, 0, 2000, 0], [0, 0, 0, 0, 0, 2000, 0], [0, 0, 0, 32, 0, 2000, 0], [0, 0, 0, 30, 1, 2000, 0],
            [0, 0, 0, 29, 1, 2001, 0], [0, 0, 0, 31, 3, 2000, 0], [0, 0, 0, 1, 12, 2000, 0], [0, 0, 0, 1, 0, 1969, 0], [0, 0, 0, 1, 0, 2262, 0], [0, 0, 0, 1, 0, 2000, 7],
            [.max, .max, .max, .max, .max, .max, .max],
        ] as [[UInt32]])
    func momentsThatThereAreNotAreRefused(_ fields: [UInt32]) {
        #expect(set(fields) == .badParameters)
        #expect(time() == [20, 13, 22, 14, 10, 2023, 2])
    }

    @Test func daysOfThreeCenturiesComeBackAsTheyWere() {
        for day: Int64 in stride(from: 0, through: 106_650, by: 11) {
            let calendar = CalendarTime(seconds: day * 86400 + 86399)
            guard calendar?.seconds == day * 86400 + 86399 else {
                Issue.record("day \(day) is \(String(describing: calendar))")
                return
            }
        }
        #expect(CalendarTime(seconds: 9_214_646_399) == CalendarTime.last)
        #expect(CalendarTime(seconds: 9_214_646_400) == nil)
        #expect(CalendarTime(seconds: -1) == nil)
    }

    @Test func correctionMakesTheClockSlowerFromNowOn() {
        #expect(set([0, 0, 0, 1, 0, 2000, 6]) == .success)
        // A tenth.
        #expect(session.invoke(4, [.valueIn(100_000_000)]).result == .success)
        host.set(seconds: 1_700_000_100)
        #expect(time().prefix(2) == [30, 1])
        #expect(session.invoke(4, [.valueIn(0)]).result == .success)
        host.set(seconds: 1_700_000_110)
        #expect(time().prefix(2) == [40, 1])
    }

    @Test func clockOutOfItsRangeSaysSo() {
        #expect(set([59, 59, 23, 31, 11, 2261, 2]) == .success)
        host.set(seconds: 1_700_000_001)
        #expect(time() == [TEEResult.overflow.rawValue])
        host.set(seconds: 9_000_000_000)
        #expect(time() == [TEEResult.overflow.rawValue])
        #expect(set([0, 0, 0, 1, 0, 2000, 6]) == .success)
        #expect(time() == [0, 0, 0, 1, 0, 2000, 6])
    }

    @Test func informationHasVersionFeaturesAndRange() {
        let (result, parameters) = session.invoke(0, [PseudoTAClientMemory.output(72)])
        #expect(result == .success)
        #expect(pseudoTAWords(parameters[0].content) == [1, 0, 1, 0, 0, 0, 0, 1, 0, 1970, 4, 59, 59, 23, 31, 11, 2261, 2])
    }

    @Test func onlyTheKernelAndApplicationsAreServed() throws {
        let application = RealTimeClockPTA(bed.world.configuration)
        for login: UInt32 in [0, 1, 2, 4] {
            #expect(throws: TEEResult.accessDenied) { try bed.open(application, login: login) }
        }
        #expect(try time(bed.open(application, login: Self.loginKernel)).count == 7)
    }

    @Test func damagedSettingIsFoundOutAndGone() throws {
        #expect(set([0, 0, 12, 1, 5, 2050, 0]) == .success)
        try storage.damageObjects()
        let later = try bed.open(RealTimeClockPTA(bed.world.configuration), by: bed.caller)
        #expect(time(later) == [TEEResult.corruptObject.rawValue])
        #expect(time(later) == [20, 13, 22, 14, 10, 2023, 2])
    }

    @Test func clockCanBeSetInSpiteOfADamagedSetting() throws {
        #expect(set([0, 0, 12, 1, 5, 2050, 0]) == .success)
        try storage.damageObjects()
        let later = try bed.open(RealTimeClockPTA(bed.world.configuration), by: bed.caller)
        let fields: [UInt32] = [0, 0, 0, 1, 0, 2000, 6]
        #expect(later.invoke(2, [PseudoTAClientMemory.input(fields.flatMap(\.structureBytes))]).result == .success)
        #expect(time(later) == fields)
    }

    @Test func thereIsNoAlarm() {
        #expect(session.invoke(5, [PseudoTAClientMemory.output(32)]).result == .notSupported)
        #expect(session.invoke(6, [PseudoTAClientMemory.input([UInt8](repeating: 0, count: 32))]).result == .notSupported)
        #expect(session.invoke(7, [.valueIn(1)]).result == .notSupported)
        #expect(session.invoke(8, [.valueOut]).result == .notSupported)
        #expect(session.invoke(9).result == .notSupported)
        #expect(session.invoke(10, [.valueIn(0)]).result == .notSupported)
    }

    @Test func wrongSizesAndTypesAreRefused() {
        for command: UInt32 in 0...10 where command != 9 { #expect(session.invoke(command).result == .badParameters) }
        #expect(session.invoke(0, [PseudoTAClientMemory.output(73)]).result == .badParameters)
        #expect(session.invoke(1, [PseudoTAClientMemory.output(27)]).result == .badParameters)
        #expect(session.invoke(1, [.memory(.output, nil, size: 28)]).result == .badParameters)
        #expect(session.invoke(2, [PseudoTAClientMemory.input([1])]).result == .badParameters)
        #expect(session.invoke(5, [PseudoTAClientMemory.output(28)]).result == .badParameters)
        #expect(session.invoke(7, [.valueIn(2)]).result == .badParameters)
        #expect(session.invoke(11).result == .notImplemented)
    }
}
