"""What every end-to-end test can ask for.  See tests/README.md for how to run them."""

import glob
import os
import resource
import shutil
import signal
import ssl
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
pytest.register_assert_rewrite("judge", "run")

import bouncer as bouncer_module  # noqa: E402
import certs as certs_module  # noqa: E402
import cluster as cluster_module  # noqa: E402
import comparable  # noqa: E402
import fake  # noqa: E402
import place as place_module  # noqa: E402
import run as run_module  # noqa: E402
import stage as stage_module  # noqa: E402
from judge import CANARY  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))


# Files of tests that take longest are begun first: what is begun last should be short.
LONGEST = """resources query_comparable query_random neighbours lost_time fleet
    replication""".split()


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "alone: measures time or memory, or takes all there is of either"
    )
    _take_signals()
    # A thousand fakes live in this process.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if not _is_worker(config):
        os.environ["PGCENSUS_SHARED"] = place_module.make_root()


def pytest_unconfigure(config):
    if not _is_worker(config):
        place_module.remove_root(os.environ.pop("PGCENSUS_SHARED"))


def _is_worker(config):
    """Of pytest-xdist."""
    return hasattr(config, "workerinput")


def _take_signals():
    """SIGTERM (a CI job that is cancelled) and SIGHUP must run the finalizers as Ctrl-C
    does.  What a shell starts in the background ignores the keys of a terminal, and
    what nohup starts ignores SIGHUP, and so would every program that is tested here: a
    handler of ours is theirs by default."""

    def leave(number, _):
        pytest.exit(signal.Signals(number).name, 128 + number)

    by_nohup = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    signal.signal(signal.SIGHUP, (lambda *_: None) if by_nohup else leave)
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)


def pytest_collection_modifyitems(items):
    def rank(item):
        name = item.path.stem.removeprefix("test_")
        return LONGEST.index(name) if name in LONGEST else len(LONGEST)

    items.sort(key=rank)


def _executable():
    given = os.environ.get("PGCENSUS")
    if given:
        return os.path.abspath(given)
    built = glob.glob(f"{SOURCE}/build*/src/cli/pgcensus")
    built += glob.glob(f"{SOURCE}/build/*/src/cli/pgcensus")
    if not built:
        pytest.exit("nothing is built; set PGCENSUS to the program to test", 3)
    return max(built, key=os.path.getmtime)


@pytest.fixture(scope="session")
def exe():
    return _executable()


@pytest.fixture(scope="session")
def source():
    return SOURCE


@pytest.fixture(scope="session")
def companion(exe):
    """A program that the build made beside the tests, such as fleet_driver."""

    def find(name):
        build = os.path.dirname(os.path.dirname(os.path.dirname(exe)))
        path = os.path.join(build, "tests", "e2e", name)
        assert os.path.exists(path), f"{name} was not built"
        return path

    return find


@pytest.fixture(scope="session")
def place():
    place = place_module.Place(os.environ["PGCENSUS_SHARED"])
    yield place
    place.remove()


@pytest.fixture(scope="session")
def pgcensus(exe, place):
    home = os.path.join(place.root, "home")
    os.mkdir(home)
    return run_module.Census(exe, home)


@pytest.fixture(scope="session")
def certs(place):
    return certs_module.Certificates(os.path.join(place.root, "certs"))


@pytest.fixture(scope="session")
def tls(certs):
    """Makes the server side of TLS for a fake, by the certificate's name."""

    def context(name="good"):
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(certs[f"{name}.crt"], certs[f"{name}.key"])
        return made

    return context


@pytest.fixture
def stage():
    stage = stage_module.Stage()
    yield stage
    stage.close()


@pytest.fixture(scope="module")
def module_stage():
    stage = stage_module.Stage()
    yield stage
    stage.close()


@pytest.fixture
def fine(stage):
    """The smallest configuration that is ok."""
    return [stage.fake(fake.polite).node("pg-a")]


@pytest.fixture
def two(stage):
    """One node that is ok and one that is down."""
    refuser = stage_module.Refuser()
    yield [
        stage.fake(fake.polite).node("pg-a", group="orders", labels=["dc=fra"]),
        refuser.node("pg-c", group="bills", labels=["dc=ams", "tier=gold"]),
    ]
    refuser.close()


@pytest.fixture(scope="session")
def promtool():
    """Complains about metrics; nothing if all is well."""
    found = shutil.which("promtool", path=place_module.PATH)
    if not found:
        pytest.skip("promtool is not installed")

    def complaints(text):
        done = subprocess.run(
            [found, "check", "metrics"], input=text.encode(),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return done.stdout.decode() or (f"exit {done.returncode}" * done.returncode)

    return complaints


# ---- real servers, made when the first test asks ----


@pytest.fixture(scope="session")
def clusters(place):
    clusters = cluster_module.Clusters(place, CANARY)
    yield clusters
    clusters.close()


@pytest.fixture(scope="session")
def primary(clusters, certs):
    """A primary with TLS and a good certificate."""
    return clusters.new("primary", certificate=certs["good"], ca=certs["ca.crt"])


@pytest.fixture(scope="session")
def standby(clusters, primary):
    return clusters.standby("standby", of=primary)


@pytest.fixture(scope="session")
def pair(clusters):
    """Two servers: nothing that is set on the one is as on the other."""
    one = clusters.new("one", cluster_name="one", timezone="America/New_York")
    other = clusters.new("other", cluster_name="other", **comparable.OPPOSITE)
    for cluster in one, other:
        cluster.sql("create type mood as enum ('sad', 'ok', 'happy')")
    other.sql("alter role trusty set intervalstyle = 'iso_8601'")
    other.sql("alter role trusty set datestyle = 'SQL, MDY'")
    return one, other


@pytest.fixture(scope="session")
def bouncers(place, primary):
    """Makes pgbouncers in front of the primary."""
    if not shutil.which("pgbouncer", path=place_module.PATH):
        pytest.skip("pgbouncer is not installed")
    made = []

    def new(name, **settings):
        made.append(bouncer_module.Bouncer(place, name, primary, **settings))
        return made[-1]

    yield new
    for each in made:
        each.close()


@pytest.fixture(scope="session")
def bouncer(bouncers):
    return bouncers("bouncer")
