"""What is left of a killed import or export in the temporary folder: nothing, as it would be personal data in plain."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from crmkit import CRM
from crmkit.exchange.api import ExportOptions, export
from tests.conftest import Templates
from tests.exchange.importing import ACTOR, write_rows

ROOT = Path(__file__).parents[2]
CANARY = "Wang-Xiaoming-Canary"
CHILD = textwrap.dedent("""
    import signal, sys
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor
    from crmkit.exchange import importer
    from crmkit.exchange.api import ImportOptions, plan_import, run_import
    from pathlib import Path
    url, path, rejected = sys.argv[1:]

    def told(progress):
        print("at work", flush=True)
        signal.pause()

    importer.BATCH = 20
    options = ImportOptions(resource="purchases", create_customers=True, currency="EUR", reject_file=Path(rejected))
    with CRM.open(url) as crm:
        run_import(crm, Actor.system("testing imports"), plan_import(crm, path, options), told)
""")


@pytest.mark.parametrize("way", ["file", "standard input"])
def test_a_killed_import_leaves_nothing_behind(templates: Templates, tmp_path: Path, way: str) -> None:
    """While it runs no file of the temporary folder has a name, and after ``kill -9`` the folder is empty."""
    url = templates.copy("sqlite", tmp_path)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    rows = [
        (f"I{n % 200}", "2024-01-01T00:00:00Z", f"{CANARY}-{n % 50}", f"S{n}", 2, "1.50", CANARY * 200)
        for n in range(6000)
    ]
    headings = ["invoice", "occurred_at", "customer", "sku", "quantity", "unit_price", "note"]
    path = write_rows(tmp_path / "invoices.csv", headings, rows)
    with path.open("rb") as content:
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, url, "-" if way != "file" else str(path), str(tmp_path / "rejected.csv")],
            stdin=content,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary), "SQLITE_TMPDIR": str(temporary)},
            text=True,
        )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "at work\n"
        if sys.platform == "linux":
            held = [os.readlink(each) for each in Path(f"/proc/{child.pid}/fd").iterdir()]
            assert any(name.startswith(str(temporary)) for name in held), "the import was to need temporary files"
        assert list(temporary.iterdir()) == []
    finally:
        child.send_signal(signal.SIGKILL)
        child.communicate()
    assert list(temporary.iterdir()) == []


def test_an_export_is_its_owners_alone(templates: Templates, tmp_path: Path) -> None:
    """The file has the mode 0600, however careless the umask, and nothing else is left in its folder."""
    folder = tmp_path / "out"
    folder.mkdir()
    before = os.umask(0)
    try:
        with CRM.open(templates.copy("sqlite", tmp_path)) as crm:
            crm.run(ACTOR, "customer.create", {"name": CANARY})
            export(crm, ACTOR, folder / "customers.csv", ExportOptions(resource="customers"))
    finally:
        os.umask(before)
    assert [(path.name, stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir()] == [("customers.csv", 0o600)]
    assert CANARY in (folder / "customers.csv").read_text("utf-8")
