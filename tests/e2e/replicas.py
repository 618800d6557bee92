"""A primary and its standbys, real ones, for tests of what they are to each other."""

from place import until


class Fleet:
    """p → a → c, p → b, all in one group."""

    def __init__(self, clusters, prefix, group="orders"):
        self.group = group
        self.p = clusters.new(f"{prefix}-p", max_wal_senders="8")
        self.a = clusters.standby(f"{prefix}-a", of=self.p)
        self.b = clusters.standby(f"{prefix}-b", of=self.p)
        upstream = f"host={self.a.home} port={self.a.port} user=postgres"
        self.c = clusters.standby(
            f"{prefix}-c", of=self.p, primary_conninfo=upstream
        )
        self.servers = {"p": self.p, "a": self.a, "b": self.b, "c": self.c}

    def nodes(self, *names, **keys):
        names = names or self.servers
        keys = {"user": "postgres", **keys}
        return [
            self.servers[name].node(
                name, host=self.servers[name].home, group=self.group, **keys
            )
            for name in names
        ]

    def write(self, megabytes=2):
        """So much WAL and a little more, committed."""
        self.p.sql(
            "create table if not exists t (x text); insert into t "
            f"select repeat('x', 1024) from generate_series(1, {megabytes * 1024})"
        )

    def settle(self):
        """Until every standby that follows has replayed all."""
        for standby in (self.a, self.b, self.c):
            until(lambda server=standby: self.replayed(server) >= self.written())

    def received(self, standby):
        """Until a standby has all WAL, replayed or not."""
        lsn = "select pg_last_wal_receive_lsn()"
        until(lambda: position(standby.sql(lsn)) >= self.written())

    def still(self, reached, ask):
        """What `ask()` returns while no WAL is written once `reached()` has returned; a
        server writes some by itself at times, which would be a lag of its own."""
        while True:
            before = self.written()
            reached()
            answer = ask()
            if self.written() == before:
                return answer

    def written(self):
        return position(self.p.sql("select pg_current_wal_lsn()"))

    @staticmethod
    def replayed(server):
        return position(server.sql("select pg_last_wal_replay_lsn()"))


def position(lsn):
    high, low = lsn.split("/")
    return int(high, 16) << 32 | int(low, 16)
