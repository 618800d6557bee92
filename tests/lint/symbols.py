"""What the built rooms call and keep, read by nm: nothing that blocks, prints or ends
the program, and nothing mutable outside main.c.

    symbols.py NM COMPILER SCRATCH-DIRECTORY ROOM=libROOM.a..."""

import pathlib
import re
import subprocess
import sys

import lint

# Of libpq, for everybody: each of these waits for a server, or hides that it failed.
BLOCKING = re.compile(
    r"(PQexec\w*|PQconnectdb\w*|PQsetdb\w*|PQreset\w*|PQprepare|PQdescribe\w+|PQcancel"
    r"|PQrequestCancel|PQfn|PQping\w*|PQputline|PQgetline|PQendcopy|lo_\w+)$")
# Of the C library, for the library: it never waits, prints, exits or handles signals.
RUDE = re.compile(
    r"(_?exit|_Exit|quick_exit|abort|system|popen|sleep|usleep|nanosleep"
    r"|(__)?v?printf(_chk)?|puts|putchar|perror|stdout|stderr|signal|sigaction)$")
# For everybody: without bounds, without error reports, or not for two threads.
UNSAFE = re.compile(
    r"((__)?(strcpy|strcat|stpcpy|v?sprintf|gets)(_chk)?|strtok|atoi|atol|atof"
    r"|gmtime|localtime|ctime|asctime|gethostby\w+|rand|srand|tmpnam|mktemp)$")
# Waiting has one room; only output may ask whether who reads from us has room.
OWNERS = {"poll": {"io", "output"}, "select": {"io"}, "getaddrinfo": {"io"},
          "pthread_create": {"io"}}
# What lives on a loop goes by the loop's clock, loop_now().
TIMELESS = {"pg", "pool", "fleet", "judge", "health", "report"}
# What waits for a server, where only a worker thread calls it.
ON_A_THREAD = {"PQcancel": "cancel_request.c"}
MEMBER = re.compile(r"Symbols from .*\[(?:.*/)?([\w.]+)\.o\]:$")
PROGRAM = {"cli", "output", "report"}
# Written once and read ever after, or shown to be harmless.
MUTABLE_ALLOWED = {
    "ignored_names",  # pgcensus_environment_prepare(), before any thread
    "version_libpq", "version_components",  # pgcensus_components(), once
}
SANITIZER = re.compile(r"__(odr_)?(asan|ubsan|sancov)|_?\.?L(ASAN|UBSAN)|\.?Lubsan")


def complaints_about(room, listing):
    """(line, message) for the output of nm --format=sysv."""
    file = None
    for number, line in enumerate(listing.splitlines(), 1):
        if member := MEMBER.match(line):
            file = member[1]
        fields = [field.strip() for field in line.split("|")]
        if len(fields) != 7 or SANITIZER.match(fields[0]):
            continue
        symbol, kind, section = fields[0], fields[2], fields[6]
        if kind in "Uw" and (message := wrong_call(room, file, symbol)):
            yield number, f"{symbol}: {message}"
        if re.match(r"\.(data|bss|tdata|tbss)(?!\.rel\.ro)", section) and not (
                symbol in MUTABLE_ALLOWED or room == "cli"):
            yield number, f"{symbol}: a mutable global"


def wrong_call(room, file, symbol):
    symbol = symbol.split("@")[0]
    if BLOCKING.match(symbol) and (file is None or ON_A_THREAD.get(symbol) != file):
        return "blocks"
    if UNSAFE.match(symbol):
        return "has a safer sister"
    if symbol == "clock_now" and room in TIMELESS:
        return "belongs to no loop; ask loop_now()"
    if room not in OWNERS.get(symbol, {room}):
        return f"belongs to {' and '.join(sorted(OWNERS[symbol]))} alone"
    if room not in PROGRAM and RUDE.match(symbol):
        return "not in a library"
    return None


def list_symbols(nm, path):
    return subprocess.run([nm, "--format=sysv", path], text=True, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


GUILTY = """
extern void *PQexec(void *, const char *);
extern int PQcancel(void *, char *, int);
extern void exit(int);
extern int atoi(const char *);
extern int poll(void *, unsigned long, int);
int counter = 1;
static const char *const words[] = {"a"}; /* fine: relocated, then read-only */
const char *guilty(int i)
{
    counter += atoi(words[i]) + poll(0, 0, 0);
    PQexec(0, words[i]);
    PQcancel(0, 0, 0);
    exit(counter);
}
"""


def prove(nm, compiler, scratch):
    source = pathlib.Path(scratch) / "guilty.c"
    source.write_text(GUILTY, encoding="utf-8")
    guilty = source.with_suffix(".o")
    subprocess.run([*compiler.split(), "-fPIC", "-w", "-c", source, "-o", guilty],
                   check=True)
    listing = list_symbols(nm, guilty)
    found = sorted(message.split(":")[0]
                   for _, message in complaints_about("pool", listing))
    if found != ["PQcancel", "PQexec", "atoi", "counter", "exit", "poll"]:
        sys.exit(f"self-check: complaints about {found}")


if __name__ == "__main__":
    nm, compiler, scratch, *rooms = sys.argv[1:]
    prove(nm, compiler, scratch)
    listings = [(room, list_symbols(nm, path))
                for room, path in (argument.split("=", 1) for argument in rooms)]
    lint.report((room, line, message) for room, listing in listings
                for line, message in complaints_about(room, listing))
