"""A wire between client and server that a test can make bad.

    proxy = Proxy.to(stage, cluster, delay=0.1)

delay       every piece of data arrives that much later, in each direction
drip        pieces are one byte long
black_hole  data is swallowed, the connections stay open; may be set at any time
cut_after   bytes from the server after which both ends are closed
reset_after the same, but the client gets an RST
"""

import asyncio

from stage import Gone, Listener, Peer


class Proxy(Listener):
    def __init__(self, stage, host, port, **faults):
        super().__init__(stage)
        self.target = host, port
        self.delay, self.drip, self.black_hole = 0, False, False
        self.cut_after = self.reset_after = None
        self.__dict__.update(faults)

    @classmethod
    def to(cls, stage, server, **faults):
        proxy = cls(stage, server.host, server.port, **faults)
        stage.do(proxy.listen())
        stage.cast.append(proxy)
        return proxy

    async def _serve(self, reader, writer):
        self.note("connected")
        far_reader, far_writer = await asyncio.open_connection(*self.target)
        client = Peer(self, reader, writer)
        try:
            await asyncio.gather(
                self._pump(reader, far_writer, None),
                self._pump(far_reader, writer, client),
            )
        except (ConnectionError, EOFError, asyncio.CancelledError, Cut, Gone):
            pass
        finally:
            writer.close()
            far_writer.close()

    async def _pump(self, source, sink, client):
        """client: the pump towards the client is the one that cuts."""
        passed = 0
        while piece := await source.read(1 if self.drip else 65536):
            if self.delay:
                await asyncio.sleep(self.delay)
            while self.black_hole:
                if not await source.read(65536):
                    raise Cut
            passed += len(piece)
            if client and self.cut_after is not None and passed > self.cut_after:
                raise Cut
            if client and self.reset_after is not None and passed > self.reset_after:
                client.reset()
            sink.write(piece)
            await sink.drain()
        raise Cut


class Cut(Exception):
    """Both directions end together."""
