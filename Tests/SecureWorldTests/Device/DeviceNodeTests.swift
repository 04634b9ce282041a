import SecureWorld
import Testing

@testable import LibraryOS

/// What programs see of /dev/tee0 and /dev/teepriv0 before they send a command.
@Suite struct DeviceNodeTests {
    @Test func nodesAreCharacterDevicesOfOneMajorNumber() throws {
        let bed = try DeviceBed()
        for (name, permissions, minor) in [("/dev/tee0", UInt32(0o20666), UInt8(0)), ("/dev/teepriv0", 0o20600, 16)] {
            let descriptor = UInt64(try bed.open(name))
            #expect(bed.task.call(DeviceCall.fstat, descriptor, bed.page) == 0)
            let status = ByteReader(try bed.bytes(at: bed.page, 144))
            #expect(status.u32(24) == permissions)
            #expect(status.u64(40) == DeviceNumber.make(major: 244, minor: UInt32(minor)))
        }
    }

    @Test func thePrivilegedNodeIsTheSuperusersOnly() throws {
        let bed = try DeviceBed(user: 1000)
        #expect(try bed.open("/dev/teepriv0") == failed(.EACCES))
        #expect(try bed.open("/dev/tee0") >= 0)
    }

    @Test func theVersionIsThatOfOPTEE() throws {
        let bed = try DeviceBed()
        for (name, capabilities) in [("/dev/tee0", UInt32(1 | 4 | 8)), ("/dev/teepriv0", 1 | 2 | 4 | 8)] {
            let (result, reader) = try bed.ioctl(UInt64(try bed.open(name)), DeviceRequest.version, [UInt8](repeating: 0xee, count: 16))
            #expect(result == 0)
            #expect([reader.u32(0), reader.u32(4), reader.u32(8)] == [1, 1, capabilities])
            #expect(reader.u32(12) == 0xeeee_eeee, "nothing behind the structure")
        }
    }

    @Test func otherRequestsAreRefusedAsLinuxDoes() throws {
        let bed = try DeviceBed()
        let client = try bed.client()
        #expect(bed.task.call(DeviceCall.ioctl, client, 0x5401, bed.page) == failed(.EINVAL), "no terminal, but no ENOTTY either")
        #expect(bed.task.call(DeviceCall.ioctl, client, DeviceRequest.version, 0) == failed(.EFAULT))
        #expect(bed.task.call(DeviceCall.ioctl, client, 0x5451, 0) == 0, "FIOCLEX")
        #expect(bed.task.call(DeviceCall.ioctl, 99, DeviceRequest.version, bed.page) == failed(.EBADF))
    }

    @Test func aTEEIsNoFileToReadMapOrWatch() throws {
        let bed = try DeviceBed()
        let client = try bed.client()
        #expect(bed.task.call(DeviceCall.read, client, bed.page, 1) == failed(.EINVAL))
        #expect(bed.task.call(DeviceCall.lseek, client, 0, 0) == failed(.ESPIPE))
        #expect(bed.task.call(DeviceCall.mmap, 0, 4096, 3, 1, client, 0) == failed(.ENODEV))
        let epoll = UInt64(bed.task.call(DeviceCall.epollCreate, 0))
        #expect(bed.task.call(DeviceCall.epollControl, epoll, 1, client, bed.page) == failed(.EPERM))
    }

    @Test func onlyOneSupplicantAtATime() throws {
        let bed = try DeviceBed()
        let first = try bed.open("/dev/teepriv0")
        #expect(try bed.open("/dev/teepriv0") == failed(.EBUSY))
        let copy = bed.task.call(DeviceCall.dup, UInt64(first))
        bed.close(UInt64(first))
        #expect(try bed.open("/dev/teepriv0") == failed(.EBUSY), "a copy of the descriptor is left")
        bed.close(UInt64(copy))
        #expect(try bed.open("/dev/teepriv0") >= 0)
    }

    @Test func aSupplicantWaitsUntilASignalComes() throws {
        let bed = try DeviceBed()
        let supplicant = UInt64(try bed.open("/dev/teepriv0"))
        bed.parker.whileAsleep { bed.task.send(SignalInfo(Signal.SIGUSR1, code: SignalInfo.kernel)) }
        var header = ByteWriter()
        header.u32(0)
        header.u32(2)
        #expect(try bed.command(supplicant, DeviceRequest.receive, header.bytes, [.value(0x100), .value(0)]) == failed(.ERESTARTSYS))
        #expect(bed.parker.sleeps == 1)
        bed.close(supplicant)
        #expect(try bed.open("/dev/teepriv0") >= 0, "the wait has given the file back")
    }

    @Test func aSupplicantsMistakesAreRefused() throws {
        let bed = try DeviceBed()
        let supplicant = UInt64(try bed.open("/dev/teepriv0"))
        func structure(_ count: UInt32) -> [UInt8] { [0, 0, 0, 0, UInt8(count), 0, 0, 0] }
        #expect(try bed.command(supplicant, DeviceRequest.receive, structure(0), []) == failed(.EINVAL))
        #expect(try bed.command(supplicant, DeviceRequest.receive, structure(1), [.value(1)]) == failed(.EINVAL), "no room for parameters")
        #expect(try bed.command(supplicant, DeviceRequest.receive, structure(2), [.value(0)]) == failed(.EINVAL), "one is missing")
        #expect(try bed.command(supplicant, DeviceRequest.send, structure(0), []) == failed(.EINVAL))
        #expect(try bed.command(supplicant, DeviceRequest.send, structure(1), [.value(3)]) == failed(.EINVAL))
        #expect(try bed.command(supplicant, DeviceRequest.send, structure(2), [.value(0x103)]) == failed(.EINVAL))
        #expect(try bed.command(supplicant, DeviceRequest.send, structure(1), [.value(0x103, 1)]) == failed(.ENOENT), "nobody has asked for anything")
        #expect(try bed.command(supplicant, DeviceRequest.send, structure(1), [.value(0x103, 1), .value(0)]) == failed(.ENOENT), "more than it counts")
    }

    @Test func clientsAndSupplicantsHaveDifferentRequests() throws {
        let bed = try DeviceBed()
        let (client, supplicant) = (try bed.client(), UInt64(try bed.open("/dev/teepriv0")))
        for request in [DeviceRequest.receive, DeviceRequest.send] { #expect(try bed.ioctl(client, request, [UInt8](repeating: 0, count: 16)).result == failed(.EINVAL)) }
        for request in [DeviceRequest.open, DeviceRequest.invoke, DeviceRequest.cancel, DeviceRequest.close] {
            #expect(try bed.ioctl(supplicant, request, [UInt8](repeating: 0, count: 16)).result == failed(.EINVAL))
        }
        #expect(try bed.allocate(supplicant, 4096).descriptor >= 0)
        #expect(bed.service.requests.isEmpty)
    }
}
