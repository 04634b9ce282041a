#!/usr/bin/python3 -u
"""asyncio: processes, unix sockets, signals, threads, timeouts."""
import asyncio
import os
import signal


async def serve(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
    writer.close()


async def client(number):
    reader, writer = await asyncio.open_unix_connection("socket")
    answers = []
    for i in range(10):
        writer.write(f"client {number} line {i}\n".encode())
        answers.append(await reader.readline())
    writer.close()
    await writer.wait_closed()
    return answers[-1]


async def shell(command):
    process = await asyncio.create_subprocess_shell(command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate(b"input")
    return process.returncode, output


async def main():
    server = await asyncio.start_unix_server(serve, "socket")
    print((await asyncio.gather(*(client(i) for i in range(20))))[7:9])
    server.close()
    await server.wait_closed()
    os.unlink("socket")
    print(await asyncio.gather(*(shell(f"cat; exit {i}") for i in range(6))))
    process = await asyncio.create_subprocess_exec("sleep", "30")
    process.terminate()
    print(await process.wait())
    try:
        await asyncio.wait_for(asyncio.sleep(30), 0.05)
    except asyncio.TimeoutError:
        print("too long")
    seen = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, seen.set)
    os.kill(os.getpid(), signal.SIGUSR1)
    await seen.wait()
    print("signal", await asyncio.to_thread(os.path.exists, "/"))
    r, w = os.pipe()
    loop = asyncio.get_running_loop()
    got = loop.create_future()
    loop.add_reader(r, lambda: got.done() or got.set_result(os.read(r, 10)))
    loop.call_later(0.05, os.write, w, b"later")
    print(await got)


asyncio.run(main())
