"""What TAB offers: the scripts are run in their shells, over a real configuration.

    completion.py PGCENSUS

bash is asked what it would offer; of zsh and fish, where they are installed, only that
they can read their script (fish is asked, too)."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import lint

CONFIG = """\
nodes:
  - {name: pg-ams1, group: ams, host: 127.0.0.1}
  - {name: pg-ams2, group: ams, host: 127.0.0.1}
  - {name: db-lon1, group: lon, host: 127.0.0.1}
"""

# What was typed, and what is offered.  The cursor stands behind the last word.
OFFERS = [
    ("pgcensus ch", "check"),
    ("pgcensus config ", "check show example"),
    ("pgcensus config show db", "db-lon1"),
    ("pgcensus completion z", "zsh"),
    ("pgcensus help no", "nodes"),
    ("pgcensus check --form", "--format"),
    ("pgcensus check --format js", "json"),
    ("pgcensus check --format=nd", "ndjson"),
    ("pgcensus check -n pg", "pg-ams1 pg-ams2"),
    ("pgcensus check -q -n db-lon1,pg-ams", "db-lon1,pg-ams1 db-lon1,pg-ams2"),
    ("pgcensus check --group=", "ams lon"),
    ("pgcensus check -C nowhere.yaml -n p", ""),
    ("pgcensus check -T ", ""),
    ("pgcensus check -x a", ""),
]

# readline splits at "=", and so must we.
BASH = r"""
source <(pgcensus completion bash) || exit
read -ra COMP_WORDS <<<"${1//=/ = }"
[[ $1 == *[\ =] ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_pgcensus pgcensus
printf '%s\n' "${COMPREPLY[@]}"
"""

FISH = r"""
pgcensus completion fish | source
complete -C "$argv[1]" | string split -f1 \t
"""


def offered(shell, *arguments):
    done = subprocess.run([*shell, *arguments], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return sorted(done.stdout.split())


def expected_by_fish(line, offer):
    """fish offers words where the others offer what stands behind "="."""
    before, equals, _ = line.rpartition(" ")[2].partition("=")
    return sorted(before + equals + word if equals else word for word in offer.split())


def check_bash():
    for line, offer in OFFERS:
        got = offered(["bash", "-c", BASH, "bash"], line)
        if got != sorted(offer.split()):
            yield "completion bash", 1, f"{line!r} offers {got}, not {offer!r}"


def check_fish():
    for line, offer in OFFERS:
        got = offered(["fish", "--no-config", "-c", FISH], line)
        if not set(expected_by_fish(line, offer)) <= set(got):
            yield "completion fish", 1, f"{line!r} offers {got}, not {offer!r}"


def check_syntax(shell, program):
    script = subprocess.run([program, "completion", shell], check=True,
                            stdout=subprocess.PIPE).stdout
    done = subprocess.run([shell, "-n", "/dev/stdin"], input=script,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        yield f"completion {shell}", 1, done.stdout.decode()


def main(program):
    folder = pathlib.Path(tempfile.mkdtemp())
    try:
        (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
        os.environ["PGCENSUS_CONFIG"] = str(folder / "config.yaml")
        os.environ["HOME"] = os.environ["XDG_CONFIG_HOME"] = str(folder)
        os.environ["PATH"] = f"{pathlib.Path(program).parent}:{os.environ['PATH']}"
        complaints = list(check_bash()) if shutil.which("bash") else []
        complaints += check_fish() if shutil.which("fish") else []
        for shell in filter(shutil.which, ("bash", "zsh", "fish")):
            complaints += check_syntax(shell, program)
    finally:
        shutil.rmtree(folder)
    lint.report(complaints)


main(sys.argv[1])
