"""The PostgreSQL wire protocol, version 3, as a server speaks it.

Only building and splitting of messages; who says what and when is in fake.py.
"Message Formats" in the PostgreSQL manual is the source of every layout here.
"""

import struct

SSL_REQUEST = 80877103
GSS_REQUEST = 80877104
CANCEL_REQUEST = 80877102

INT4, TEXT = 23, 25


def message(kind, payload=b""):
    return kind + struct.pack("!I", len(payload) + 4) + payload


def text(value):
    return value if isinstance(value, bytes) else value.encode()


def cstring(value):
    return text(value) + b"\0"


def authentication(code, extra=b""):
    return message(b"R", struct.pack("!I", code) + extra)


AUTH_OK = authentication(0)
AUTH_CLEARTEXT = authentication(3)
AUTH_MD5 = authentication(5, b"salt")
AUTH_GSS = authentication(7)
AUTH_SSPI = authentication(9)
AUTH_SASL = authentication(10, b"SCRAM-SHA-256\0\0")


def sasl_continue(payload):
    return authentication(11, text(payload))


def sasl_final(payload):
    return authentication(12, text(payload))


def parameter(name, value):
    return message(b"S", cstring(name) + cstring(value))


EXTRAS = {"detail": b"D", "hint": b"H", "position": b"P", "context": b"W"}


def report(kind, severity, sqlstate, words, spoken=None, **extras):
    """An ErrorResponse (kind E) or NoticeResponse (kind N); spoken: its severity in the
    language of the server."""
    fields = [(b"S", spoken or severity), (b"V", severity), (b"C", sqlstate)]
    fields += [(b"M", words)] + [(EXTRAS[k], str(v)) for k, v in extras.items()]
    return message(kind, b"".join(k + cstring(v) for k, v in fields) + b"\0")


def error(sqlstate, words, severity="FATAL", **extras):
    return report(b"E", severity, sqlstate, words, **extras)


def notice(words, sqlstate="00000", severity="NOTICE", **extras):
    return report(b"N", severity, sqlstate, words, **extras)


def notification(channel, payload):
    return message(b"A", struct.pack("!I", 7) + cstring(channel) + cstring(payload))


KEY = message(b"K", struct.pack("!II", 4242, 1))
READY = message(b"Z", b"I")
READY_IN_BLOCK = message(b"Z", b"T")
READY_IN_FAILED_BLOCK = message(b"Z", b"E")
PARSE_COMPLETE, BIND_COMPLETE = message(b"1"), message(b"2")
EMPTY_QUERY = message(b"I")


def columns(*names):
    body = struct.pack("!H", len(names))
    for name in names:
        body += cstring(name) + struct.pack("!IhIhih", 0, 0, INT4, 4, -1, 0)
    return message(b"T", body)


def row(*values):
    body = struct.pack("!H", len(values))
    for value in values:
        if value is None:
            body += struct.pack("!i", -1)
        else:
            body += struct.pack("!i", len(text(value))) + text(value)
    return message(b"D", body)


def complete(tag):
    return message(b"C", cstring(tag))


ONE = columns("?column?") + row("1") + complete("SELECT 1")

HEALTHY = {
    "server_version": "15.20",
    "server_encoding": "UTF8",
    "client_encoding": "UTF8",
    "in_hot_standby": "off",
    "default_transaction_read_only": "off",
    "is_superuser": "off",
    "session_authorization": "pgcensus",
    "integer_datetimes": "on",
    "standard_conforming_strings": "on",
    "DateStyle": "ISO, MDY",
    "TimeZone": "UTC",
}


def greeting(**changes):
    """What follows a successful login; a parameter set to None is not reported."""
    reported = {k: v for k, v in {**HEALTHY, **changes}.items() if v is not None}
    return b"".join(parameter(k, v) for k, v in reported.items()) + KEY + READY
