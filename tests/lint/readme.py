"""What README.md tells people to type exists and works.

    readme.py PGCENSUS

- each command and option of pgcensus in a fence or between backticks is in its help;
- each program of ours that is named there can be executed;
- each YAML fence passes `pgcensus config check`;
- each C fence stands word for word in tests/e2e/quickstart.c."""

import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import lint

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`(pgcensus [^`\n]+)`")
OURS = re.compile(r"(?:^|[\s$])((?:\./)?(?:tools|bench)/[a-z]+)\b")
QUICKSTART = lint.ROOT / "tests/e2e/quickstart.c"


def typed_lines(body, everything):
    """What somebody types, each with the lines that its quotes and backslashes go on to;
    in a transcript that is what stands behind a $."""
    lines = iter(body.splitlines())
    for line in lines:
        if not everything and not line.startswith("$ "):
            continue
        line = line.removeprefix("$ ")
        while not commands(line):
            more = next(lines, None)
            if more is None:
                break
            line = line.removesuffix("\\") + " " + more
        yield line


def commands(line):
    """The words of each command of a pipeline; none if the line is not complete."""
    if line.endswith("\\"):
        return []
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|;&")
    lexer.whitespace_split = True
    found = [[]]
    try:
        for word in lexer:
            if set(word) <= set("|;&"):
                found.append([])
            else:
                found[-1].append(word)
    except ValueError:
        return []
    return found


class Readme:
    def __init__(self, pgcensus):
        self.pgcensus = pgcensus
        self.helps = {}

    def help_of(self, command):
        """What the command says about itself; None if there is none of that name."""
        if command not in self.helps:
            done = subprocess.run([self.pgcensus, command, "--help"], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            self.helps[command] = None if done.returncode else done.stdout
        return self.helps[command]

    def check(self, name, text):
        for fence in FENCE.finditer(text):
            line = text.count("\n", 0, fence.start()) + 1
            for wrong in self.wrong_fence(fence[1], fence[2]):
                yield line, wrong
        rest = FENCE.sub("", text)
        for quoted in INLINE.finditer(rest):
            for wrong in self.wrong_command(quoted[1]):
                yield 1, f"`{quoted[1]}`: {wrong}"

    def wrong_fence(self, language, body):
        if language == "yaml":
            yield from self.wrong_yaml(body)
        elif language == "c":
            if body.strip() not in QUICKSTART.read_text(encoding="utf-8"):
                yield f"not what stands in {QUICKSTART.name}"
        elif language in ("sh", "console"):
            for line in typed_lines(body, everything=language == "sh"):
                yield from self.wrong_line(line)

    def wrong_line(self, line):
        for program in OURS.findall(re.sub(r"(^|\s)#.*", "", line)):
            if not os.access(lint.ROOT / program, os.X_OK):
                yield f"{program} cannot be executed"
        for words in commands(line):
            if "pgcensus" in words:
                yield from self.wrong_words(words[words.index("pgcensus") + 1:])

    def wrong_command(self, line):
        yield from self.wrong_words(shlex.split(line, comments=True)[1:])

    def wrong_words(self, words):
        if not words or words[0].startswith("-"):
            return
        text = self.help_of(words[0])
        if text is None:
            yield f"there is no command {words[0]}"
            return
        for word in words[1:]:
            if match := re.match(r"--?[a-z?][a-z-]*", word, re.IGNORECASE):
                option = match[0] if word.startswith("--") else word[:2]
                if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text):
                    yield f"{words[0]} has no option {option}"

    def wrong_yaml(self, body):
        with tempfile.TemporaryDirectory() as place:
            path = pathlib.Path(place) / "nodes.yaml"
            path.write_text(body, encoding="utf-8")
            done = subprocess.run(
                [self.pgcensus, "config", "check", "-C", path], text=True,
                env={**os.environ, "PGCENSUS_PW": "for-the-lint"},
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode:
                yield f"not accepted:\n{done.stdout}"


BAD = ["```sh\npgcensus chek\n```\n", "```sh\npgcensus check --jsno\n```\n",
       "```console\n$ pgcensus check --bogus\n```\n", "`pgcensus check -Z`\n",
       "```sh\n./tools/nowhere\n```\n", "```yaml\nnodes:\n  - nmae: a\n```\n",
       "```c\nint nowhere;\n```\n",
       "```sh\npgcensus query 'select 1\n  as a' --bogus\n```\n",
       "```sh\npgcensus query 'select 1' \\\n  --bogus\n```\n"]
GOOD = ["```sh\npgcensus check --json | jq .status\n```\n",
        "```yaml\nnodes:\n  - {name: a, host: 10.0.0.11}\n```\n"]

if __name__ == "__main__":
    readme = Readme(sys.argv[1])
    lint.run(readme.check, lint.sources(["."], ["README.md"]),
             bad=[("README.md", text) for text in BAD],
             good=[("README.md", text) for text in GOOD])
