"""Sealed stores (`--store`): files that outlive a confidential run. Each function is given the folder of programs and one of its own, and raises AssertionError."""

import json
import os
import pathlib
import re
import resource
import subprocess
import time

from command import HERE, LIMIT, SIMULATED, SKERRY, run
from outside import PYTHON, RelyingParty, lines

SIMULATE = ["run", "--confidential=simulate"]
FOREIGN = b"not one that this program has sealed"


def shell(folder, store, text, *options, stdin=b""):
    """A script in the root of programs, with a store."""
    return run([*SIMULATE, "--store", store, *options, "--root", folder / "root", "--", "/bin/sh", "-c", text], stdin)


def held(result, output=None):
    assert result.returncode == 0 and not lines(result.stderr), result
    if output is not None:
        assert result.stdout == output, result
    return result


def refused(result, *words):
    """The program was not started, and one line says why."""
    assert result.returncode == 125 and not result.stdout, result
    said = lines(result.stderr)
    assert len(said) == 1 and all(word in said[0] for word in words), (words, said)


COUNTER = "n=$(cat /store/n 2>/dev/null || echo 0); n=$((n + 1)); echo $n > /store/n; echo $n; ls /store"


def stores_outlive_runs(folder, work):
    store = work / "a"
    held(shell(folder, store, COUNTER, "--store-new"), b"1\nn\n")
    assert store.stat().st_mode & 0o7777 == 0o600 and store.stat().st_size == 1 << 30, store.stat()
    assert store.stat().st_blocks < 1 << 12, "it takes what is written"
    for number in range(2, 5):
        held(shell(folder, store, COUNTER), b"%d\nn\n" % number)
    # What is stored says nothing, and one that exists is never made anew.
    before = store.read_bytes()[: 1 << 22]
    refused(shell(folder, store, COUNTER, "--store-new"), b"does not overwrite", b"remove the file")
    assert store.read_bytes()[: 1 << 22] == before
    # At another path, and of another size.
    script = "echo secret words in a file > /data/deep/words; df -k /data/deep | tail -n 1"
    result = held(shell(folder, f"{work}/b:/data/deep:16m", "mount | grep /data/deep | cut -d ' ' -f 5; echo secret words in a file > /data/deep/words; sync", "--store-new"), b"skerrystore\n")
    assert (work / "b").stat().st_size == 16 << 20 and b"secret" not in (work / "b").read_bytes()
    assert shell(folder, f"{work}/b:/data/deep", script).returncode == 125, "another script"
    held(shell(folder, f"{work}/c::20m", "echo x > /store/x", "--store-new"))
    assert (work / "c").stat().st_size == 20 << 20


def derived_keys(folder, work):
    store = work / "a"
    text = "echo x >> /store/x; wc -l < /store/x"
    held(shell(folder, store, text, "--store-new"), b"1\n")
    held(shell(folder, store, text), b"2\n")
    # Other arguments, options, files, and another processor.
    refused(shell(folder, store, text + " "), FOREIGN)
    refused(shell(folder, store, text, "-e", "A=b"), FOREIGN)
    refused(shell(folder, store, text, "-u", "5:5"), FOREIGN)
    refused(shell(folder, store, text, "--memory", "64m"), FOREIGN)
    refused(shell(folder, f"{store}:/other", text), FOREIGN)
    (work / "data").mkdir()
    environment = {**os.environ, "XDG_DATA_HOME": str(work / "data")}
    words = [*SIMULATE, "--store", store, "--root", folder / "root", "--", "/bin/sh", "-c", text]
    refused(run(words, env=environment), FOREIGN)
    held(shell(folder, store, text), b"3\n")
    # The prediction says which guest opens it, on any machine.
    assert run([*SIMULATE, "--evidence", work / "e", *words[2:]]).returncode == 0
    predicted = json.loads(run([*SIMULATE, "--predict", *words[2:]]).stdout)
    elsewhere = json.loads(run([*SIMULATE, "--predict", "--store", work / "absent", *words[4:]]).stdout)
    new = json.loads(run([*SIMULATE, "--predict", "--store-new", "--store", work / "absent", *words[4:]]).stdout)
    assert predicted == elsewhere != new and not (work / "absent").exists()
    shown = json.loads(run(["snp", "manifest", "show", work / "e/manifest.bin"]).stdout)
    assert shown["sealedStore"] == {"path": "/store", "blocks": 1 << 18, "key": "derived", "formats": False} and shown["hostData"] == predicted["hostData"], shown


class KeyParty(RelyingParty):
    """A relying party whose one secret is the key of a store."""

    def __init__(self, work, policy, root, key, name="skerry-store-key"):
        (work / "key").write_bytes(key)
        super().__init__(work, policy, root, secrets=[f"{name}={work}/key"])


def released_keys(folder, work):
    assert run([*SIMULATE, "--evidence", work / "e", "--root", folder / "root", "--", "/bin/true"]).returncode == 0
    root = work / "e/certificates"
    key = os.urandom(32)

    def attempt(text, key, *options, name="skerry-store-key"):
        words = ["--store", work / "a", "--store-key", "released", "--secrets", f"unix:{work}/party", *options, "-q", "--root", folder / "root", "--", "/bin/sh", "-c", text]
        policy = run([*SIMULATE, "--predict", *words]).stdout
        with KeyParty(work, policy, root, key, name) as party:
            result = run([*SIMULATE, *words])
            assert party.outcome()[0] == "confirmed", (result, party.said)
            return result

    held(attempt("echo one > /store/x; ls /run/secrets", key, "--store-new"), b"")
    # Another program gets the same files; the key is no file.
    held(attempt("cat /store/x; echo two >> /store/x; ls /run/secrets", key), b"one\n")
    held(attempt("cat /store/x", key), b"one\ntwo\n")
    refused(attempt("cat /store/x", os.urandom(32)), FOREIGN)
    refused(attempt("cat /store/x", key[:31]), b"has 31 bytes", b"32")
    refused(attempt("cat /store/x", key + b"\n"), b"has 33 bytes")
    refused(attempt("cat /store/x", key, name="other"), b"no secret skerry-store-key")
    held(attempt("cat /store/x", key), b"one\ntwo\n")
    # Without the relying party there is no program.
    result = run([*SIMULATE, "--store", work / "a", "--store-key", "released", "--secrets", f"unix:{work}/nobody", "--root", folder / "root", "--", "/bin/true"])
    assert result.returncode == 125 and b"not released the secrets" in result.stderr, result


def refused_words(folder, work):
    (work / "text").write_text("no store, but somebody's text")
    (work / "empty").touch()
    (work / "folder").mkdir()
    (work / "odd").write_bytes(bytes(5000000))
    store = work / "a"
    true = ["--", "/bin/true"]
    for words, what in [
        ([], b"--store-new makes"), (["--store", work / "empty"], b"nothing in it yet; --store-new"), (["--store", work / "text", "--store-new"], b"does not overwrite"),
        (["--store", work / "text"], b"multiple of 4096"), (["--store", work / "odd"], b"multiple of 4096"), (["--store", work / "folder"], b"folder"),
        (["--store", "/dev/null", "--store-new"], b"regular file"), (["--store", work / "no/file", "--store-new"], b"no such folder"),
        (["--store", f"{store}:relative", "--store-new"], b"absolute path"), (["--store", f"{store}:/x:small", "--store-new"], b"a size such as"),
        (["--store", f"{store}:/x:15m", "--store-new"], b"16m at least"), (["--store", f"{store}:/x:1t", "--store-new"], b"to 256g"), (["--store", f"{store}:/x:4m:y"], b"FILE:PATH:SIZE"), (["--store", ":/x"], b"FILE:PATH"),
        (["--store", f"{store}:/", "--store-new"], b"absolute path"), (["--store", f"{store}:/a/../b", "--store-new"], b"without empty names"),
        (["--store", f"{store}:/dev/x", "--store-new"], b"another path"), (["--store", f"{store}:/proc", "--store-new"], b"another path"),
        (["--store", f"{store}:/x", "--tmpfs", "/x", "--store-new"], b"hide --tmpfs /x"), (["--store", f"{store}:/x", "--ro", f"{work}:/x/y", "--store-new"], b"hide --ro /x/y"),
        (["--store", f"{store}:/x", "--connect", "/x/y=h:1", "--store-new"], b"lies in the store"), (["--store", f"{store}:/usr", "--store-new"], b"which the program needs"),
        (["--store", f"{store}:/run", "--secrets", "h:1", "--store-new"], b"/run/secrets"), (["--store-key", "released"], b"add --secrets"),
        (["--proxy"], b"leave --proxy or --store out"),
    ]:
        words = words if "--store" in words else ["--store", store, *words]
        result = run([*SIMULATE, *words, *true])
        assert result.returncode == 125 and what in result.stderr and result.stderr.count(b"\n") == 1, (words, result)
        assert not store.exists(), (words, "it was made all the same")
    for words in [["--store-new"], ["--store-key", "derived"]]:
        result = run([*SIMULATE, *words, *true])
        assert result.returncode == 125 and b"go with --store" in result.stderr, (words, result)
    result = run([*SIMULATE, "--store", store, "--store-key", "found", *true])
    assert result.returncode == 125 and b"found" in result.stderr, result
    for words in [["--store", store], ["--store-new"], ["--store-key", "derived"]]:
        result = run(["run", *words, *true])
        assert result.returncode == 125 and b"go with --confidential" in result.stderr, (words, result)
    assert (work / "text").read_text() == "no store, but somebody's text"
    # A new store whose program is missing is still a new one; one of another size than asked for is none.
    assert run([*SIMULATE, "--store", store, "--store-new", "--", work / "missing"]).returncode == 127
    held(run([*SIMULATE, "--store", f"{store}::16m", "--store-new", *true]))
    result = run([*SIMULATE, "--store", f"{store}::17m", *true])
    assert result.returncode == 125 and b"leave the size out" in result.stderr, result


def one_run_at_a_time(folder, work):
    store = work / "a"
    words = [*SIMULATE, "--store", f"{store}::64m", "--root", folder / "root", "--", "/bin/sh", "-c", "echo begun; read line; echo $line >> /store/lines; cat /store/lines"]
    held(run([*words[:4], "--store-new", *words[4:]], b"first\n"), b"begun\nfirst\n")
    with subprocess.Popen([SKERRY, *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout.readline() == b"begun\n"
        result = run(words)
        assert result.returncode == 125 and b"another run has it now" in result.stderr, result
        output, _ = process.communicate(b"second\n", timeout=LIMIT)
        assert process.returncode == 0 and output == b"first\nsecond\n", output
    held(run(words, b"third\n"), b"begun\nfirst\nsecond\nthird\n")


def full_stores(folder, work):
    text = (
        "cd /store; i=0; while { dd if=/dev/zero bs=64k count=1 2>/dev/null | tr '\\0' x > f$i; } 2>/tmp/error; do i=$((i + 1)); [ $i = 200 ] && break; done; "
        "[ $i -lt 200 ] && echo full; grep -c 'No space left' /tmp/error; sync; rm f1 f2 f3; echo room > again && cat again; sha256sum f4 | cut -c 1-8; ls | wc -l | (read n; [ $n -gt 9 ] && echo many); rm *; ls | wc -l"
    )
    store = f"{work}/a::16m"
    result = held(shell(folder, store, text, "--store-new"))
    assert re.fullmatch(rb"full\n1\nroom\n[0-9a-f]{8}\nmany\n0\n", result.stdout), result
    assert held(shell(folder, store, text)).stdout == result.stdout, "all of it is free again"


def stores_larger_than_memory(folder, work):
    text = (
        "cd /store; [ -e done ] || { i=0; while [ $i -lt 9 ]; do seq $((i * 1000000)) $((i * 1000000 + 600000)) > f$i || exit 7; i=$((i + 1)); done; touch done; }; "
        "i=0; while [ $i -lt 9 ]; do seq $((i * 1000000)) $((i * 1000000 + 600000)) | cmp - f$i || exit 8; i=$((i + 1)); done; du -sk . | cut -f 1"
    )
    options = ["--memory", "24m"]
    first = held(shell(folder, f"{work}/a::128m", text, "--store-new", *options))
    assert int(first.stdout) > 36 << 10, first
    held(shell(folder, f"{work}/a", text, *options), first.stdout)


def stores_of_every_size(folder, work):
    """What the guest notes of the largest one is more than its smallest pieces of memory."""
    for size in ["16m", "64g", "256g"]:
        held(shell(folder, f"{work}/{size}::{size}", "df -k /store | wc -l", "--store-new"), b"2\n")


def reads_into_mappings(folder, work):
    """A read whose buffer is itself a mapping of a stored file, larger than what may be changed at a time."""
    if not pathlib.Path(PYTHON[0][1]).is_dir():
        return
    script = (
        "import mmap, os\nsize = 24 << 20\nsource = os.open('/store/a', os.O_RDWR | os.O_CREAT)\nblock = os.urandom(1 << 20)\n"
        "for _ in range(24): os.write(source, block)\ntarget = os.open('/store/b', os.O_RDWR | os.O_CREAT)\nos.ftruncate(target, size)\n"
        "seen = mmap.mmap(target, size)\nprint(os.preadv(source, [seen], 0) == size, seen[:1 << 20] == block == seen[-1 << 20:])"
    )
    held(run([*SIMULATE, "--store", f"{work}/a::128m", "--store-new", "--memory", "64m", *PYTHON[0], "--", PYTHON[1], "-c", script]), b"True True\n")


def killed_and_opened_again(folder, work):
    """What was synchronised is there whenever the host dies, and the rest is as it was at some commit."""
    store = f"{work}/a::64m"
    text = "cd /store; [ -e n ] && cat n; i=$(cat n 2>/dev/null || echo 0); while :; do i=$((i + 1)); seq $i $((i + 3000)) > data.$((i % 7)); echo $i > n; sync; echo synced $i; done"
    words = [*SIMULATE, "--store", store, "--root", folder / "root", "--", "/bin/sh", "-c", text]
    options, last = ["--store-new"], None
    for attempt in range(5):
        with subprocess.Popen([SKERRY, *map(str, words[:4] + options + words[4:])], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            if last is not None:
                found = int(process.stdout.readline())
                # One more may have been durable before it could be told.
                assert found in (last, last + 1), (found, last)
            wanted = 3 + 4 * attempt
            for line in process.stdout:
                last = int(line.split()[1])
                wanted -= 1
                if wanted == 0:
                    break
            time.sleep(0.003 * attempt)
            process.kill()
            for line in process.stdout:
                if re.fullmatch(rb"synced \d+\n", line):
                    last = int(line.split()[1])
        options = []


def changes_that_nobody_waits_for(folder, work):
    """They are durable after some seconds, whether the programs sleep or compute."""
    runs = []
    for name, rest in [("sleeps", "sleep 1000"), ("computes", "while :; do :; done")]:
        text = f"cat /store/x 2>/dev/null && exit; echo kept > /store/x; echo begun; {rest}"
        words = [*SIMULATE, "--store", f"{work}/{name}::16m", "--root", folder / "root", "--", "/bin/sh", "-c", text]
        runs.append((words, subprocess.Popen([SKERRY, *map(str, words[:4]), "--store-new", *map(str, words[4:])], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)))
    for _, process in runs:
        assert process.stdout.readline() == b"begun\n"
    time.sleep(8)
    for words, process in runs:
        process.kill()
        process.wait()
        held(run(words), b"kept\n")


def hosts_that_cannot_write(folder, work):
    """The last commit fails: the program ends as it does, and the status says that something is wrong; what was durable is still there."""
    text = "cat /store/old 2>/dev/null; echo old > /store/old; sync; read size; dd if=/dev/zero bs=1M count=$size 2>/dev/null | tr '\\0' x > /store/big; echo end"
    words = [*SIMULATE, "--store", f"{work}/a::64m", "--root", folder / "root", "--", "/bin/sh", "-c", text]

    def attempt(size, limit, *options):
        # SIGXFSZ stays ignored, as Python has it: the write fails. That is in the manifest, too.
        def prepare():
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        return run([*words[:4], *options, *words[4:]], b"%d\n" % size, preexec_fn=prepare, restore_signals=False)

    held(attempt(1, resource.RLIM_INFINITY, "--store-new"), b"end\n")
    result = attempt(30, 24 << 20)
    assert result.returncode == 125 and result.stdout == b"old\nend\n" and b"could not write what the program has changed last" in result.stderr, result
    result = attempt(30, 24 << 20, "-q")
    assert result.returncode == 125 and FOREIGN in result.stderr, "another manifest"
    held(attempt(2, resource.RLIM_INFINITY), b"old\nend\n")


def changed_stores(folder, work):
    """Whatever the host does to the file: the right data, or a guest that ends; never other data."""
    store = work / "a"
    text = "cd /store; if [ -e n ]; then sha256sum f* n; else for i in 1 2 3 4 5 6; do seq $i 20000 > f$i; done; seq 99 > n; sync; sha256sum f* n; fi"
    good = held(shell(folder, f"{store}::16m", text, "--store-new")).stdout
    held(shell(folder, store, text), good)
    image = store.read_bytes()
    used = [number for number in range(len(image) // 4096) if image[number * 4096 : number * 4096 + 4096].strip(b"\0")]
    assert len(used) > 100, len(used)
    broken = 0
    for number in [0, 1, *used[2:8], *used[8::40]]:
        changed = bytearray(image)
        changed[number * 4096 + (number * 97) % 4096] ^= 1 << number % 8
        store.write_bytes(changed)
        result = shell(folder, store, text)
        if result.returncode == 0:
            assert result.stdout == good, result
            continue
        assert result.returncode == 125 and (b"(store)" in result.stderr or FOREIGN in result.stderr), result
        assert good.startswith(result.stdout[: result.stdout.rfind(b"\n") + 1]), result
        broken += 1
    assert broken >= 4, broken
    # Two blocks exchanged, the file cut off, the file of another store.
    one, other = used[-1], used[-2]
    changed = bytearray(image)
    changed[one * 4096 : one * 4096 + 4096], changed[other * 4096 : other * 4096 + 4096] = image[other * 4096 : other * 4096 + 4096], image[one * 4096 : one * 4096 + 4096]
    store.write_bytes(changed)
    result = shell(folder, store, text)
    assert result.returncode in (0, 125) and (result.stdout == good or b"(store)" in result.stderr or FOREIGN in result.stderr), result
    store.write_bytes(image[: len(image) // 2])
    refused(shell(folder, store, text), FOREIGN)
    store.write_bytes(os.urandom(len(image)))
    refused(shell(folder, store, text), FOREIGN)
    # An older state as a whole is taken for what it is: documented.
    store.write_bytes(image)
    held(shell(folder, store, text), good)


def names_and_attributes(folder, work):
    if not pathlib.Path(PYTHON[0][1]).is_dir():
        return
    options = ["--store", f"{work}/a::64m", *PYTHON[0], "--ro", f"{HERE}/programs:/programs", "--", PYTHON[1], "/programs/stored.py"]
    first = run([*SIMULATE, "--store-new", *options])
    assert first.returncode == 0 and first.stdout.startswith(b"made\n") and not lines(first.stderr), first
    for _ in range(2):
        result = run([*SIMULATE, *options])
        assert result.returncode == 0 and result.stdout == first.stdout[5:] and not lines(result.stderr), (result, first)


def databases(folder, work):
    if not pathlib.Path("/usr/bin/sqlite3").exists():
        return
    words = [*SIMULATE, "--store", f"{work}/a::64m", "--", "/usr/bin/sqlite3", "/store/base"]
    script = (
        b"pragma journal_mode=wal;\ncreate table if not exists t(a integer primary key, b text);\nbegin;\n"
        b"with recursive c(x) as (select 1 union all select x+1 from c where x<2000) insert into t(b) select hex(x*x) from c;\ncommit;\n"
        b"select count(*), sum(length(b)), max(b) from t;\npragma integrity_check;\n"
    )
    counts = []
    for options in [["--store-new"], [], []]:
        result = held(run([*words[:4], *options, *words[4:]], script))
        journal, count, check = result.stdout.decode().split()
        assert journal == "wal" and check == "ok", result
        counts.append(int(count.split("|")[0]))
    assert counts == [2000, 4000, 6000], counts


OTHERS = [
    stores_outlive_runs, derived_keys, released_keys, refused_words, one_run_at_a_time, full_stores, stores_larger_than_memory, stores_of_every_size, reads_into_mappings,
    killed_and_opened_again, changes_that_nobody_waits_for, hosts_that_cannot_write, changed_stores, names_and_attributes, databases,
]
