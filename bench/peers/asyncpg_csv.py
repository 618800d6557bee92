"""asyncpg_csv.py NODES SQL: every node at once with asyncio.gather; all rows as CSV."""

import asyncio
import csv
import os
import sys

import asyncpg

TIMEOUT = float(os.environ.get("PEER_TIMEOUT", "5"))


async def query(name, host, port, writer):
    connection = await asyncpg.connect(
        host=host, port=int(port), timeout=TIMEOUT, ssl=False
    )
    try:
        rows = await connection.fetch(sys.argv[2], timeout=TIMEOUT)
    finally:
        await connection.close()
    writer.writerows((name, *row) for row in rows)


async def main(path):
    nodes = [line.split() for line in open(path)]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    await asyncio.gather(*(query(f"n{i:05d}", *node, writer)
                           for i, node in enumerate(nodes, 1)))


asyncio.run(main(sys.argv[1]))
