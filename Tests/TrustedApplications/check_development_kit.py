#!/usr/bin/env python3
"""Builds the trusted applications of this folder with guest/ta/cc and runs them in the harness; expected values come from Python and published vectors.

    check_development_kit.py [-v] [NAME...]        (NAME: as unittest's, such as Arithmetic or Library.test_printf)

$CC chooses the compiler. What the harness cannot do (real ciphers, other applications) is tested with the secure world itself.
"""
import hashlib
import hmac
import random
import subprocess
import unittest

from development_kit_arithmetic import Arithmetic  # noqa: F401 (run with the others)
from development_kit_building import CompilerWrapper, EmbeddedSwift, Libraries, Specification  # noqa: F401
from development_kit_run import (ACCESS_CONFLICT, ACCESS_DENIED, BAD_FORMAT, BAD_PARAMETERS, CANCEL, ITEM_NOT_FOUND, MAC_INVALID, NOT_SUPPORTED, OK, OVERFLOW, SHORT_BUFFER,
                                 TIME_NOT_SET, Run, build_harness, hexed, text)


def setUpModule():
    build_harness()


class Entry(unittest.TestCase):
    def test_hello_world(self):
        run = Run("hello_world", "invoke 0 vio:41,7", "invoke 0 vi:41,7", "invoke 1 mo:5", "invoke 1 mo:50", "invoke 9", "close")
        self.assertEqual(run.answers[0], (OK, (42, 7)))
        self.assertEqual(run.answers[1][0], BAD_PARAMETERS)
        self.assertEqual((run.answers[2][0], len(run.answers[2][1])), (SHORT_BUFFER, 13))
        self.assertEqual(run.answers[3], (OK, b"Hello, world\0"))
        self.assertEqual([a[0] for a in run.answers[4:]], [NOT_SUPPORTED, OK])
        self.assertIn("Hello World!", run.trace)

    def test_runs_with_a_stack_aligned_either_way(self):
        self.assertEqual(Run("cplusplus", "invoke 2 vi:7,0 vo", harness=("--misaligned",)).answers, [(OK, (7, 3))])

    def test_instance_ends_with_its_last_session(self):
        run = Run("lifecycle", "invoke 0 vo vo", "open2", "invoke2 0 vo vo", "invoke 0 vo vo", "close", "close2")
        self.assertEqual(run.answers[0], (OK, (1, 1), (1, 1)))
        self.assertEqual(run.answers[2:4], [(OK, (2, 1), (2, 2)), (OK, (3, 2), (2, 2))])
        self.assertIn("destroyed", run.trace)

    def test_kept_alive_instance_stays(self):
        run = Run("lifecycle", "invoke 0 vo vo", "close", "open", "invoke 0 vo vo", "close", options=("-DLIFECYCLE_KIND=3",))
        self.assertEqual(run.answers[3], (OK, (2, 1), (1, 2)))
        self.assertNotIn("destroyed", run.trace)

    def test_refused_session_ends_the_instance(self):
        run = Run("lifecycle", "open vi:3735928559,0", opens=False)
        self.assertEqual(run.answers, [("deadbeef",)])
        self.assertIn("destroyed", run.trace)

    def test_instance_data(self):
        run = Run("lifecycle", "invoke 2 vi:5,0 vo", "invoke 2 vi:6,0 vo")
        self.assertEqual(run.answers, [(OK, (0, 0)), (OK, (5, 0))])

    def test_unknown_session(self):
        self.assertEqual(Run("lifecycle", "invoke2 0 vo vo", "close2").answers, [("ffff0007", (0, 0), (0, 0)), ("ffff0007",)])

    def test_memory_statistics(self):
        run = Run("hello_world", "memory vo vo vo")
        (allocated, most), (size, failures), _ = run.answers[0][1:]
        self.assertTrue(0 < allocated <= most < size == 32 * 1024 and failures == 0)


class Panics(unittest.TestCase):
    def ending(self, command):
        run = Run("panics", f"invoke {command}", "invoke 0")
        self.assertEqual(run.answers[1][0], "dead")
        return run.answers[0][0]

    def test_code(self):
        self.assertEqual(self.ending("0 vi:3735928559,0"), "panic:deadbeef")

    def test_faults(self):
        # Null, code, data, division, stack, instruction.
        self.assertEqual([self.ending(c) for c in (1, 2, 3, 4, 5, 15)], ["fault:0000000b"] * 3 + ["fault:00000008", "fault:0000000b", "fault:00000004"])

    def test_heap(self):
        self.assertEqual([self.ending(c) for c in (6, 7)], ["panic:ffff0006"] * 2)

    def test_abort_and_assert(self):
        self.assertEqual([self.ending(c) for c in (8, 9)], ["panic:ffff0000"] * 2)

    def test_smashed_stack_is_found(self):
        self.assertEqual(self.ending(10), "panic:ffff300f")

    def test_misuse_of_handles(self):
        self.assertEqual([self.ending(c) for c in (13, 14)], ["panic:ffff0006"] * 2)


class Properties(unittest.TestCase):
    UUID = "01020304-0506-0708-090a-0b0c0d0e0f10"

    def string(self, which, name):
        result, *outputs = Run("properties", f"invoke 0 vi:{which},0 {text(name)} mo:100").answers[0]
        return outputs[0].decode() if result == OK else result

    def typed(self, which, kind, name, size=100):
        return Run("properties", f"invoke 1 vi:{which},{kind} {text(name)} mo:{size}").answers[0]

    def test_strings_of_all_types(self):
        wanted = {
            "gpd.ta.singleInstance": "false", "gpd.ta.dataSize": "32768", "gpd.ta.version": "1.0", "test.greeting": "hello", "test.answer": "42",
            "test.large": "1099511627776",
            "test.flag": "true", "test.bytes": "AAECAwQ=", "test.uuid": self.UUID, "test.identity": "3:" + self.UUID,
        }
        for name, value in wanted.items():
            self.assertEqual(self.string(0, name), value + "\0", name)

    def test_strings_of_the_core(self):
        self.assertEqual(self.string(2, "gpd.tee.apiversion"), "GPD-1.3.1\0")
        self.assertEqual(self.string(2, "gpd.tee.arith.maxBigIntSize"), "4096\0")
        self.assertEqual(self.string(2, "gpd.tee.trustedos.implementation.binaryversion"), "AQIDBA==\0")
        self.assertEqual(self.string(2, "test.long"), "1311768467463790320\0")
        self.assertEqual(self.string(1, "gpd.client.identity"), "1:12345678-9abc-def0-0102-030405060708\0")

    def test_short_buffer_tells_what_is_needed(self):
        result, output = Run("properties", f"invoke 0 vi:0,0 {text('test.greeting')} mo:3").answers[0]
        self.assertEqual((result, len(output)), (SHORT_BUFFER, 6))
        result, output = self.typed(0, 5, "test.bytes", 2)
        self.assertEqual((result, len(output)), (SHORT_BUFFER, 5))

    def test_typed_values(self):
        uuid = bytes.fromhex("04030201" "0605" "0807" "090a0b0c0d0e0f10")
        self.assertEqual(self.typed(0, 0, "test.flag"), (OK, b"\1"))
        self.assertEqual(self.typed(0, 1, "test.answer"), (OK, (42).to_bytes(4, "little")))
        self.assertEqual(self.typed(0, 2, "test.uuid"), (OK, uuid))
        self.assertEqual(self.typed(0, 3, "test.identity"), (OK, b"\3\0\0\0" + uuid))
        self.assertEqual(self.typed(0, 5, "test.bytes"), (OK, bytes(range(5))))
        self.assertEqual(self.typed(0, 6, "test.large"), (OK, (1 << 40).to_bytes(8, "little")))

    def test_wrong_type_and_unknown_name(self):
        for kind in (1, 2, 3, 5, 6):
            self.assertEqual(self.typed(0, kind, "test.flag")[0], BAD_FORMAT)
        self.assertEqual(self.typed(0, 0, "test.answer")[0], BAD_FORMAT)
        self.assertEqual(self.typed(2, 1, "gpd.tee.apiversion")[0], BAD_FORMAT)
        self.assertEqual(self.string(0, "none"), ITEM_NOT_FOUND)
        self.assertEqual(self.string(1, "none"), ITEM_NOT_FOUND)

    def test_enumeration_covers_the_tables_and_the_core(self):
        result, names, (count, _) = Run("properties", "invoke 2 vi:0,0 mo:1000 vo").answers[0]
        listed = names.decode().split("\0")[:-1]
        self.assertEqual((result, len(listed)), (OK, count))
        self.assertEqual(listed[0], "gpd.ta.singleInstance")
        self.assertEqual(listed[-1], "gpd.ta.appID")
        self.assertIn("test.identity", listed)
        self.assertEqual(len(set(listed)), 18)
        values = Run("properties", "invoke 3 vi:0,0 mo:2000").answers[0]
        self.assertEqual((values[0], values[1].decode().count("\0")), (OK, count))
        result, names, (count, _) = Run("properties", "invoke 2 vi:1,0 mo:1000 vo").answers[0]
        self.assertEqual((result, names, count), (OK, b"gpd.client.identity\0", 1))


class Memory(unittest.TestCase):
    def test_heap(self):
        run = Run("memory_references", "invoke 5 vo")
        self.assertEqual(run.answers[0], (OK, (0, 0)), run.trace)

    def test_heap_does_not_fall_apart(self):
        result, (before, after) = Run("memory_references", "invoke 6 vo").answers[0]
        self.assertEqual((result, before), (OK, after))
        self.assertGreater(before, 50000)

    def test_parameters(self):
        run = Run("memory_references", "invoke 2 mio:00ff10", "invoke 3 null:77 vo", "invoke 3 mo:5 vo", "invoke 4 mi: vo", "invoke 4 mi:ff01 vo")
        self.assertEqual(run.answers[0], (OK, bytes.fromhex("ff00ef")))
        self.assertEqual((run.answers[1][0], run.answers[1][2]), (OK, (1, 77)))
        self.assertEqual((len(run.answers[2][1]), run.answers[2][2]), (100, (0, 5)))
        self.assertEqual([a[1] for a in run.answers[3:]], [(0, 0), (256, 2)])

    def test_access_rights_of_parameters(self):
        run = Run("memory_references", "invoke 0 vi:1,0 mi:0102", "invoke 0 vi:5,0 mi:0102", "invoke 0 vi:3,0 mi:0102", "invoke 1 vi:7,0 mio:0102")
        self.assertEqual([a[0] for a in run.answers], [OK, OK, ACCESS_DENIED, OK])

    def test_access_rights_of_own_memory(self):
        cases = {(1, 0): OK, (3, 0): ACCESS_DENIED, (1, 1): OK, (3, 1): ACCESS_DENIED, (3, 2): OK, (3, 3): OK, (3, 4): OK, (1, 5): ACCESS_DENIED, (1,
        6): ACCESS_DENIED, (1, 7): OK,
                 (5, 7): ACCESS_DENIED}
        run = Run("memory_references", *(f"invoke 7 vi:{flags},{kind}" for flags, kind in cases))
        self.assertEqual([a[0] for a in run.answers], list(cases.values()))

    def test_mapped_memory(self):
        run = Run("memory_references", "invoke 8 vo")
        self.assertEqual(run.answers[0], (OK, (0, 0)), run.trace)


class Library(unittest.TestCase):
    def test_functions(self):
        run = Run("library", "invoke 1 vo")
        self.assertEqual(run.answers[0][0:1], (OK,))
        failures, checks = run.answers[0][1]
        self.assertEqual((failures, checks > 20), (0, True), run.trace)

    def test_printf(self):
        wanted = subprocess.run(["printf", "%d|%5d|%-5d|%05d|%+d|% d|%u|%x|%#X|%o|%#o|%c|%s|%10s|%-10s|%.3s|%%|%ld|%lu|%zu|%lx|%d|%d|%.5d|%8.3x|%*d|%.*s|0x1234\n",
                                 "-42", "42", "42", "42", "42", "42",
                                 "4000000000", "0xbeef", "0xbeef", "8", "8", "c", "text", "text", "text", "abcdef", str(-(1 << 63)), str((1 << 64) - 1), "7",
                                 "0x123456789abcdef0", "44", "1", "42", "10",
                                 "6", "42", "2", "xyz"], capture_output=True, check=True).stdout
        result, output = Run("library", "invoke 0 mo:1000").answers[0]
        self.assertEqual((result, output), (OK, wanted))


class CPlusPlus(unittest.TestCase):
    def test_all(self):
        for harness in ((), ("--no-modules",), ("--thread-locals",)):
            run = Run("cplusplus", "invoke 0 vo", "invoke 1 vo vo", "invoke 1 vo vo", "invoke 2 vi:7,0 vo", "invoke 2 vi:8,0 vo", "invoke 3 vo", "invoke 4 vo",
                      "invoke 4 vo", harness=harness)
            self.assertEqual([a[1:] for a in run.answers], [((3, 1),), ((1234, 0), (0, 0)), ((1235, 1), (0, 0)), ((7, 3),), ((1008, 3),), ((37, 0),), ((1, 77),),
                                                            ((1, 77),)])

    def test_uncaught_exception_panics(self):
        self.assertEqual(Run("cplusplus", "invoke 5").answers[0][0], "panic:ffff0000")


class TimeAndCancellation(unittest.TestCase):
    def test_times(self):
        run = Run("clocks", "invoke 0 vo", "invoke 0 vo", "invoke 2 vo", "invoke 3 vi:1000,0", "invoke 2 vo", "invoke 4 vi:30,0 vo")
        self.assertLessEqual(run.answers[0][1], run.answers[1][1])
        self.assertEqual(run.answers[2], (TIME_NOT_SET, (0, 0)))
        self.assertIn(run.answers[4][1][0], (1000, 1001))
        self.assertEqual(run.answers[5][0], OK)
        self.assertGreaterEqual(run.answers[5][1][0], 29)

    def test_masks_and_cancelled_wait(self):
        run = Run("cancellation", "invoke 3 vo vo vo", "cancel", "invoke 0 vi:5,0", "invoke 1 vi:60000,0", "invoke 2")
        self.assertEqual(run.answers[0], (OK, (1, 0), (0, 1), (0, 0)))
        self.assertEqual([a[0] for a in run.answers[1:]], [OK, CANCEL, OK])


class Storage(unittest.TestCase):
    def test_objects(self):
        run = Run("storage", "invoke 0 mi:@name mi:@content vi:0,0", "invoke 0 mi:@name mi:@content vi:0,0", "invoke 0 mi:@name mi:@newer vi:1024,0",
                  "invoke 1 mi:@name vi:2,0 mo:100",
                  "invoke 2 mi:@name vi:8,0 mi:@end", "invoke 1 mi:@name vi:0,0 mo:100", "invoke 6 mo:100 vo", "invoke 4 mi:@name mi:@other",
                  "invoke 1 mi:@name vi:0,0 mo:100", "invoke 5 mi:@other",
                  "invoke 6 mo:100 vo")
        self.assertEqual([a[0] for a in run.answers], [OK, ACCESS_CONFLICT, OK, OK, OK, OK, OK, OK, ITEM_NOT_FOUND, OK, OK])
        self.assertEqual(run.answers[3][1], b"wer")
        self.assertEqual(run.answers[5][1], b"newer\0\0\0end")
        self.assertEqual(run.answers[6][1:], (b"\4name", (1, 0)))
        self.assertEqual(run.answers[10][1:], (b"", (0, 0)))

    def test_seek(self):
        steps = [f"invoke 7 mi:@name vi:{offset & 0xffffffff},{whence} vi:{before},0 vo" for offset, whence, before in
                 ((5, 0, 0), (-3, 1, 5), (-100, 1, 5), (2, 2, 0), (-1, 2, 0), (0, 1, 0xfffffff0), (0x20, 1, 0xfffffff0))]
        run = Run("storage", "invoke 0 mi:@name mi:@content vi:0,0", *steps)
        self.assertEqual([a[1][0] if a[0] == OK else a[0] for a in run.answers[1:]], [5, 2, 0, 9, 6, 0xfffffff0, OVERFLOW])


class Crypto(unittest.TestCase):
    SHA256, HMAC_SHA256 = 0x50000004, 0x30000004
    CBC, CTR, CTS, XTS, CCM, GCM, PADDED = 0x10000110, 0x10000210, 0x10000310, 0x10000410, 0x40000710, 0x40000810, 0x10000115
    KEY = bytes(range(32))

    @staticmethod
    def inverted(data):
        return bytes(b ^ 0xff for b in data)

    def keyed(self, data, extra=b""):
        return hexed(bytes([len(self.KEY)]) + len(data).to_bytes(2, "big") + self.KEY + extra + data)

    def test_digest_in_pieces(self):
        data = bytes(i & 0xff for i in range(300))
        for step in (0, 1, 63, 64, 299, 300, 1000):
            self.assertEqual(Run("crypto", f"invoke 0 vi:{self.SHA256},{step} {hexed(data)} mo:32").answers[0], (OK, hashlib.sha256(data).digest()))

    def test_digest_of_nothing_and_short_buffer(self):
        run = Run("crypto", f"invoke 0 vi:{self.SHA256},0 mi: mo:32", f"invoke 0 vi:{self.SHA256},0 mi: mo:31")
        self.assertEqual(run.answers[0], (OK, hashlib.sha256().digest()))
        self.assertEqual((run.answers[1][0], len(run.answers[1][1])), (SHORT_BUFFER, 32))

    def test_extract_in_pieces(self):
        for step in (1, 5, 32, 40):
            self.assertEqual(Run("crypto", f"invoke 1 vi:{self.SHA256},{step} mi:@abc mo:32").answers[0][1], hashlib.sha256(b"abc").digest())

    def test_copied_digest_goes_on(self):
        data = b"some data"
        self.assertEqual(Run("crypto", f"invoke 9 vi:{self.SHA256},0 {hexed(data)} mo:64").answers[0][1],
                         hashlib.sha256(data).digest() + hashlib.sha256(data * 2).digest())

    def test_mac(self):
        data = b"what is authenticated" * 3
        self.assertEqual(Run("crypto", f"invoke 2 vi:{self.HMAC_SHA256},10 {self.keyed(data)} mo:32").answers[0], (OK, hmac.new(self.KEY, data, "sha256").digest()))

    def test_ciphers_gather_any_sizes(self):
        generator = random.Random(1)
        for algorithm in (self.CBC, self.CTR, self.CTS, self.XTS, self.PADDED):
            steps, wanted = [], []
            for size, step in ((16, 0), (32, 1), (48, 5), (160, 15), (160, 16), (160, 17), (160, 31), (160, 32), (160, 33), (160, 47), (160, 48), (160, 49), (1600, 100)):
                if algorithm != self.CBC and size > 32:
                    size += generator.randrange(1, 16)
                if algorithm in (self.CTS, self.XTS) and size == 16:
                    size = 17
                data = generator.randbytes(size)
                steps.append(f"invoke 3 vi:{algorithm},{step} {self.keyed(data, bytes(16))} mo:{size}")
                wanted.append((OK, self.inverted(data)))
            self.assertEqual(Run("crypto", *steps).answers, wanted, hex(algorithm))

    def test_unpadded_cipher_refuses_half_blocks(self):
        self.assertEqual(Run("crypto", f"invoke 3 vi:{self.CBC},0 {self.keyed(bytes(15), bytes(16))} mo:16").answers[0][0], "panic:ffff0006")

    def test_short_output_consumes_nothing(self):
        result, output = Run("crypto", f"invoke 3 vi:{self.CTR},0 {self.keyed(bytes(20), bytes(16))} mo:19").answers[0]
        self.assertEqual((result, len(output)), (SHORT_BUFFER, 20))

    def test_in_place(self):
        data = random.Random(2).randbytes(160)
        for step in (5, 16, 17, 40):
            self.assertEqual(Run("crypto", f"invoke 10 vi:{self.CBC},{step} {hexed(self.KEY)} mio:{data.hex()}").answers[0], (OK, self.inverted(data)), step)

    def test_authenticated_encryption(self):
        tag = b"\xa5" * 16
        for algorithm in (self.CCM, self.GCM):
            for size, step in ((0, 0), (1, 0), (16, 3), (33, 16), (100, 17), (200, 50)):
                data = random.Random(size).randbytes(size)
                extra = bytes(28)
                self.assertEqual(Run("crypto", f"invoke 4 vi:{algorithm},{step} {self.keyed(data, extra)} mo:300").answers[0], (OK, self.inverted(data) + tag))
                decrypts = step | 1 << 31
                run = Run("crypto", f"invoke 4 vi:{algorithm},{decrypts} {self.keyed(data + tag, extra)} mo:300",
                          f"invoke 4 vi:{algorithm},{decrypts} {self.keyed(data + bytes(16), extra)} mo:300")
                self.assertEqual(run.answers[0], (OK, self.inverted(data)))
                self.assertEqual(run.answers[1][0], MAC_INVALID)

    def test_operation_information(self):
        run = Run("crypto", f"invoke 7 vi:{self.SHA256},5 vi:0,0 vo vo", f"invoke 7 vi:{self.CTR},0 vi:128,0 vo vo", f"invoke 7 vi:{self.XTS},1 vi:256,0 vo vo",
                  f"invoke 7 vi:{self.CTR},2 vi:128,0 vo vo",
                  "invoke 7 vi:1,0 vi:128,0 vo vo", f"invoke 7 vi:{self.CTR},0 vi:100,0 vo vo")
        self.assertEqual(run.answers[:3], [(OK, (5, 32), (0x60000, 0)), (OK, (1, 0), (0, 2)), (OK, (1, 0), (0x80000, 0))])
        self.assertEqual([a[0] for a in run.answers[3:]], [NOT_SUPPORTED] * 3)

    def test_supported_algorithms(self):
        run = Run("crypto", *(f"invoke 6 vi:{a},{e}" for a, e in ((self.SHA256, 0), (self.CTR, 0), (self.XTS, 0), (self.SHA256, 1), (0x50000001, 0), (0x70003042,
        3), (0x123, 0))))
        self.assertEqual([a[0] for a in run.answers], [OK] * 3 + [NOT_SUPPORTED] * 4)

    def test_generated_key(self):
        run = Run("crypto", "invoke 8 vi:2684354576,128 vo mo:64", "invoke 8 vi:2684354576,100 vo mo:64", "invoke 5 mo:32", "invoke 5 mo:32")
        self.assertEqual(run.answers[0][:2], (OK, (128, 0xffffffff)))
        self.assertEqual(run.answers[0][2], bytes(range(1, 17)))
        self.assertEqual(run.answers[1][0], NOT_SUPPORTED)
        self.assertNotEqual(run.answers[2], run.answers[3])


if __name__ == "__main__":
    unittest.main()
