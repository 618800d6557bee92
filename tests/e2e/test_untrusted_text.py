"""Bytes of others in our output: fault 34.

`run.judge` scans every human output of every test; here are the sources of such bytes,
each in every format."""

import fake
import pytest
from judge import assert_harmless

FORMATS = ["table", "json", "ndjson", "csv", "nagios", "prometheus"]
ESCAPES = fake.ESCAPES.decode(errors="ignore")


@pytest.fixture
def nodes(stage):
    """All sources: the error of a login, of a statement, reported parameters; and the
    words of the configuration itself."""
    polite = stage.fake(fake.polite)
    return [
        stage.fake(fake.escapes_in_error).node("login"),
        stage.fake(fake.escapes_in_statement).node("statement"),
        stage.fake(fake.polite, server_version=fake.ESCAPES).node("version"),
        polite.node("words", dbname="d\u202eb\u009b", user="u\u200bser\x1b[2J"),
        polite.node("labels", labels=["dc=\x1b[31mred", "t=\u2028x"], group="g\u202e"),
        stage.fake(fake.http).node("banner", sslmode="disable"),
        stage.fake(fake.binary_error).node("binary"),
        stage.fake(fake.noise).node("noise"),
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_no_escape_sequence_gets_through(pgcensus, nodes, form):
    run = pgcensus("check", "-v", "--format", form, "-T", "2s", config=nodes)
    assert run.code == 2 or run.code == 3
    if form in ("table", "csv"):
        assert_harmless(run.out.replace(b"\r\n", b"\n"), run)
    assert b"\x1b" not in run.out


def test_what_was_taken_out_is_visible(pgcensus, stage):
    run = pgcensus("check", config=[stage.fake(fake.escapes_in_error).node("a")])
    assert "\\x1b" in run.text and "\\u{202e}" in run.text


@pytest.mark.parametrize("columns", [48, 80, 120])
def test_on_a_terminal_too(pgcensus, nodes, columns):
    argv = "check", "-v", "--color", "never", "-T", "2s"
    run = pgcensus.on_terminal(
        *argv, config=nodes, screen=True, columns=columns, rows=200
    )
    assert_harmless(run.out.replace(b"\r", b""), run)
    run.err = b""


def test_diagnostics_show_the_line_harmlessly(pgcensus):
    words = 'nodes:\n  - name: a\n    ho\u202est: "\u009b31m"\n    prot: "\\e[2J"\n'
    run = pgcensus("config", "check", config=pgcensus.path("evil.yaml", words))
    assert run.code == 3


@pytest.mark.parametrize(
    "argv",
    [
        ("check", "--\x1b[2Jx"),
        ("\x1b[31mcheck",),
        ("check", "-n", "\u202eevil"),
        ("check", "--config", "/no\x1bwhere"),
        ("check", "--url", "postgres://\x1b[2J@h/d"),
        ("check", "--set", "\x1bkey=v"),
        ("completion", "\x1b]0;x\x07"),
        ("help", "\x9b"),
    ],
)
def test_the_command_line_is_not_trusted_either(pgcensus, stage, argv):
    config = None
    if "-n" in argv or "--set" in argv:
        config = [stage.fake(fake.polite).node("a")]
    assert pgcensus(*argv, config=config).code == 3


@pytest.mark.parametrize("command", ["nodes", "config show"])
def test_inventories_are_harmless(pgcensus, nodes, command):
    run = pgcensus(*command.split(), config=nodes)
    assert run.code in (0, 3)
