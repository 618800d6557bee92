"""The text format of Prometheus, read strictly: HELP and TYPE in front of each family,
each family and each series once, what promtool does not look at included.

    metrics = parse(run.text)
    assert metrics.find("pgcensus_up", node="pg-a") == 1"""

import re

HELP = re.compile(r"# HELP ([a-z_]+) (\S[^\\\n]*\S)")
TYPE = re.compile(r"# TYPE ([a-z_]+) gauge")
SAMPLE = re.compile(r"([a-z_]+)(?:\{(.*)\})? (-?\d+(?:\.\d+)?)")
LABEL = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,(?=.)|$)')
ESCAPE = re.compile(r'\\(["\\n])')


class Metrics(dict):
    """Values by name and labels; find() by some of them."""

    def find(self, name, **labels):
        """The one sample that has these labels; None: there is none."""
        found = [value for (other, others), value in self.items()
                 if other == name and labels.items() <= dict(others).items()]
        assert len(found) <= 1, (name, labels, found)
        return found[0] if found else None

    def all(self, name):
        return {labels: value for (other, labels), value in self.items() if other == name}


def parse(text):
    assert text.endswith("\n")
    metrics, families, family = Metrics(), set(), None
    lines = iter(text.removesuffix("\n").split("\n"))
    for line in lines:
        if line.startswith("#"):
            family = read_head(line, next(lines))
            assert family not in families, f"{family} begins twice"
            families.add(family)
            continue
        name, labels, value = read_sample(line)
        assert name == family, f"{name} stands under {family}"
        assert (name, labels) not in metrics, f"twice: {line}"
        metrics[name, labels] = value
    assert {name for name, _ in metrics} == families, "a family has no sample"
    return metrics


def read_head(first, second):
    helped, typed = HELP.fullmatch(first), TYPE.fullmatch(second)
    assert helped and typed and helped[1] == typed[1], (first, second)
    return typed[1]


def read_sample(line):
    sample = SAMPLE.fullmatch(line)
    assert sample, f"no sample: {line}"
    labels, rest = {}, sample[2] or ""
    while rest:
        label = LABEL.match(rest)
        assert label and label[1] not in labels, f"no label: {rest}"
        labels[label[1]] = ESCAPE.sub(lambda m: "\n" if m[1] == "n" else m[1], label[2])
        rest = rest[label.end() :]
    return sample[1], tuple(sorted(labels.items())), float(sample[3])
