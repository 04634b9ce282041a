"""Runs the trusted applications of this folder in the harness, for check_development_kit.py."""
import os
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
KIT = HERE.parent.parent / "guest" / "ta"
WORK = tempfile.TemporaryDirectory(prefix="ta-check-")
FOLDER = pathlib.Path(WORK.name)
os.environ.setdefault("SKERRY_TA_CACHE", str(FOLDER / "cache"))

OK, ACCESS_DENIED, CANCEL, ACCESS_CONFLICT = "00000000", "ffff0001", "ffff0002", "ffff0003"
BAD_FORMAT, BAD_PARAMETERS, ITEM_NOT_FOUND, NOT_SUPPORTED = "ffff0005", "ffff0006", "ffff0008", "ffff000a"
SHORT_BUFFER, OVERFLOW, MAC_INVALID, TIME_NOT_SET = "ffff0010", "ffff300f", "ffff3071", "ffff5000"


def build_harness():
    if not (FOLDER / "harness").exists():
        subprocess.run([HERE / "harness" / "build", FOLDER / "harness"], check=True)


def image(name, *options):
    """The application of a folder, built once."""
    path = FOLDER / ("".join((name, *map(str, options))).replace("/", "_") + ".elf")
    if not path.exists():
        source = next(p for p in (HERE / name / f"{name}.c", HERE / name / f"{name}.cpp") if p.exists())
        subprocess.run([KIT / "cc", "-Wall", "-Wextra", "-Werror", *options, "-o", path, source], check=True)
    return path


class Run:
    """What the harness said to some steps: a list of (result, outputs) without that of opening the session, and the traces."""

    def __init__(self, name, *steps, options=(), harness=(), opens=True):
        command = [FOLDER / "harness", *harness, image(name, *options), *(("open",) if opens else ()), *steps]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.trace = done.stderr
        self.answers = []
        for line in done.stdout.splitlines():
            result, *outputs = line.split(": ", 1)[1].replace("panic ", "panic:").replace("fault ", "fault:").split(" ")
            self.answers.append((result, *(self.output(text) for text in outputs)))
        if opens:
            assert self.answers.pop(0)[0] == OK, done.stdout + done.stderr

    @staticmethod
    def output(text):
        if text.startswith("["):
            return bytes.fromhex(text.split("]")[1])
        return tuple(int(part) for part in text.split(","))


def hexed(data):
    return "mi:" + data.hex()


def text(value):
    return hexed(value.encode() + b"\0")
