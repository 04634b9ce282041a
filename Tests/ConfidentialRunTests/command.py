"""The command under test, $SKERRY, and how it is run."""

import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
SKERRY = os.environ.get("SKERRY", str(HERE.parent.parent / ".build/release/skerry"))
LIMIT = float(os.environ.get("SKERRY_CONFIDENTIAL_LIMIT", "120"))
SIMULATED = b"skerry: SIMULATED: "


def run(arguments, stdin=b"", **options):
    options.setdefault("timeout", LIMIT)
    return subprocess.run([SKERRY, *map(str, arguments)], input=stdin, capture_output=True, **options)
