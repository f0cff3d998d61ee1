"""A vendor's wheel, from its building to what is left when it is gone, by the command line alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.engine import make_url

from tests.vendor.wheels import CommandLine, Installed, build_wheel


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A look into the database beside crmkit."""
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    yield engine
    engine.dispose()


def serials(engine: Engine) -> list[str]:
    """Return the serial numbers in the plugin's table, read without crmkit."""
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT serial FROM warranty_warranty ORDER BY serial")).scalars())


def traces(engine: Engine) -> list[str]:
    """Return every table, index, column's value and row of the kernel's tables that still names the plugin; the audit
    log, which is never cut, and the events of the past excepted."""
    looked = inspect(engine)
    found = [name for name in looked.get_table_names() if "warranty" in name]
    found += [str(index["name"]) for table in looked.get_table_names() for index in looked.get_indexes(table)]
    found = [name for name in found if "warranty" in name]
    with engine.connect() as connection:
        for table, column in (
            ("crm_plugin", "name"),
            ("crm_plugin_table", "plugin"),
            ("crm_personal_data", "plugin"),
            ("crm_schedule", "name"),
            ("crm_job", "name"),
            ("crm_change", "table_name"),
        ):
            query = text(f"SELECT count(*) FROM {table} WHERE {column} LIKE '%warranty%'")
            if connection.execute(query).scalar():
                found.append(table)
    return found


def customer(crmkit: CommandLine, name: str) -> str:
    """Add a customer and return its id."""
    added: Any = crmkit("run", "customer.create", f"name={name}")
    return str(added["result"]["id"])


def test_a_vendors_wheel_lives_and_leaves_nothing(
    installed: Installed, database_url: str, engine: Engine, tmp_path: Path
) -> None:
    """Installed, enabled, used, disabled, enabled again, purged, enabled anew, uninstalled and purged as an orphan: at
    each step the data is what was promised, and in the end nothing of the plugin is in the database."""
    environment = installed.environment
    environment.install(installed.warranty)
    crmkit = CommandLine(environment=environment, ready=installed.ready, home=tmp_path / "home")
    where = environment.run("-c", "import crmkit; print(crmkit.__file__)").stdout
    assert Path(where.strip()).is_relative_to(environment.folder)

    crmkit("init", "--yes", "--database", database_url)
    assert crmkit.state("warranty") == "available"

    # enabled, by a plan that says what will be done
    (plan,) = crmkit("plugin", "enable", "warranty", "--yes")["plan"]
    assert (plan["version"], plan["revisions"]) == ("0.3.0", ["warranty_0001"])
    assert "warranty.warranty.claim" in [permission["name"] for permission in plan["permissions"]]
    assert crmkit.state("warranty") == "enabled"

    # used, by operations and by its own command
    leaver, stayer = customer(crmkit, "Li Na"), customer(crmkit, "Ann Bell")
    kept = crmkit("run", "warranty.register", f"customer_id={stayer}", "serial=SN-2", "terms=extended")["result"]
    lost = crmkit("run", "warranty.register", f"customer_id={leaver}", "serial=SN-1", "months=1")["result"]
    crmkit("run", "warranty.claim", "--target", lost["id"], "defect=It stays dark")
    assert [row["serial"] for row in crmkit("warranty", "expiring", "--days", "40")] == ["SN-1"]
    assert serials(engine) == ["SN-1", "SN-2"]

    # disabled: its operations are gone, its rows stay, and those of a customer go with the customer
    crmkit("plugin", "disable", "warranty")
    assert crmkit.state("warranty") == "disabled"
    assert crmkit("run", "warranty.settle", "--target", lost["id"], fails=True)["error"]["code"] == "CK502"
    crmkit("run", "customer.remove", "--target", leaver)
    assert serials(engine) == ["SN-2"]

    # enabled again: what remained is there and can be used
    crmkit("plugin", "enable", "warranty", "--yes")
    longer = crmkit("run", "warranty.extend", "--target", kept["id"], "months=12")["result"]
    assert (longer["serial"], longer["version"]) == ("SN-2", 2)

    # purged, whole, after an export
    crmkit("plugin", "disable", "warranty")
    purged = crmkit("plugin", "purge", "warranty", "--yes", "--export", str(tmp_path / "export"))
    rows = {table["name"]: table["rows"] for table in purged["tables"]}
    assert rows == {"warranty_terms": 2, "warranty_warranty": 1, "warranty_claim": 0}
    assert "SN-2" in (tmp_path / "export" / "warranty_warranty.jsonl").read_text("utf-8")
    assert traces(engine) == []
    assert crmkit.state("warranty") == "available"

    # enabled anew, from nothing
    crmkit("plugin", "enable", "warranty", "--yes")
    crmkit("run", "warranty.register", f"customer_id={stayer}", "serial=SN-3")
    assert serials(engine) == ["SN-3"]

    # uninstalled while enabled: a customer's rows still go with the customer, and the rest can be purged
    environment.pip("uninstall", "--quiet", "--yes", "crmkit-warranty")
    assert crmkit.state("warranty") == "orphaned"
    crmkit("run", "customer.remove", "--target", stayer)
    assert serials(engine) == []
    crmkit("plugin", "purge", "warranty", "--yes")
    assert crmkit.state("warranty") is None
    assert traces(engine) == []
    crmkit("db", "check")


@pytest.mark.parametrize("parts", ["", "all"], ids=["usual", "all"])
def test_a_new_plugin_can_be_shipped_at_once(parts: str, installed: Installed, tmp_path: Path) -> None:
    """Written by the command line, built, installed from its wheel, tested, checked, enabled and used; it is gold
    before anything was changed."""
    environment = installed.environment
    crmkit = CommandLine(environment=environment, ready=installed.ready, home=tmp_path / "home")
    folder = tmp_path / "rentals"
    chosen = ["--with", parts] if parts else []
    written = crmkit("plugin", "new", "acme_rentals", *chosen, "--title", "Rentals", "--to", str(folder))
    assert len(written["files"]) > 20
    environment.install(build_wheel(folder, tmp_path))
    try:
        # From its wheel: the package is not beside the tests.
        (folder / "crmkit_acme_rentals").rename(tmp_path / "moved")
        tested = environment.run(*TESTING, cwd=folder)
        assert (tested.returncode, "passed" in tested.stdout) == (0, True), tested.stdout + tested.stderr
        checked = crmkit("plugin", "check", "acme_rentals", "--grade", "gold")
        assert {item["level"] for item in checked["items"]} <= {"ok", "info"}
        crmkit("init", "--yes")
        crmkit("plugin", "enable", "acme_rentals", "--yes")
        values = [f"customer_id={customer(crmkit, 'Li Na')}", "title=Call back", "due_on=2020-01-31"]
        crmkit("run", "acme_rentals.item.create", *values)
        report = crmkit("report", "run", "acme_rentals.due", "-p", "period=2020-01")
        assert [row["key"] for row in report["rows"]] == ["2020-01-31"]
        if parts:
            assert [row["title"] for row in crmkit("acme-rentals", "due")] == ["Call back"]
    finally:
        environment.pip("uninstall", "--quiet", "--yes", "crmkit-acme-rentals")


TESTING = (
    "-m",
    "pytest",
    *(f"-pno:{name}" for name in ("cacheprovider", "schemathesis", "hypothesispytest", "anyio", "xdist")),
    "--deselect=tests/test_conformance.py",
)
"""What runs a plugin's own tests, but for those that ``crmkit plugin check`` does again."""


def test_the_wheel_holds_all_that_runs(installed: Installed) -> None:
    """Revisions, templates, translations and the type marker are in the vendor's wheel, its tests are not."""
    from zipfile import ZipFile

    names = set(ZipFile(installed.warranty).namelist())
    wanted = {
        "crmkit_warranty/py.typed",
        "crmkit_warranty/migrations/warranty_0001_tables.py",
        "crmkit_warranty/templates/overview.html",
        "crmkit_warranty/locale/zh_Hans/LC_MESSAGES/crmkit_warranty.mo",
    }
    assert wanted - names == set()
    assert [name for name in names if name.startswith("tests/")] == []
