#!/usr/bin/node
//: needs node
//: memory 2g
// Child processes: exec, spawn, fork with messages, execSync, signals, pipes.
const { exec, execFile, execSync, fork, spawn, spawnSync } = require("child_process");
const { promisify } = require("util");

if (process.argv[2] === "child") {
    process.on("message", (message) => {
        if (message === "end") process.exit(6);
        process.send({ squared: message.n * message.n });
    });
    process.on("SIGUSR2", () => process.send("signal"));
    process.send("ready");
} else {
    main();
}

function ended(child) {
    return new Promise((resolve) => child.on("close", (code, signal) => resolve([code, signal])));
}

async function main() {
    const { stdout, stderr } = await promisify(exec)("echo out; echo err >&2");
    console.log(stdout.trim(), stderr.trim());
    console.log(execSync("seq 10 | wc -l").toString().trim());
    const bad = await promisify(execFile)("sh", ["-c", "exit 3"]).catch((error) => error);
    console.log(bad.code, bad.killed);
    const cat = spawn("cat");
    let echoed = 0;
    cat.stdout.on("data", (data) => (echoed += data.length));
    cat.stdin.end(Buffer.alloc(1 << 20, 97));
    console.log(await ended(cat), echoed);
    const sleeper = spawn("sleep", ["30"]);
    sleeper.kill();
    console.log(await ended(sleeper));
    const missing = spawn("./missing");
    console.log(await new Promise((resolve) => missing.on("error", (error) => resolve(error.code))));
    console.log(spawnSync("sleep", ["30"], { timeout: 100 }).error.code);
    console.log(await Promise.all([...Array(12).keys()].map((i) => ended(spawn("sh", ["-c", `exit ${i}`])))).then((all) => all.map((one) => one[0]).join()));
    const child = fork(__filename, ["child"]);
    const messages = [];
    await new Promise((resolve) => child.on("message", (message) => {
        messages.push(message);
        if (message === "ready") child.send({ n: 12 });
        else if (message.squared) child.kill("SIGUSR2");
        else { child.send("end"); resolve(); }
    }));
    console.log(messages, await ended(child));
    process.once("SIGUSR2", () => { console.log("handled"); process.kill(process.pid, "SIGTERM"); });
    setTimeout(() => {}, 5000);
    process.kill(process.pid, "SIGUSR2");
}
