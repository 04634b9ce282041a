/// A real-time clock (OP-TEE's core/pta/rtc.c, pta_rtc.h): the host's, as far as nobody has set it. Setting it changes this secure world's clock only, and
/// lasts as long as its storage.
///
/// OP-TEE serves the normal world's kernel alone; here applications are served too.
final class RealTimeClockPTA: PseudoTA, @unchecked Sendable {
    private enum Command: UInt32 {
        case getInformation = 0
        case getTime = 1
        case setTime = 2
        case getOffset = 3
        case setOffset = 4
        case readAlarm = 5
        case setAlarm = 6
        case enableAlarm = 7
        case waitForAlarm = 8
        case cancelWait = 9
        case setWakeAlarm = 10
    }

    /// TEE_LOGIN_REE_KERNEL.
    private static let loginKernel: UInt32 = 0x8000_0000
    /// PTA_RTC_INFO_VERSION, PTA_RTC_FEATURE_CORRECTION.
    private static let informationVersion: UInt64 = 1
    private static let featureCorrection: UInt64 = 1
    /// Bytes of `struct pta_rtc_info` and `struct pta_rtc_alarm`.
    private static let informationSize: UInt64 = 16 + 2 * CalendarTime.structureSize
    private static let alarmSize: UInt64 = 4 + CalendarTime.structureSize

    private let setting: ClockSetting

    init(_ configuration: SecureWorldConfiguration) {
        let uuid = Self.identifier("f389f8c8-845f-496c-8bbe-d64bd24c92fd")
        setting = ClockSetting(KeptObject("setting", of: uuid, in: configuration.storage))
        super.init(uuid, servesClients: true)
    }

    override var deviceFlags: TAFlags { .deviceEnumeration }

    override func open(_ session: PseudoSession, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        guard session.caller != nil || session.client.login == Self.loginKernel else { throw .accessDenied }
    }

    override func invoke(_ session: PseudoSession, _ command: UInt32, _ parameters: inout [TEEParameter]) throws(TEEResult) {
        guard let command = Command(rawValue: command) else { throw .notImplemented }
        let host = session.world.clock.realtime()
        switch command {
        case .getInformation:
            try expectStructure(.memoryOutput, Self.informationSize, parameters)
            let range = CalendarTime.first.structure + CalendarTime.last.structure
            try parameters.give(0, Self.informationVersion.structureBytes + Self.featureCorrection.structureBytes + range)
        case .getTime:
            try expectStructure(.memoryOutput, CalendarTime.structureSize, parameters)
            let seconds = try setting.now(host) / TEETime.second
            guard let time = CalendarTime(seconds: seconds) else { throw .overflow }
            try parameters.give(0, time.structure)
        case .setTime:
            try expectStructure(.memoryInput, CalendarTime.structureSize, parameters)
            let bytes = try parameters.bytes(0, limit: CalendarTime.structureSize)
            guard let seconds = CalendarTime(structure: bytes)?.seconds else { throw .badParameters }
            try setting.set(seconds &* TEETime.second, host)
        case .getOffset:
            try parameters.expect(.valueOutput)
            parameters.setValue(0, UInt32(bitPattern: try setting.correction()), 0)
        case .setOffset:
            try parameters.expect(.valueInput)
            try setting.setCorrection(Int32(bitPattern: parameters.value(0).a), host)
        default: try refuseAlarm(command, parameters)
        }
    }

    /// There is no alarm: what OP-TEE answers for a clock without one.
    private func refuseAlarm(_ command: Command, _ parameters: [TEEParameter]) throws(TEEResult) {
        switch command {
        case .readAlarm: try expectStructure(.memoryOutput, Self.alarmSize, parameters)
        case .setAlarm: try expectStructure(.memoryInput, Self.alarmSize, parameters)
        case .waitForAlarm: try parameters.expect(.valueOutput)
        case .cancelWait: try parameters.expect()
        default:
            try parameters.expect(.valueInput)
            guard parameters.value(0).a <= 1 else { throw .badParameters }
        }
        throw .notSupported
    }

    private func expectStructure(_ type: TEEParameterType, _ size: UInt64, _ parameters: [TEEParameter]) throws(TEEResult) {
        try parameters.expect(type)
        guard !parameters.isNull(0), parameters.size(0) == size else { throw .badParameters }
    }
}
