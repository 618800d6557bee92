"""asyncpg_gather.py NODES: every node at once with asyncio.gather; prints "N ok"."""

import asyncio
import os
import ssl
import sys

import asyncpg

TIMEOUT = float(os.environ.get("PEER_TIMEOUT", "5"))
ROOT = os.environ.get("PGSSLROOTCERT")
TLS = ssl.create_default_context(cafile=ROOT) if ROOT else False


async def check(host, port):
    connection = await asyncpg.connect(
        host=host, port=int(port), timeout=TIMEOUT, ssl=TLS
    )
    try:
        return await connection.fetchval("SELECT 1", timeout=TIMEOUT) == 1
    finally:
        await connection.close()


async def main(path):
    nodes = [line.split() for line in open(path)]
    answers = await asyncio.gather(
        *(check(*node) for node in nodes), return_exceptions=True
    )
    print(sum(answer is True for answer in answers), "ok")


asyncio.run(main(sys.argv[1]))
