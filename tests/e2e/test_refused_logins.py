"""All that a server says when it refuses a login, and nothing that it pretends."""

import pytest
import wire


def refusing(*fields, after_auth=False, **extras):
    """A server that refuses the login with these words."""

    async def script(peer, tls=None, **facts):
        await peer.startup(tls)
        if after_auth:
            await peer.send(wire.AUTH_OK)
        await peer.send(wire.error(*fields, **extras))

    return script


def test_all_that_a_refused_login_was_told(pgcensus, stage):
    script = refusing(
        "28000",
        "login not allowed for this role\nreason: maintenance until 18:00, ask us",
        detail="since 02:10\nby cron",
        hint="wait",
    )
    nodes = [stage.fake(script).node("pg")]
    error = pgcensus("check", "--json", config=nodes).error("pg")
    assert error["message"] == (
        "FATAL: login not allowed for this role reason: maintenance until 18:00, ask us"
    )
    assert (error["detail"], error["hint"]) == ("since 02:10 by cron", "wait")
    run = pgcensus("check", config=nodes)
    assert "ask us DETAIL: since 02:10 by cron HINT: wait" in run.text
    run = pgcensus("check", "--json", config=nodes)
    assert run.errors.endswith("\nDETAIL: since 02:10 by cron\nHINT: wait\n")
    run = pgcensus("query", "select 1", config=nodes)
    assert run.errors.endswith("\nDETAIL: since 02:10 by cron\nHINT: wait\n")


def test_a_translation_with_a_line_end_in_its_middle(pgcensus, stage):
    words = (
        "pg_hba.conf rejette la connexion pour l'hôte « 127.0.0.1 », utilisateur"
        " « trusty », base\nde données « postgres », aucun chiffrement"
    )
    nodes = [stage.fake(refusing("28000", words, spoken="FATAL")).node("pg")]
    error = pgcensus("check", "--json", config=nodes).error("pg")
    assert error["class"] == "auth"
    assert "base de données « postgres », aucun chiffrement" in error["message"]


def test_a_trigger_on_login_is_a_refusal(pgcensus, stage):
    script = refusing("P0001", "not on Sundays", after_auth=True)
    server = stage.fake(script)
    error = pgcensus("check", "--json", config=[server.node("pg")]).error("pg")
    assert (error["class"], error["phase"], error["sqlstate"]) == ("auth", "auth", "P0001")
    assert not error["retryable"] and server.count("connected") == 1


@pytest.mark.parametrize(
    "words",
    [
        "no\nFATAL:  57P03: starting up\nHINT:  retry",
        "no\nLOCATION:  f, x.c:1\nDETAIL:  no",
        "\n\n\nDETAIL:  ",
        "FATAL:  53300: full",
        "x" * 20_000,
        "a\n" * 9_000,
        "HINT:  " * 4_000,
        "\x1b[2J\nDETAIL:  \u202e",
    ],
    ids=lambda words: f"{words[:9]!a} and so on, {len(words)}",
)
def test_no_text_makes_another_refusal_of_it(pgcensus, stage, words):
    nodes = [stage.fake(refusing("28000", words)).node("pg")]
    error = pgcensus("check", "--json", config=nodes).error("pg")
    assert (error["class"], error["sqlstate"]) == ("auth", "28000")
    pgcensus("check", "-v", config=nodes)


async def oauth(peer, tls=None, **facts):
    """lets in whoever has a token of somebody else"""
    await peer.startup(tls)
    await peer.send(wire.authentication(10, b"OAUTHBEARER\0\0"))
    await peer.read(1)


def test_a_server_that_wants_oauth(pgcensus, stage):
    """Each libpq says it differently, and 18 would ask a person."""
    nodes = [stage.fake(oauth).node("pg", password="x", user="u")]
    error = pgcensus("check", "--json", config=nodes).error("pg")
    assert (error["class"], error["phase"]) == ("auth", "auth")
    assert not error["retryable"]
