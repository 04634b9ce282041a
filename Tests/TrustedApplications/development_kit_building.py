"""What guest/ta/cc makes: layout, libraries, messages, and applications in Embedded Swift."""
import subprocess
import unittest

from development_kit_run import FOLDER, HERE, KIT, NOT_SUPPORTED, OK, build_harness, image


def setUpModule():
    build_harness()


class Libraries(unittest.TestCase):
    NAME = "5ec0e001-0014-4a11-9001-5b6572727914"

    @staticmethod
    def look(option, path):
        return subprocess.run(["readelf", "-W", option, path], capture_output=True, text=True, check=True).stdout

    def test_library_is_named_by_its_uuid_and_uses_the_application(self):
        library = FOLDER / f"{self.NAME}.elf"
        subprocess.run([KIT / "cc", "-Wall", "-Wextra", "-Werror", "--library", "-o", library, HERE / "shared_library" / "shared_library.c"], check=True)
        self.assertIn(f"SONAME)             Library soname: [{self.NAME}]", self.look("-d", library))
        user = image("library_user", library)
        self.assertIn(f"Shared library: [{self.NAME}]", self.look("-d", user))
        exported = self.look("--dyn-syms", user)
        for name in ("TEE_Malloc", "TEE_Free", "__elf_phdr_info", "ta_head"):
            self.assertRegex(exported, rf"GLOBAL DEFAULT +[0-9]+ {name}\n")
        self.assertNotIn("R_X86_64_COPY", self.look("-r", user))

    def test_application_that_opens_libraries_exports_the_api(self):
        exported = self.look("--dyn-syms", image("library_user", "-rdynamic", "-DLIBRARY_USER_KIND=1"))
        for name in ("TEE_InvokeTACommand", "TEE_DigestUpdate", "snprintf", "trace_printf"):
            self.assertIn(f" {name}\n", exported)


class CompilerWrapper(unittest.TestCase):
    def run_cc(self, *arguments):
        return subprocess.run([KIT / "cc", *arguments], capture_output=True, text=True)

    def test_says_what_is_wrong(self):
        cases = {("-o", FOLDER / "x.elf"): "there are no sources", (HERE / "crypto" / "crypto.c",): "say what to make", ("-o", FOLDER / "x.elf",
        "x.rs"): "neither an option nor a source",
                 ("-o", FOLDER / "x.elf", HERE / "harness" / "main.c"): "there is no user_ta_header_defines.h", ("-o",): "-o needs an argument"}
        for arguments, message in cases.items():
            done = self.run_cc(*arguments)
            self.assertEqual((done.returncode, message in done.stderr), (1, True), done.stderr)

    def test_a_function_that_is_not_there_fails_the_link(self):
        source = FOLDER / "incomplete" / "incomplete.c"
        source.parent.mkdir(exist_ok=True)
        source.write_text("int nowhere(void);\nint somewhere(void) { return nowhere(); }\n")
        done = self.run_cc("-I", HERE / "hello_world", "-o", FOLDER / "incomplete.elf", source)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("TA_OpenSessionEntryPoint", done.stderr)

    def test_image_is_laid_out_as_loaders_want(self):
        segments = [line.split() for line in subprocess.run(["readelf", "-lW", image("hello_world")], capture_output=True,
                                                            text=True).stdout.splitlines() if line.startswith("  LOAD")]
        self.assertEqual([(s[1] if index == 0 else None, s[2] if index == 0 else None, "".join(s[6:-1])) for index, s in enumerate(segments)],
                         [("0x001000", "0x0000000000000000", "RE"), (None, None, "RW")])
        head = image("hello_world").read_bytes()[0x1000:0x1020]
        self.assertEqual(head.hex(), "01e0c05e" "0100" "114a" "90015b6572727901" "00100000" "00000000" "ffffffffffffffff")


class EmbeddedSwift(unittest.TestCase):
    def test_hello(self):
        if subprocess.run(["sh", "-c", "command -v swiftc"], capture_output=True).returncode:
            self.skipTest("no swiftc")
        path = FOLDER / "swift_hello.elf"
        subprocess.run([HERE / "swift_hello" / "build", path], check=True)
        command = [FOLDER / "harness", path, "open", "invoke 0 vio:41,7", "invoke 1 mi:@radar vo", "invoke 1 mi:@swift vo", "invoke 2", "close"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.assertEqual([line.split(": ")[1] for line in done.stdout.splitlines()], [OK, OK + " 42,7", OK + " 1,5", OK + " 0,5", NOT_SUPPORTED, OK])
