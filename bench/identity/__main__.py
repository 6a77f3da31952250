"""Prints the figures of one run as tables, and as JSON where a file is named. Ends with 1 where a bar is missed."""

import argparse
import json
import sys
from pathlib import Path

from .run import Result, run
from .score import BARS, missed


def main() -> int:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench.identity", description=__doc__)
    parser.add_argument("--tickets", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument("--families", action="store_true", help="one line for each family")
    args = parser.parse_args()
    result = run(args.tickets, args.seed)
    print(table(result))
    if args.families:
        print(families(result))
    if args.json:
        args.json.write_text(json.dumps(as_json(result, args.seed), indent=2) + "\n", "utf-8")
    faults = list(missed(result.figures))
    for fault in faults:
        print(f"MISSED {fault}", file=sys.stderr)
    return int(bool(faults))


def table(result: Result) -> str:
    """Ours beside the foils. "Wrong" is about records, "impostor" about the writer; no figure mixes the two."""
    ways = {"orderside": result.figures, **{name: tally.rows() for name, tally in result.foils.items()}}
    bars = {bar.figure: bar.says for bar in BARS}
    lines = [f"{result.tickets:,} tickets of {len(result.families)} families, {result.micros:.0f} µs each", ""]
    lines.append(f"{'%':<28}" + "".join(f"{way:>14}" for way in ways) + "   bar")
    for figure in result.figures:
        cells = "".join(f"{figures.get(figure, '-'):>14}" for figures in ways.values())
        lines.append(f"{figure:<28}{cells}   {bars[figure]}")
    return "\n".join(lines)


def families(result: Result) -> str:
    """What became of each family."""
    lines = ["", f"{'family':<34}{'tickets':>8}{'wrong':>7}{'found':>14}{'listed':>8}{'silent':>14}{'confirmed':>11}"]
    for name, tally in sorted(result.families.items()):
        sure = sum(count for level, count in tally.shown.items() if level == "confirmed")
        lines.append(
            f"{name:<34}{tally.tickets:>8}{tally.wrong.total():>7}{f'{tally.found}/{tally.findable}':>14}"
            f"{tally.listed:>8}{f'{tally.kept_silent}/{tally.nobodies}':>14}{sure:>11}"
        )
    return "\n".join(lines)


def as_json(result: Result, seed: int) -> dict[str, object]:
    """The same for machines."""
    return {
        "tickets": result.tickets,
        "seed": seed,
        "micros_per_ticket": round(result.micros, 1),
        "figures": result.figures,
        "foils": {name: tally.rows() for name, tally in result.foils.items()},
        "families": {name: {"tickets": tally.tickets, **tally.rows()} for name, tally in result.families.items()},
    }


if __name__ == "__main__":
    sys.exit(main())
