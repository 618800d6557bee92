"""Servers that misbehave on purpose: one script per symptom.

A script is a coroutine over a `stage.Peer`; the docstring is the symptom as the person
who has it would tell it.  `stage.fake(script, **facts)` puts it behind a port.
"""

import asyncio
import base64
import functools
import hashlib
import hmac
import os
import struct

import wire


def with_statements(on_query):
    """A script that logs in politely and leaves every statement to on_query."""

    async def script(peer, tls=None, **facts):
        await peer.startup(tls)
        await peer.login(**facts)
        while True:
            await on_query(peer, await peer.query())

    script.__doc__ = on_query.__doc__
    return script


async def select_one(peer, statement):
    """A healthy server."""
    if "BEGIN" in statement:
        await peer.open_envelope()
    elif "pg_is_in_recovery" in statement:
        peer.note("asked for the role")
        await peer.answer(
            wire.columns("standby", "read_only"),
            wire.row("f", "off"),
            wire.complete("SELECT 1"),
        )
    else:
        await peer.answer(wire.ONE)


polite = with_statements(select_one)


# As facts_sql.c asks for them: parts, and the fields of each.
FACTS = [
    "standby read_only",
    "clock",
    "started_at",
    "connections hidden_backends max_workers max_connections reserved",
    "system_identifier recorded_timeline",
    "timeline",
    "wal",
    "received",
    "replayed",
    "last_commit xid_oldest xid_next",
    "paused apply_delay",
    "receiver_pid receiver_status receiver_slot receiver_timeline told told_at"
    " upstream_port upstream_host",
    "slots",
    "senders",
]


def facts_answer(*refused, **told):
    """The text that a server answers with; lists are lines.  `refused` are the numbers
    of parts and what went wrong: (4, "42501 permission denied …")."""
    facts = {"standby": "f", "read_only": "off", "clock": "1790000000000000", **told}
    assert facts.keys() <= set(" ".join(FACTS).split()), facts
    for name in "slots", "senders":
        lines = facts.get(name, "")
        facts[name] = f"{len(lines.splitlines())}\n{lines}"
    parts = ["|".join(facts.get(name, "") for name in part.split()) for part in FACTS]
    for part, why in refused:
        parts[part] = "!" + why
    return "".join(part + "\x1e" for part in parts)


def asks_for_facts(statement):
    return "pg_control_system" in statement


async def tell_facts(peer, statement, text):
    """SET, what collects the facts unless it is one SELECT, and what shows them."""
    done = [wire.complete("SET")]
    done += [wire.complete("DO")] if "DO $facts$" in statement else []
    shown = wire.columns("facts"), wire.row(text), wire.complete("SHOW")
    await peer.answer(*done, *shown)


def telling(**told):
    """A healthy server that says this of itself, and nothing of the rest."""

    async def on_query(peer, statement):
        if asks_for_facts(statement):
            await tell_facts(peer, statement, facts_answer(**told))
        else:
            await select_one(peer, statement)

    return with_statements(on_query)


# ---- before a word was said ----


async def silent(peer):
    """accepts, then silent"""
    await peer.forever()


async def closes(peer):
    """accepts, then closes"""


async def resets(peer):
    """accepts, then resets"""
    await peer.read(1)
    peer.reset()


async def closes_after_startup(peer):
    """reads the login, then closes"""
    await peer.startup()


async def resets_after_startup(peer):
    """reads the login, then resets"""
    await peer.startup()
    peer.reset()


async def mute_after_startup(peer):
    """reads the login, then silent"""
    await peer.startup()
    await peer.forever()


async def http(peer):
    """a web server"""
    await peer.read(8)
    await peer.send(b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n")


async def ssh(peer):
    """an SSH server"""
    await peer.send(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
    await peer.forever()


async def noise(peer):
    """random bytes"""
    await peer.startup()
    await peer.send(bytes(b ^ 0xA5 for b in hashlib.sha512(b"noise").digest()) * 4)
    await peer.forever()


async def binary_error(peer):
    """E and then binary"""
    await peer.startup()
    await peer.send(b"E" + bytes(range(256)) * 2)


async def drip(peer):
    """one byte now and then"""
    await peer.startup()
    endless = wire.AUTH_OK + wire.notice("still starting") * 1000
    for byte in endless:
        await peer.send(bytes([byte]))
        await asyncio.sleep(0.05)


async def notices(peer):
    """endless notices instead of a login"""
    await peer.startup()
    await peer.send(wire.AUTH_OK)
    while True:
        await peer.send(wire.notice("please wait") * 100)
        await asyncio.sleep(0.01)


@functools.cache
def many_parameters():
    """Half a megabyte; made once, since the healthy servers live in this process, too."""
    return b"".join(wire.parameter(f"p{i}", "v") for i in range(40_000))


async def parameters(peer, tls=None):
    """endless parameters, each with a name of its own, instead of a login"""
    await peer.startup(tls)
    peer.note("let in")
    await peer.send(wire.AUTH_OK)
    await peer.send(many_parameters())
    await peer.forever()


# ---- TLS ----


async def stalls_in_tls(peer):
    """says S to TLS, then nothing"""
    if await peer.requests_tls():
        await peer.send(b"S")
    await peer.forever()


async def garbage_in_tls(peer):
    """says S to TLS, then garbage"""
    await peer.requests_tls()
    await peer.send(b"S")
    await peer.read(1)
    await peer.send(b"\x16\x03\x01garbage, not a ServerHello" * 9)
    await peer.forever()


async def injects_plaintext(peer):
    """plaintext right behind the S, as CVE-2021-23222 did"""
    await peer.requests_tls()
    await peer.send(b"S" + wire.AUTH_OK + wire.greeting() + wire.ONE)
    await peer.forever()


async def error_before_tls(peer):
    """an error in the clear instead of S or N, as CVE-2024-10977 did"""
    if not await peer.requests_tls():
        peer.note("plaintext login")
    await peer.send(wire.error("53300", "sorry, too many clients already"))


async def closes_on_tls(peer):
    """ends the connection at the question for TLS"""
    if not await peer.requests_tls():
        peer.note("plaintext login")


# ---- authentication ----


def asks(request):
    """A server that asks for this, and accepts whatever it gets."""

    async def script(peer, tls=None):
        await peer.startup(tls)
        await peer.send(request)
        await peer.password()
        await peer.login()
        while True:
            await select_one(peer, await peer.query())

    return script


asks_cleartext = asks(wire.AUTH_CLEARTEXT)
asks_md5 = asks(wire.AUTH_MD5)
asks_gss = asks(wire.AUTH_GSS)
asks_sspi = asks(wire.AUTH_SSPI)


async def unknown_authentication(peer):
    """asks for an authentication that nobody knows"""
    await peer.startup()
    await peer.send(wire.authentication(99))
    await peer.forever()


async def scram(peer, iterations, password=None, tls=None):
    """SCRAM-SHA-256 with any iteration count; a right password is let in."""
    await peer.startup(tls)
    await peer.send(wire.AUTH_SASL)
    first = (await peer.password()).split(b"\0", 1)[1][4:].decode()
    bare = first.split(",", 2)[2]
    nonce = bare.split("r=", 1)[1] + base64.b64encode(os.urandom(12)).decode()
    salt = b"sixteen byte sal"
    challenge = f"r={nonce},s={base64.b64encode(salt).decode()},i={iterations}"
    await peer.send(wire.sasl_continue(challenge))
    final = (await peer.password()).decode()
    peer.note("proof", final)
    if password is None:
        await peer.send(wire.error("28P01", "password authentication failed"))
        return
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    without_proof = final.rsplit(",p=", 1)[0]
    transcript = ",".join([bare, challenge, without_proof]).encode()
    key = hmac.digest(salted, b"Server Key", "sha256")
    signature = base64.b64encode(hmac.digest(key, transcript, "sha256")).decode()
    await peer.send(wire.sasl_final(f"v={signature}"))
    await peer.login()
    while True:
        await select_one(peer, await peer.query())


async def mute_after_login(peer):
    """logs in, then answers nothing"""
    await peer.startup()
    await peer.login()
    await peer.query()
    await peer.forever()


def fatal(sqlstate, words):
    """A server that refuses every login like this."""

    async def script(peer, tls=None):
        await peer.startup(tls)
        await peer.send(wire.error(sqlstate, words))

    return script


# ---- the answer ----


@with_statements
async def resets_in_answer(peer, statement):
    """reset in mid-result"""
    await peer.send(wire.columns("?column?") + wire.row("1"))
    peer.reset()


@with_statements
async def closes_in_answer(peer, statement):
    """end of file in mid-result"""
    await peer.send(wire.columns("?column?") + wire.row("1"))
    peer.writer.close()


@with_statements
async def terminated_in_answer(peer, statement):
    """an administrator ends the session during the statement"""
    await peer.send(
        wire.error("57P01", "terminating connection due to administrator command")
    )
    peer.writer.close()


@with_statements
async def crashed_in_answer(peer, statement):
    """another backend crashed: the reason comes as a warning, then EOF"""
    words = "terminating connection because of crash of another server process"
    await peer.send(wire.notice(words, "57P02", "WARNING"))
    peer.writer.close()


@with_statements
async def cancelled_answer(peer, statement):
    """somebody cancels the statement"""
    words = "canceling statement due to user request"
    await peer.answer(wire.error("57014", words, "ERROR"))


@with_statements
async def huge_row(peer, statement):
    """announces a row of 1.9 GB"""
    size = 1_900_000_000
    header = b"D" + struct.pack("!IHi", size + 10, 1, size)
    await peer.send(wire.columns("?column?") + header + b"x" * 100)
    await peer.forever()


async def _flood(peer, chunk):
    while True:
        await peer.send(chunk)


@with_statements
async def endless_rows(peer, statement):
    """rows without end"""
    await peer.send(wire.columns("?column?"))
    await _flood(peer, wire.row("1" * 1000) * 60)


@with_statements
async def endless_results(peer, statement):
    """empty results without end"""
    await _flood(peer, wire.complete("SELECT 0") * 4000)


@with_statements
async def notice_flood(peer, statement):
    """notices without end instead of an answer"""
    await _flood(peer, wire.notice("and another thing") * 1000)


@with_statements
async def parameter_flood(peer, statement):
    """parameters that nobody asked for, each with a name of its own"""
    await peer.send(many_parameters())
    await peer.forever()


@functools.cache
def hidden_parameters():
    """Never more than two in a row."""
    one = wire.parameter
    pairs = [one(f"p{i}", "v") + one(f"q{i}", "v") for i in range(200_000)]
    return wire.notice("").join(pairs)


@with_statements
async def hidden_parameter_flood(peer, statement):
    """parameters that nobody asked for, with notices in between"""
    await peer.send(hidden_parameters())
    await peer.forever()


@with_statements
async def notify_flood(peer, statement):
    """notifications without end instead of an answer"""
    await _flood(peer, wire.notification("news", "x" * 200) * 300)


@with_statements
async def many_columns(peer, statement):
    """a row of 20,000 columns"""
    names = [f"c{i}" for i in range(20_000)]
    values = ["1"] * len(names)
    done = wire.complete("SELECT 1")
    await peer.answer(wire.columns(*names), wire.row(*values), done)


@with_statements
async def two_where_one(peer, statement):
    """two rows where one was asked for"""
    rows = wire.row("1") + wire.row("2")
    await peer.answer(wire.columns("?column?"), rows, wire.complete("SELECT 2"))


@with_statements
async def nonsense(peer, statement):
    """a message that does not exist"""
    await peer.send(wire.message(b"\x01", b"what is this"))
    await peer.forever()


@with_statements
async def copies_in(peer, statement):
    """wants data where it was asked a question"""
    await peer.send(wire.message(b"G", b"\0\0\0"))
    await peer.forever()


@with_statements
async def copies_out(peer, statement):
    """sends a copy instead of rows"""
    await peer.send(wire.message(b"H", b"\0\0\0") + wire.message(b"d", b"line\n"))
    await peer.forever()


@with_statements
async def empty_answer(peer, statement):
    """says that the statement was empty"""
    await peer.answer(wire.EMPTY_QUERY)


# ---- words that a terminal would obey ----

ESCAPES = (
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[0m bell\x07 back\x08\x7f c1\x9b31m\x85"
    " bidi\u202e\u2066\u200f zero\u200b\ufeff sep\u2028\u2029 cr\rlf\n end"
).encode() + b" invalid\xff\xc3\x28\xed\xa0\x80"


async def escapes_in_error(peer):
    """escape sequences in the refusal of a login"""
    await peer.startup()
    await peer.send(wire.error("28000", ESCAPES))


@with_statements
async def escapes_in_statement(peer, statement):
    """escape sequences in the error of a statement"""
    await peer.answer(wire.error("42601", ESCAPES, "ERROR"))


def failing_first(n, first, then=polite):
    """A server whose first n connections run into `first`."""

    async def script(peer, **facts):
        chosen = first if peer.fake.count("connected") <= n else then
        await chosen(peer, **facts)

    return script
