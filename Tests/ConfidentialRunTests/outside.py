"""What a confidential run has of the world outside: secrets of a relying party, the host's files in proxy mode, connected sockets. Each function is given the folder of
programs and one of its own, and raises AssertionError."""

import hashlib
import json
import os
import pathlib
import subprocess

from command import HERE, LIMIT, SIMULATED, SKERRY, run
from streams import SOURCE, Server, Sink, closes, echo, reset, source

WARNING = b"skerry: proxy mode: the results of system calls are host-controlled, and nothing about this run is confidential"
PYTHON = ["--ro", "/usr/lib/python3.11"], "/usr/bin/python3.11"


def lines(text):
    """Lines of standard error that are not about the simulation, nor of hints that only an ordinary run can give."""
    return [line for line in text.split(b"\n") if line and not line.startswith(SIMULATED) and not line.endswith(b" would grant it")]


class RelyingParty:
    """`skerry snp serve-secrets`, for one guest."""

    def __init__(self, work, policy, root, identity=None, secrets=None):
        (work / "policy.json").write_bytes(policy)
        (work / "value").write_text("correct horse")
        self.address = f"unix:{work}/party"
        words = ["snp", "serve-secrets", "--once", "--json", "--listen", self.address, "--policy", f"{work}/policy.json", "--test-root", root]
        for secret in secrets or [f"database={work}/value"]:
            words += ["--secret", secret]
        if identity:
            words += ["--identity", identity]
        self.process = subprocess.Popen([SKERRY, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.said = []
        for line in self.process.stderr:
            self.said.append(line)
            if line.startswith(b"listening at ") or b" listening at " in line:
                break

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def outcome(self):
        output, _ = self.process.communicate(timeout=LIMIT)
        said = json.loads(output)
        return said["outcome"], [check["name"] for check in said["checks"] if check["outcome"] not in ("ok", "passed", "notDemanded", "not demanded")]


def secrets(folder, work):
    guest = ["--root", folder / "root"]
    program = ["--", "/bin/sh", "-c", "ls /run/secrets; cat /run/secrets/database"]
    simulated = ["run", "--confidential=simulate"]
    for name in ["own", "other"]:
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", work / f"{name}.pem"], check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", work / f"{name}.pem", "-pubout", "-out", work / f"{name}.pub"], check=True)
    assert run([*simulated, "--evidence", work / "e", *guest, "--", "/bin/true"]).returncode == 0
    root = work / "e/certificates"
    # Where the relying party listens is no part of the prediction.
    source = ["--secrets", f"unix:{work}/party", "--secrets-provider", work / "own.pub"]
    policy = run([*simulated, "--predict", "--secrets", "localhost:1", "--secrets-provider", work / "own.pub", *guest, *program]).stdout
    with RelyingParty(work, policy, root, work / "own.pem") as party:
        result = run([*simulated, *source, *guest, *program])
        outcome = party.outcome()
        assert result.returncode == 0 and result.stdout == b"database\ncorrect horse" and not lines(result.stderr), (result, outcome)
        assert outcome[0] == "confirmed", outcome
        identity = [line.split()[-1].decode() for line in party.said if b"identity " in line]
    # By its number, as the server has printed it, and by TCP.
    assert json.loads(run([*simulated, "--predict", "--secrets", "h:1", "--secrets-provider", identity[0], *guest, *program]).stdout) == json.loads(policy)

    with RelyingParty(work, policy, root, work / "own.pem") as party:
        result = run([*simulated, *source, *guest, *program, "more"])
        assert result.returncode == 125 and not result.stdout and b"it refused" in result.stderr, result
        assert party.outcome()[0] == "refused"
    with RelyingParty(work, policy, root, work / "other.pem") as party:
        result = run([*simulated, *source, *guest, *program])
        assert result.returncode == 125 and not result.stdout and b"another one answered" in result.stderr, result
    result = run([*simulated, *source, *guest, *program])
    assert result.returncode == 125 and not result.stdout, result
    assert b"not released the secrets" in result.stderr and b"serve-secrets` listening there?" in result.stderr, result
    # Without a key anybody's secrets are taken, and it is said.
    policy = run([*simulated, "--predict", *source[:2], *guest, *program]).stdout
    with RelyingParty(work, policy, root) as party:
        result = run([*simulated, *source[:2], *guest, *program])
        assert result.returncode == 0 and result.stdout.endswith(b"correct horse") and b"--secrets-provider" in result.stderr, result


def proxy_mode(folder, work):
    (work / "data").mkdir()
    inside = ["--root", folder / "root"]
    pipeline = "cat /data/numbers | sort -n | uniq -c | sort -rn | head -n 20 | tr 0-9 a-j; echo new >> /data/numbers; tail -n 1 /data/numbers; ls -ln /data /bin | wc -l; exit 3"
    script = "import hashlib, json, os\nopen('f', 'w').write('x' * 100000)\nprint(hashlib.sha256(open('f', 'rb').read()).hexdigest(), os.listdir('.'), os.stat('f').st_size)"
    for options, command in [
        (["-e", "A=b c"], [folder / "threads-static", "one"]), ([], [folder / "threads-dynamic"]), ([*inside, "-e", "A=b c", "-u", "5:6"], ["/bin/sh", "-c", "env | sort; id"]),
        (inside, ["/bin/sh", "-c", pipeline]), (["--rw", f"{work}/data:/data", "-w", "/data", *PYTHON[0]], [PYTHON[1], "-c", script]),
        (["-q"], [folder / "threads-static"]), ([], [folder / "nothing"]),
    ]:
        if command[0] == PYTHON[1] and not pathlib.Path(PYTHON[0][1]).is_dir():
            continue
        ordinary = run(["run", *options, "--", *command])
        proxied = run(["run", "--confidential=simulate", "--proxy", *options, "--", *command])
        assert (proxied.returncode, proxied.stdout) == (ordinary.returncode, ordinary.stdout), (command, ordinary, proxied)
        starts = ordinary.returncode != 127
        # The warning cannot be silenced.
        assert lines(proxied.stderr) == [WARNING] * starts + lines(ordinary.stderr), (command, proxied)
    assert os.stat(work / "data/f").st_size == 100_000
    # Whoever verifies the report sees the mode.
    program = ["--proxy", "--", folder / "surroundings-static", "one"]
    assert run(["run", "--confidential=simulate", "--evidence", work / "e", *program]).returncode == 42
    (work / "policy.json").write_bytes(run(["run", "--confidential=simulate", "--predict", *program]).stdout)
    verdict = run(["attest", "verify", "--report", work / "e/report.bin", "--certs", work / "e/certificates", "--root", work / "e/certificates/ark.der", "--policy", work / "policy.json"])
    assert verdict.returncode == 0, verdict.stdout
    shown = json.loads(run(["snp", "manifest", "show", work / "e/manifest.bin"]).stdout)
    assert shown["mode"] == "proxy" and "rootImage" not in shown and shown["hostData"] == json.loads((work / "policy.json").read_text())["hostData"], shown


def connections(folder, work):
    if not pathlib.Path(PYTHON[0][1]).is_dir():
        return
    sink = Sink()
    with Server(echo, work / "echo") as first, Server(echo) as tcp, Server(sink, work / "sink") as sinking, Server(source) as sending, Server(closes, work / "closes") as closing, Server(
        reset
    ) as resetting:
        servers = {"echo": first, "tcp": tcp, "sink": sinking, "source": sending, "closes": closing, "reset": resetting}
        options = [word for name, server in servers.items() for word in ["--connect", f"/run/{name}={server.address}"]]
        options += ["--connect", f"/run/gone=unix:{work}/gone", "--ro", f"{HERE}/programs:/programs", *PYTHON[0]]
        result = run(["run", "--confidential=simulate", "--evidence", work / "e", *options, "--", PYTHON[1], "/programs/connections.py"])
        sinking.join()
    expected = f"""/run/echo b'hello' /run/echo True
b'' EPIPE
/run/tcp b'hello' /run/tcp True
b'' EPIPE
echoed True b''
sunk True
source {hashlib.sha256(SOURCE).hexdigest()} b''
nothing yet EAGAIN True
quiet []
in [1] b'first' b'first'
end b''
many True
one more EAGAIN
b'in its place'
closed b'hello'
EPIPE
reset ECONNRESET
gone ECONNREFUSED ENOENT
datagrams EPROTOTYPE
"""
    assert result.returncode == 0 and result.stdout.decode() == expected, result
    # The program had ended when the last of it was sent.
    assert sink.sizes == [6 << 20] * 2, sink.sizes
    shown = json.loads(run(["snp", "manifest", "show", work / "e/manifest.bin"]).stdout)
    assert shown["connections"] == [f"/run/{name}" for name in [*servers, "gone"]], shown
    # Where a socket leads is the host's choice, what it is called is measured.
    predictions = [
        json.loads(run(["run", "--confidential=simulate", "--predict", "--connect", words, "--", "/bin/true"]).stdout)["hostData"] for words in ["/run/a=h:1", "/run/a=h:2", "/run/b=h:1"]
    ]
    assert predictions[0] == predictions[1] != predictions[2], predictions


OTHERS = [secrets, proxy_mode, connections]
