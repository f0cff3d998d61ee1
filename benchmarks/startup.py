"""Starting: importing the package and asking for the version, beside an interpreter that does nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys

from benchmarks.measure import Bench, in_turn


def run(bench: Bench) -> None:
    """Measure whole processes."""

    def nothing() -> None:
        subprocess.run([sys.executable, "-c", "pass"], check=True)

    def imported() -> None:
        subprocess.run([sys.executable, "-c", "import crmkit"], check=True)

    program = shutil.which("crmkit", path=f"{sys.prefix}/bin") or "crmkit"

    def version() -> None:
        subprocess.run([program, "--version"], check=True, stdout=subprocess.DEVNULL)

    ours, floor = in_turn(imported, nothing, rounds=15)
    beyond = (ours - floor) * 1000
    bench.note("import crmkit, beyond the interpreter", "-", beyond, 20.0, floor_name="at most", bar=1.0, unit="ms")
    ours, floor = in_turn(version, nothing, rounds=15)
    bench.note("crmkit --version", "-", ours * 1000, floor * 1000, floor_name="python -c pass", bar=4.0, unit="ms")
