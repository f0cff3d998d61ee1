"""Run the benchmarks and say which bars hold."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from benchmarks.measure import ENGINES, bench

PARTS = (
    "audit",
    "startup",
    "dispatch",
    "create",
    "pages",
    "imports",
    "sealing",
    "guard",
    "engines",
    "rest",
    "matching",
    "sheets",
    "webhooks",
    "worklist",
    "sales",
    "analytics",
    "value",
    "churn",
    "service",
    "service_desk",
    "feedback",
    "needs",
    "loyalty",
    "loyalty_ledger",
    "knowledge",
    "journey",
)


def main() -> int:
    """Run what was asked for; ends with 1 when a bar does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"which of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--rows", type=int, default=100_000, help="size of imports and lists (default: 100000)")
    parser.add_argument("--engine", choices=ENGINES, action="append", help="one engine only")
    parser.add_argument("--data", type=Path, help="folder of labelled sets, for matching")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    with bench(arguments.rows, tuple(arguments.engine or ENGINES)) as run:
        run.data = arguments.data
        for part in arguments.parts or PARTS:
            importlib.import_module(f"benchmarks.{part}").run(run)
        missed = [result for result in run.results if not result.holds]
        print(f"\n{len(run.results)} figures, {len(missed)} above their bar")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
