"""Include lines obey the rule of inclusion that src/README.md draws."""

import re

import lint

# A library room may include itself and what stands to its left; rooms in one place do
# not know each other.
ORDER = [{"base"}, {"io", "health"}, {"pg"}, {"pool"}, {"fleet"},
         {"query", "judge", "recall", "watch"},
         {"config"}]
# The program: no room of the library but base, so <pgcensus/…> has to be enough.
PROGRAM = {"output": {"base"}, "report": {"base", "output"},
           "cli": {"base", "output", "report"}}
# Foreign headers, and the only room that knows each.
OWNERS = {"libpq": "pg", "openssl/": "pg", "pthread.h": "io", "cyaml/": "config",
          "yaml.h": "config", "utf8proc.h": "output",
          "sqlite3.h": "query"}
# Rooms with folders: a folder may include itself and what stands to its left.
FOLDERS = {"config": ["", "read", "model", "load"]}
INCLUDE = re.compile(r'\s*#\s*include\s+([<"])([^>"]+)[>"]')


def allowed_rooms(room):
    if room in PROGRAM:
        return PROGRAM[room] | {room}
    below = set()
    for place in ORDER:
        if room in place:
            return below | {room}
        below |= place
    return None


def folder_of(path):
    return path.split("/")[1] if path.count("/") > 1 else ""


def complaint(room, folder, quote, path):
    """What is wrong with this include line in that room; None: nothing."""
    if quote == "<":
        for beginning, owner in OWNERS.items():
            if path.startswith(beginning) and room != owner:
                return f"<{path}> belongs to {owner}/ alone"
        return None
    if path == "built_with.h":
        return None
    if room == "include":
        return f'a public header includes <pgcensus/…> and the C library, not "{path}"'
    if "/" not in path:
        return f'write the room: "{room}/{path}"'
    other = path.split("/")[0]
    if other not in allowed_rooms(room):
        return f'{room}/ must not include "{path}"'
    order = FOLDERS.get(room)
    if order and other == room and order.index(folder_of(path)) > order.index(folder):
        return f'{room}/{folder} must not include "{path}"'
    return None


def check(name, text):
    parts = name.split("/")
    room = "include" if parts[0] == "include" else parts[1]
    if room != "include" and allowed_rooms(room) is None:
        yield 1, f"unknown room {room}/: draw it in src/README.md and in this lint"
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        wrong = match and complaint(room, folder_of("/".join(parts[1:])), *match.groups())
        if wrong:
            yield number, wrong


if __name__ == "__main__":
    lint.run(
        check, lint.sources(["src", "include"], [".c", ".h"]),
        bad=[("src/pool/pool.c", '#include "fleet/fleet.h"\n'),
             ("src/io/loop.c", '#include "health/state.h"\n'),
             ("src/pg/conn.c", '#include "output/cell.h"\n'),
             ("src/cli/main.c", '#include "fleet/fleet.h"\n'),
             ("src/fleet/fleet.c", "#include <libpq-fe.h>\n"),
             ("src/pool/pool.c", "#include <pthread.h>\n"),
             ("src/pool/pool.c", '#include "slot.h"\n'),
             ("src/config/read/lint.c", '#include "config/model/layer.h"\n'),
             ("src/config/keys.c", '#include "config/read/tree.h"\n'),
             ("src/misc/misc.c", '#include "base/buf.h"\n'),
             ("include/pgcensus/fleet.h", '#include "base/auto.h"\n'),
             ("include/pgcensus/fleet.h", "#include <libpq-fe.h>\n")],
        good=[("src/config/load/load.c", '#include "config/read/tree.h"\n'),
              ("src/config/read/lint.c", '#include "config/keys.h"\n'),
              ("src/config/load/load.c", '#include "fleet/options.h"\n#include <yaml.h>\n'),
              ("src/cli/main.c", '#include "report/check.h"\n#include <stdio.h>\n'),
              ("src/output/width.c", '#include "built_with.h"\n'),
              ("include/pgcensus/fleet.h", "#include <pgcensus/status.h>\n")])
