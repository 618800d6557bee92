"""Where fakes and proxies perform: an asyncio loop in a thread of its own.

A `Fake` listens on a port that the kernel chose and gives every connection to a script,
a coroutine over a `Peer`.  What happens is noted (`seen`), and tests wait for notes,
never for time.  Scripts are in fake.py.
"""

import asyncio
import socket
import struct
import threading

import wire


class Gone(Exception):
    """The client closed the connection; the end of most scripts."""


class Stage:
    """The loop and its cast.  Close it to end every connection at once."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.noted = threading.Condition()
        self.cast = []
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    def fake(self, script, host="127.0.0.1", port=0, **facts):
        fake = Fake(self, script, facts)
        self.do(fake.listen(host, port))
        self.cast.append(fake)
        return fake

    def close(self):
        self.do(self._cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        for member in self.cast:
            member.close()

    async def _cancel_all(self):
        mine = asyncio.current_task()
        for task in asyncio.all_tasks(self.loop):
            if task is not mine:
                task.cancel()


class Listener:
    """Something with a port that notes what happens to it."""

    def __init__(self, stage):
        self.stage, self.seen, self.port = stage, [], None

    async def listen(self, host="127.0.0.1", port=0):
        self.server = await asyncio.start_server(self._serve, host, port, backlog=4096)
        self.host, self.port = self.server.sockets[0].getsockname()[:2]

    def close(self):
        self.server.close()

    def note(self, what, value=None):
        with self.stage.noted:
            self.seen.append((what, value))
            self.stage.noted.notify_all()

    def notes(self, what):
        with self.stage.noted:
            return [value for kind, value in self.seen if kind == what]

    def count(self, what):
        return len(self.notes(what))

    def wait(self, what, n=1, seconds=20):
        """Until `what` was noted n times."""
        with self.stage.noted:
            return self.stage.noted.wait_for(
                lambda: sum(kind == what for kind, _ in self.seen) >= n, seconds
            )

    def node(self, name, **keys):
        """Its entry in a configuration."""
        return {"name": name, "host": self.host, "port": self.port, **keys}


class Fake(Listener):
    def __init__(self, stage, script, facts):
        super().__init__(stage)
        self.script, self.facts = script, facts

    async def _serve(self, reader, writer):
        self.note("connected")
        peer = Peer(self, reader, writer)
        try:
            await self.script(peer, **self.facts)
        except (Gone, OSError, asyncio.CancelledError, EOFError):
            pass
        finally:
            self.note("ended")
            writer.close()


class Peer:
    """One connection as a script sees it."""

    def __init__(self, fake, reader, writer):
        self.fake, self.reader, self.writer = fake, reader, writer
        self.note = fake.note
        self.tls = False

    async def send(self, *messages):
        self.writer.write(b"".join(messages))
        await self.writer.drain()

    async def read(self, n):
        try:
            return await self.reader.readexactly(n)
        except asyncio.IncompleteReadError as end:
            raise Gone from end

    async def packet(self):
        """The payload of a message without a kind, as the first one is."""
        (length,) = struct.unpack("!I", await self.read(4))
        return await self.read(length - 4)

    async def message(self):
        kind = await self.read(1)
        return kind, await self.packet()

    async def requests_tls(self):
        """True if the client opens with an SSLRequest.  Otherwise its opening is kept
        for startup()."""
        self.opening = await self.packet()
        (code,) = struct.unpack("!I", self.opening[:4])
        if code != wire.SSL_REQUEST:
            return False
        self.opening = None
        self.note("tls requested")
        return True

    opening = None

    async def startup(self, tls=None):
        """Answers S (with an SSLContext) or N to an SSLRequest and reads the startup
        packet: its parameters."""
        if not self.opening and await self.requests_tls():
            await self.send(b"S" if tls else b"N")
            if tls:
                await self.start_tls(tls)
        packet = self.opening or await self.packet()
        (code,) = struct.unpack("!I", packet[:4])
        if code == wire.CANCEL_REQUEST:
            self.note("cancel")
            raise Gone
        words = packet[4:].split(b"\0")
        parameters = {
            k.decode(): v.decode() for k, v in zip(words[::2], words[1::2]) if k
        }
        self.note("startup", parameters)
        return parameters

    async def start_tls(self, context):
        await self.writer.start_tls(context)
        self.tls = True
        self.note("tls")

    async def password(self):
        """The client's answer to an authentication request."""
        kind, payload = await self.message()
        assert kind == b"p", kind
        self.note("password", payload)
        return payload

    async def login(self, **facts):
        await self.send(wire.AUTH_OK, wire.greeting(**facts))

    async def query(self):
        """The text of the next statement, simple or extended."""
        statement = None
        while True:
            kind, payload = await self.message()
            if kind == b"X":
                raise Gone
            if kind == b"P":
                statement = payload.split(b"\0")[1].decode()
            if kind == b"Q":
                statement = payload.rstrip(b"\0").decode()
                self.extended = False
            if kind == b"S":
                self.extended = True
            if kind in b"QS" and statement is not None:
                self.note("query", statement)
                self._follow(statement)
                return statement

    extended = False
    ready = wire.READY

    def _follow(self, statement):
        """Transactions are told by their first word, as ours are."""
        if "BEGIN" in statement:
            self.ready = wire.READY_IN_BLOCK
        elif statement.startswith("ROLLBACK"):
            self.ready = wire.READY

    async def answer(self, *messages):
        if self.ready is not wire.READY and any(m[:1] == b"E" for m in messages):
            self.ready = wire.READY_IN_FAILED_BLOCK
        if self.extended:
            messages = (wire.PARSE_COMPLETE, wire.BIND_COMPLETE) + messages
        await self.send(*messages, self.ready)

    async def open_envelope(self):
        """To the Query that begins a read-only transaction."""
        columns = wire.columns("transaction_read_only")
        row = columns + wire.row("on") + wire.complete("SELECT 1")
        await self.answer(wire.complete("BEGIN"), row)

    async def forever(self):
        """Says nothing until the client goes away."""
        self.note("mute")
        while await self.reader.read(65536):
            pass

    def reset(self):
        """Ends the connection by RST instead of FIN."""
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, linger
        )
        self.writer.transport.abort()
        raise Gone


class Hole:
    """A port whose SYNs are dropped: the backlog is full and nobody accepts.

    The kernel takes backlog + 1 connections; the fillers are those."""

    def __init__(self, host="127.0.0.1", port=0):
        self.listener = socket.socket()
        self.listener.bind((host, port))
        self.listener.listen(0)
        self.host, self.port = self.listener.getsockname()
        self.fillers = []
        while self._room():
            pass

    def _room(self):
        filler = socket.socket()
        self.fillers.append(filler)
        filler.settimeout(0.2)
        try:
            filler.connect((self.host, self.port))
            return True
        except TimeoutError:
            return False

    def node(self, name, **keys):
        return {"name": name, "host": self.host, "port": self.port, **keys}

    def close(self):
        for end in [*self.fillers, self.listener]:
            end.close()


class Refuser:
    """A port where nobody listens, and which nobody else can get meanwhile."""

    def __init__(self, host="127.0.0.1"):
        self.socket = socket.socket()
        self.socket.bind((host, 0))
        self.host, self.port = self.socket.getsockname()

    def node(self, name, **keys):
        return {"name": name, "host": self.host, "port": self.port, **keys}

    def close(self):
        self.socket.close()
