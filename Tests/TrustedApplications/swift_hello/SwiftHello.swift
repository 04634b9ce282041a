import TrustedApplication

/// What a command may fail with; the same numbers as TEE_Result.
struct TEEError: Error {
    let code: TEE_Result
    static let badParameters = TEEError(code: 0xffff_0006)
    static let notSupported = TEEError(code: 0xffff_000a)
}

/// The four parameters of a command.
struct Parameters {
    let types: UInt32
    let memory: UnsafeMutablePointer<TEE_Param>

    func expect(_ first: Int32, _ second: Int32 = TEE_PARAM_TYPE_NONE) throws(TEEError) {
        guard types == parameter_types(UInt32(first), UInt32(second), 0, 0) else { throw .badParameters }
    }

    subscript(index: Int) -> (a: UInt32, b: UInt32) {
        get { (memory[index].value.a, memory[index].value.b) }
        nonmutating set {
            memory[index].value.a = newValue.a
            memory[index].value.b = newValue.b
        }
    }

    /// A copy of a memory reference: the client may change it at any time.
    func bytes(_ index: Int) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: memory[index].memref.buffer, count: memory[index].memref.size))
    }
}

func log(_ text: StaticString) {
    text.utf8Start.withMemoryRebound(to: CChar.self, capacity: text.utf8CodeUnitCount) { trace($0, text.utf8CodeUnitCount) }
}

/// State of one session.
final class Session {
    var commands = 0

    func perform(_ command: UInt32, _ parameters: Parameters) throws(TEEError) {
        commands += 1
        switch Int32(bitPattern: command) {
        case SWIFT_HELLO_ADD_ONE:
            try parameters.expect(TEE_PARAM_TYPE_VALUE_INOUT)
            parameters[0].a &+= 1
        case SWIFT_HELLO_IS_PALINDROME:
            try parameters.expect(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_VALUE_OUTPUT)
            let text = parameters.bytes(0)
            parameters[1] = (text == Array(text.reversed()) ? 1 : 0, UInt32(truncatingIfNeeded: text.count))
        default: throw .notSupported
        }
    }
}

@_cdecl("TA_CreateEntryPoint")
func createInstance() -> TEE_Result { TEE_Result(TEE_SUCCESS) }

@_cdecl("TA_DestroyEntryPoint")
func destroyInstance() {}

@_cdecl("TA_OpenSessionEntryPoint")
func openSession(_ types: UInt32, _ parameters: UnsafeMutablePointer<TEE_Param>?, _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> TEE_Result {
    log("Hello from Swift")
    context?.pointee = Unmanaged.passRetained(Session()).toOpaque()
    return TEE_Result(TEE_SUCCESS)
}

@_cdecl("TA_CloseSessionEntryPoint")
func closeSession(_ context: UnsafeMutableRawPointer?) {
    if let context { Unmanaged<Session>.fromOpaque(context).release() }
}

@_cdecl("TA_InvokeCommandEntryPoint")
func invokeCommand(_ context: UnsafeMutableRawPointer?, _ command: UInt32, _ types: UInt32, _ parameters: UnsafeMutablePointer<TEE_Param>?) -> TEE_Result {
    guard let context, let parameters else { return TEEError.badParameters.code }
    do throws(TEEError) {
        try Unmanaged<Session>.fromOpaque(context).takeUnretainedValue().perform(command, Parameters(types: types, memory: parameters))
        return TEE_Result(TEE_SUCCESS)
    } catch { return error.code }
}
