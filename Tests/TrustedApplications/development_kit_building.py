"""What guest/ta/cc makes: layout, libraries, messages, and applications in Embedded Swift."""
import os
import re
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

    def test_a_missing_big_integer_library_is_said_by_name(self):
        environment = dict(os.environ, SKERRY_MBEDTLS="/nowhere")
        done = subprocess.run([KIT / "cc", "-o", FOLDER / "without.elf", HERE / "arithmetic" / "arithmetic.c"], capture_output=True, text=True, env=environment)
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1), done.stderr)
        self.assertIn("install libmbedtls-dev", done.stderr)
        # Who has no big integers does not need it.
        done = subprocess.run([KIT / "cc", "-o", FOLDER / "without.elf", HERE / "hello_world" / "hello_world.c"], capture_output=True, text=True, env=environment)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_lengths_of_the_wrong_width_are_errors(self):
        source = FOLDER / "width" / "width.c"
        source.parent.mkdir(exist_ok=True)
        source.write_text("#include <tee_internal_api.h>\nTEE_Result digest(TEE_OperationHandle o, void *h, uint32_t *l) { return TEE_DigestDoFinal(o, 0, 0, h, l); }\n")
        library = ["--library", "-o", FOLDER / "width.elf", source]
        self.assertIn("incompatible", self.run_cc(*library).stderr)
        done = self.run_cc("-D__OPTEE_CORE_API_COMPAT_1_1=1", *library)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_the_library_can_be_built_beforehand(self):
        cache = FOLDER / "beforehand"
        environment = dict(os.environ, SKERRY_TA_CACHE=str(cache))
        subprocess.run([KIT / "cc", "--runtime"], check=True, env=environment)
        self.assertEqual([path.name for path in cache.glob("*/*") if path.is_file()], ["libta.a"])

    def test_the_example_builds_without_warnings(self):
        done = self.run_cc("-Wall", "-Wextra", "-Wpedantic", "-Werror", "-o", FOLDER / "example.elf", KIT / "example" / "example_ta.c")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        client = ["gcc", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-I", KIT.parent.parent / "Sources" / "TEEClient" / "include", KIT / "example" / "client.c"]
        subprocess.run(client, check=True)

    def test_makefiles_of_optee_are_understood(self):
        folder = FOLDER / "made"
        (folder / "include").mkdir(parents=True)
        (folder / "more").mkdir()
        (folder / "Makefile").write_text("CFG_TEE_TA_LOG_LEVEL ?= 3\nCFG_TA_OPTEE_CORE_API_COMPAT_1_1=y\nBINARY=5ec0e001-0001-4a11-9001-5b6572727901\n"
                                         "-include $(TA_DEV_KIT_DIR)/mk/ta_dev_kit.mk\n")
        (folder / "sub.mk").write_text("global-incdirs-y += include\nsrcs-y += main.c\nsubdirs-y += more\n")
        (folder / "more" / "sub.mk").write_text("srcs-y += more.c\nincdirs-y += .\ncflags-y += -DMORE=1\n")
        (folder / "more" / "more.c").write_text("#include <more.h>\nint more(void) { return MORE; }\n")
        (folder / "more" / "more.h").write_text("int more(void);\n")
        (folder / "include" / "hello_world.h").write_text((HERE / "hello_world" / "hello_world.h").read_text())
        (folder / "user_ta_header_defines.h").write_text((HERE / "hello_world" / "user_ta_header_defines.h").read_text().replace('"hello_world.h"', "<hello_world.h>"))
        (folder / "main.c").write_text('#if !__OPTEE_CORE_API_COMPAT_1_1\n#error "version 1.1 was asked for"\n#endif\n#include "more/more.h"\n' +
                                       (HERE / "hello_world" / "hello_world.c").read_text().replace("params[0].value.a++", "params[0].value.a += (uint32_t)more()"))
        made = folder / "5ec0e001-0001-4a11-9001-5b6572727901.elf"
        # What signs is another program here, which leaves what it was given.
        for target, there in (("all", made.with_suffix(".ta")), ("clean", None)):
            done = subprocess.run(["make", "-s", f"TA_DEV_KIT_DIR={KIT}", "SKERRY=sh -c 'cp $$5 $$4' --", target], cwd=folder, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            if there:
                self.assertEqual(there.read_bytes(), made.read_bytes())
                done = subprocess.run([FOLDER / "harness", made, "open", "invoke 0 vio:41,7", "close"], capture_output=True, text=True, timeout=60)
                self.assertEqual(done.stdout.splitlines()[1].split(": ")[1], OK + " 42,7")
                # CFG_TEE_TA_LOG_LEVEL 3: debugging.
                self.assertIn("D/TA: TA_CreateEntryPoint", done.stderr)
            else:
                self.assertFalse(made.exists())

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


class Specification(unittest.TestCase):
    """The functions of TEE Internal Core API 1.3.1, annex "index of functions", without those of chapter 9 (Peripheral and Event API)."""
    FUNCTIONS = """
        AEDecryptFinal AEEncryptFinal AEInit AEUpdate AEUpdateAAD AllocateOperation AllocatePersistentObjectEnumerator AllocatePropertyEnumerator AllocateTransientObject
        AsymmetricDecrypt AsymmetricEncrypt AsymmetricSignDigest AsymmetricVerifyDigest BigIntAbs BigIntAdd BigIntAddMod BigIntAssign BigIntCmp BigIntCmpS32
        BigIntComputeExtendedGcd BigIntComputeFMM BigIntConvertFromFMM BigIntConvertFromOctetString BigIntConvertFromS32 BigIntConvertToFMM BigIntConvertToOctetString
        BigIntConvertToS32 BigIntDiv BigIntExpMod BigIntFMMContextSizeInU32 BigIntFMMSizeInU32 BigIntGetBit BigIntGetBitCount BigIntInit BigIntInitFMM BigIntInitFMMContext
        BigIntInitFMMContext1 BigIntInvMod BigIntIsProbablePrime BigIntMod BigIntMul BigIntMulMod BigIntNeg BigIntRelativePrime BigIntSetBit BigIntShiftRight BigIntSquare
        BigIntSquareMod BigIntSub BigIntSubMod CheckMemoryAccessRights CipherDoFinal CipherInit CipherUpdate CloseAndDeletePersistentObject CloseAndDeletePersistentObject1
        CloseObject CloseTASession CopyObjectAttributes CopyObjectAttributes1 CopyOperation CreatePersistentObject DeriveKey DigestDoFinal DigestExtract DigestUpdate Free
        FreeOperation FreePersistentObjectEnumerator FreePropertyEnumerator FreeTransientObject GenerateKey GenerateRandom GetCancellationFlag GetInstanceData
        GetNextPersistentObject GetNextProperty GetObjectBufferAttribute GetObjectInfo GetObjectInfo1 GetObjectValueAttribute GetOperationInfo GetOperationInfoMultiple
        GetPropertyAsBinaryBlock GetPropertyAsBool GetPropertyAsIdentity GetPropertyAsString GetPropertyAsU32 GetPropertyAsU64 GetPropertyAsUUID GetPropertyName GetREETime
        GetSystemTime GetTAPersistentTime InitRefAttribute InitValueAttribute InvokeTACommand IsAlgorithmSupported MACCompareFinal MACComputeFinal MACInit MACUpdate Malloc
        MaskCancellation MemCompare MemFill MemMove OpenPersistentObject OpenTASession Panic PopulateTransientObject ReadObjectData Realloc RenamePersistentObject
        ResetOperation ResetPersistentObjectEnumerator ResetPropertyEnumerator ResetTransientObject RestrictObjectUsage RestrictObjectUsage1 SeekObjectData SetInstanceData
        SetOperationKey SetOperationKey2 SetTAPersistentTime StartPersistentObjectEnumerator StartPropertyEnumerator TruncateObjectData UnmaskCancellation Wait WriteObjectData
    """.split()

    def test_every_function_is_declared_and_there(self):
        headers = "".join(path.read_text() for path in sorted((KIT / "include").glob("tee_internal_api*.h")))
        subprocess.run([KIT / "cc", "--runtime"], check=True)
        cache = os.environ["SKERRY_TA_CACHE"]
        there = set()
        for archive in subprocess.run(["find", cache, "-name", "libta.a"], capture_output=True, text=True, check=True).stdout.split():
            there |= set(re.findall(r" T (TEE_\w+)", subprocess.run(["nm", archive], capture_output=True, text=True, check=True).stdout))
        for name in self.FUNCTIONS:
            self.assertIn(f"TEE_{name}", there)
            self.assertRegex(headers, rf"\bTEE_{name}\(")
        declared = set(re.findall(r"\bTEE_(\w+)\(", re.sub(r"//.*", "", headers))) - {"Cache" + end for end in ("Clean", "Flush", "Invalidate")}
        self.assertEqual(declared - set(self.FUNCTIONS), set())
