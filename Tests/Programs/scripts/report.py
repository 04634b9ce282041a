"""A report over an invented shop, in the way ordinary scripts are written: many modules, files, threads, a database. Its output is always the same."""

import argparse
import asyncio
import base64
import bisect
import collections
import configparser
import contextlib
import csv
import dataclasses
import datetime
import decimal
import difflib
import enum
import functools
import gzip
import hashlib
import heapq
import io
import itertools
import json
import logging
import os
import pathlib
import pickle
import queue
import re
import shutil
import sqlite3
import string
import struct
import sys
import tempfile
import textwrap
import threading
import time
import zipfile


class Kind(enum.Enum):
    TOOL = "tool"
    TOY = "toy"
    BOOK = "book"


@dataclasses.dataclass(order=True, frozen=True)
class Order:
    number: int
    customer: str = dataclasses.field(compare=False)
    kind: Kind = dataclasses.field(compare=False)
    price: decimal.Decimal = dataclasses.field(compare=False)
    day: datetime.date = dataclasses.field(compare=False)

    @property
    def month(self):
        return self.day.strftime("%Y-%m")


class Noise:
    """Numbers that look random and are the same everywhere."""

    def __init__(self, seed):
        self.state = seed

    def __call__(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound


def orders(count):
    noise = Noise(42)
    names = ["Ada", "Brian", "Chloé", "Dmitri", "Eşref", "Fu 福"]
    first = datetime.date(2024, 1, 1)
    for number in range(count):
        kind = list(Kind)[noise(3)]
        price = decimal.Decimal(noise(100000)) / 100
        yield Order(number, names[noise(len(names))], kind, price, first + datetime.timedelta(days=noise(366)))


@contextlib.contextmanager
def section(title):
    print(f"== {title}")
    try:
        yield
    finally:
        print()


def with_files(folder, items):
    path = folder / "orders.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for item in items:
            writer.writerow([item.number, item.customer, item.kind.value, item.price, item.day.isoformat()])
    with path.open(newline="", encoding="utf-8") as file:
        back = [Order(int(n), c, Kind(k), decimal.Decimal(p), datetime.date.fromisoformat(d)) for n, c, k, p, d in csv.reader(file)]
    print("csv:", path.stat().st_size, back == items)
    packed = gzip.compress(path.read_bytes(), mtime=0)
    print("gzip:", len(gzip.decompress(packed)), hashlib.sha256(path.read_bytes()).hexdigest()[:16])
    with zipfile.ZipFile(folder / "orders.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "orders.csv")
    with zipfile.ZipFile(folder / "orders.zip") as archive:
        print("zip:", archive.testzip(), [(i.filename, i.file_size) for i in archive.infolist()])
    (folder / "deep" / "er").mkdir(parents=True)
    os.replace(path, folder / "deep" / "er" / "moved.csv")
    os.symlink("er/moved.csv", folder / "deep" / "link")
    print("tree:", sorted(str(p.relative_to(folder)) for p in folder.rglob("*")))
    shutil.copytree(folder / "deep", folder / "copy", symlinks=True)
    print("link:", os.readlink(folder / "copy" / "link"), (folder / "copy" / "link").stat().st_size)


def with_text(items):
    text = " ".join(f"{i.customer}<{i.number}@{i.kind.value}.example>" for i in items[:40])
    found = re.findall(r"(?P<name>\w+)[^<]*<(\d+)@(tool|book)\.example>", text)
    print("found:", len(found), found[:3])
    print("replaced:", re.sub(r"<(\d+)@", lambda m: f"<{int(m[1]) * 2}@", text)[:60])
    print(textwrap.fill(text[:200], 50))
    print("\n".join(difflib.unified_diff(text[:30].split("@"), text[:30].upper().split("@"), "a", "b", lineterm="")))
    print(string.Template("$who owes $$${sum}").substitute(who="Ada", sum=12), f"{1234567.891:,.2f} {255:#x} {'mid':^9}|")
    setting = configparser.ConfigParser()
    setting.read_string("[shop]\nname = corner\nopen = yes\n")
    print("settings:", setting["shop"]["name"], setting.getboolean("shop", "open"))


def with_database(path, items):
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("create table orders (number integer primary key, customer text, kind text, cents integer, month text)")
        rows = [(i.number, i.customer, i.kind.value, int(i.price * 100), i.month) for i in items]
        database.executemany("insert into orders values (?, ?, ?, ?, ?)", rows)
        query = "select month, count(*), sum(cents) from orders group by month order by 3 desc limit 3"
        for month, count, cents in database.execute(query):
            print(f"{month}: {count:4d} orders, {cents / 100:10.2f}")
        print("integrity:", database.execute("pragma integrity_check").fetchone()[0])


def with_threads(items):
    work, results = queue.Queue(maxsize=10), collections.Counter()
    lock = threading.Lock()

    def worker():
        while (item := work.get()) is not None:
            digest = hashlib.blake2b(pickle.dumps((item.number, item.customer))).digest()
            with lock:
                results[item.kind.value] += digest[0]

    threads = [threading.Thread(target=worker) for _ in range(6)]
    for thread in threads:
        thread.start()
    for item in itertools.chain(items, [None] * len(threads)):
        work.put(item)
    for thread in threads:
        thread.join()
    print("threads:", sorted(results), sum(results.values()) > 0, threading.active_count())


async def with_tasks():
    gate, seen = asyncio.Event(), []

    async def one(number):
        await gate.wait()
        await asyncio.sleep(0.001 * (5 - number))
        seen.append(number)

    async with asyncio.timeout(30):
        tasks = [asyncio.create_task(one(n)) for n in range(5)]
        gate.set()
        await asyncio.gather(*tasks)
    print("tasks:", sorted(seen))


def with_numbers(items):
    best = heapq.nlargest(3, items, key=lambda i: i.price)
    print("dearest:", [str(i.price) for i in best])
    marks = [decimal.Decimal(n) for n in (100, 250, 500, 900)]
    classes = collections.Counter(bisect.bisect(marks, i.price) for i in items)
    print("classes:", sorted(classes.items()))
    print("packed:", base64.b64encode(struct.pack("<IdQ", 7, 2.5, 2**63)).decode())

    @functools.cache
    def ways(sum_, coins):
        return 1 if sum_ == 0 else 0 if sum_ < 0 or not coins else ways(sum_ - coins[0], coins) + ways(sum_, coins[1:])

    print("ways:", ways(200, (100, 50, 20, 10, 5, 2, 1)), "big:", 3**200 % 10**20)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=2000)
    options = parser.parse_args()
    log = io.StringIO()
    logging.basicConfig(stream=log, level=logging.INFO, format="%(levelname)s %(message)s")
    items = list(orders(options.count))
    started = time.monotonic()
    with section("text"):
        with_text(items)
    with section("files"), tempfile.TemporaryDirectory(dir=".") as folder:
        with_files(pathlib.Path(folder), items)
    with section("database"), tempfile.TemporaryDirectory() as folder:
        with_database(folder + "/shop.db", items)
    with section("threads"):
        with_threads(items)
        asyncio.run(with_tasks())
    with section("numbers"):
        with_numbers(items)
    logging.info("took less than an hour: %s", time.monotonic() - started < 3600)
    sums = {kind.value: str(sum(i.price for i in items if i.kind is kind)) for kind in Kind}
    print(json.dumps({"orders": len(items), "sums": sums, "log": log.getvalue()}, indent=1, ensure_ascii=False, sort_keys=True))
    return 3 if items else 1


sys.exit(main())
