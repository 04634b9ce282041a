#!/usr/bin/node
//: needs node
//: memory 2g
// Worker threads: messages, shared memory with Atomics, exits; files and a unix socket beside them.
const { Worker, isMainThread, parentPort, workerData } = require("worker_threads");
const fs = require("fs");
const net = require("net");

if (!isMainThread) {
    const cells = new Int32Array(workerData.shared);
    for (let i = 0; i < 1000; i++) Atomics.add(cells, 0, 1);
    if (workerData.number === 0) {
        Atomics.wait(cells, 1, 0);
        parentPort.postMessage("woken");
    } else {
        parentPort.postMessage(workerData.number);
    }
} else {
    main();
}

async function main() {
    const shared = new SharedArrayBuffer(8);
    const cells = new Int32Array(shared);
    const said = [];
    const workers = [0, 1, 2, 3].map((number) => new Worker(__filename, { workerData: { shared, number } }));
    const exits = workers.map((worker) => new Promise((resolve) => { worker.on("message", (m) => said.push(m)); worker.on("exit", resolve); }));
    await Promise.all(exits.slice(1));
    Atomics.store(cells, 1, 1);
    Atomics.notify(cells, 1);
    console.log(await Promise.all(exits), said.map(String).sort(), cells[0]);
    const failing = new Worker("throw new Error('in the worker')", { eval: true });
    console.log(await new Promise((resolve) => failing.on("error", (error) => resolve(error.message))));
    const server = net.createServer((socket) => socket.on("data", (data) => socket.end(data.toString().toUpperCase()))).listen("socket");
    await new Promise((resolve) => server.on("listening", resolve));
    const answers = await Promise.all([...Array(20).keys()].map((i) => new Promise((resolve) => {
        let all = "";
        const client = net.connect("socket", () => client.write(`client ${i}`));
        client.on("data", (data) => (all += data));
        client.on("close", () => resolve(all));
    })));
    console.log(answers.length, answers[19]);
    server.close();
    await fs.promises.writeFile("written.txt", "x".repeat(100000));
    console.log((await fs.promises.stat("written.txt")).size, fs.readdirSync(".").includes("written.txt"));
}
