"""Lineages: one line of revisions each, one version table each, checked against the models."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from crmkit.app import CRM
from crmkit.core.store.engine import open_engines
from crmkit.errors import ConfigurationError, MigrationError, SchemaOutdated
from crmkit.lifecycle.schema import check_schema, write_revision
from crmkit.migrations.lineage import Lineage
from crmkit.migrations.runner import runner, upgrade_kernel
from crmkit.settings import Settings
from tests.lifecycle.helpers import TESTER, customer, scalar, tables
from tests.lifecycle.workshop import Plugin, Workshop


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A folder on the import path in which plugins are made."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return Workshop(folder)


def lineage_of(plugin: Plugin, *others: str) -> Lineage:
    """Return the lineage of a throw-away plugin."""
    return Lineage.of_plugin(plugin.name, f"{plugin.package}.migrations", others)


def test_revisions_are_found_without_importing_the_plugin(workshop: Workshop) -> None:
    """The folder is found from the top-level package's place, however broken its code is."""
    alpha = workshop.plugin("alpha")
    alpha.write("__init__.py", "raise RuntimeError('never imported')")
    alpha.revision(2, "    pass")
    assert lineage_of(alpha).revisions() == ("alpha_0001", "alpha_0002")
    assert lineage_of(alpha).pending("alpha_0001") == ("alpha_0002",)


def test_tables_of_a_longer_name_are_anothers(workshop: Workshop) -> None:
    """``sales_plus_thing`` is no table of ``sales`` where a plugin ``sales_plus`` is known."""
    lineage = Lineage.of_plugin("sales", "x", ("sales", "sales_plus", "service"))
    assert [lineage.owns(name) for name in ("sales_thing", "sales_plus_thing", "service_thing")] == [True, False, False]


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("alpha_0002_fork.py", 'revision = "alpha_0002"\ndown_revision = None\n', "not one line"),
        ("alpha_0002_name.py", 'revision = "abc"\ndown_revision = "alpha_0001"\n', "not one line"),
        ("other.py", 'revision = "alpha_0002"\ndown_revision = "alpha_0001"\n', "not one line"),
        ("alpha_0002_syntax.py", "def upgrade(:\n", "cannot be read: SyntaxError"),
        ("alpha_0002_exit.py", "raise SystemExit(3)\n", "cannot be read: SystemExit"),
    ],
)
def test_revisions_that_are_not_one_line_are_refused(workshop: Workshop, file: str, content: str, reason: str) -> None:
    """A second head, a foreign id, a file named otherwise, a file that cannot be read: each is named."""
    alpha = workshop.plugin("alpha")
    alpha.write(f"migrations/{file}", content)
    with pytest.raises(MigrationError, match=reason):
        lineage_of(alpha).verify()


def test_database_is_what_the_models_say(crm: CRM) -> None:
    """After all revisions nothing differs, for the kernel, sales and what it requires, on both databases."""
    crm.enable("sales")
    assert [(drift.name, drift.differences, drift.error) for drift in check_schema(crm)] == [
        ("crmkit", (), None),
        ("work", (), None),
        ("sales", (), None),
    ]


def test_drift_is_told(crm: CRM) -> None:
    """A column that somebody dropped by hand, and an index too many, are named."""
    crm.enable("sales")
    with crm.engines.system_write.begin() as connection:
        connection.execute(text("CREATE INDEX ix_by_hand ON sales_opportunity (title)"))
        connection.execute(text("ALTER TABLE sales_opportunity ADD COLUMN by_hand INTEGER"))
    (drift,) = [each for each in check_schema(crm) if each.name == "sales"]
    assert not drift.sound
    assert {each.split()[0] for each in drift.differences} == {"remove_column", "remove_index"}


def test_revision_is_written_from_the_models(crm: CRM, workshop: Workshop) -> None:
    """The first revision makes the table, the next one the new column; then there is nothing to write."""
    alpha = workshop.plugin("alpha")
    for file in (alpha.folder / "migrations").iterdir():
        file.unlink()
    (alpha.folder / "migrations").rmdir()
    other = CRM.open(crm.settings, plugins=[alpha.manifest()])
    first = write_revision(other, "alpha", "The first things!")
    assert first is not None
    assert first.name == "alpha_0001_the_first_things.py"
    assert (first.parent / "__init__.py").is_file()
    assert "crmkit.core" not in first.read_text()
    assert "'" not in first.read_text(), "texts stand in the quotes that formatters want"
    assert write_revision(other, "alpha", "again") is None
    other.enable("alpha")
    assert [drift.sound for drift in check_schema(other) if drift.name == "alpha"] == [True]
    other.run(TESTER, "alpha.thing.create", {"label": "x"}, target=customer(other))
    other.close()


def test_failed_revision_is_undone_whole(crm: CRM, workshop: Workshop) -> None:
    """Schema changes are part of the transaction on both databases: the revisions before stay, half a one does not."""
    alpha = workshop.plugin("alpha")
    alpha.revision(2, '    op.create_table("alpha_half", sa.Column("id", sa.Integer()))\n    raise ValueError("half")')
    lineage = lineage_of(alpha)
    with runner(crm.engines) as connection, pytest.raises(MigrationError, match="Revision alpha_0002 failed"):
        lineage.move(connection)
    assert tables(crm, "alpha_") == ["alpha_thing"]
    with crm.engines.system_read.connect() as connection:
        assert lineage.current(connection) == "alpha_0001"


def test_rebuilding_a_table_keeps_the_rows_that_refer_to_it(sqlite_url: str, workshop: Workshop) -> None:
    """On SQLite a table is rebuilt to change a column; with foreign keys on that would delete what refers to it."""
    alpha = workshop.plugin("alpha")
    alpha.revision(
        2,
        '    op.create_table("alpha_part", sa.Column("thing_id", crmkit.Id(),'
        ' sa.ForeignKey("alpha_thing.id", name="fk_alpha_part_thing_id", ondelete="CASCADE")))',
    )
    with CRM.init(sqlite_url, plugins=[alpha.manifest()]) as crm:
        crm.enable("alpha")
        crm.run(TESTER, "alpha.thing.create", {"label": "x"}, target=customer(crm))
        with crm.engines.system_write.begin() as connection:
            connection.execute(text("INSERT INTO alpha_part SELECT id FROM alpha_thing"))
        alpha.revision(
            3,
            '    with op.batch_alter_table("{name}_thing") as batch:\n'
            '        batch.alter_column("label", type_=sa.String(99), existing_type=sa.String(40))',
        )
        crm.upgrade_database()
    with CRM.open(sqlite_url, plugins=[alpha.manifest()]) as crm:
        assert scalar(crm, "SELECT count(*) FROM alpha_part") == 1
        assert scalar(crm, "PRAGMA foreign_keys") == 1


def test_revision_that_breaks_a_reference_is_undone(sqlite_url: str, workshop: Workshop) -> None:
    """What foreign keys would have refused is refused at the end of the revision, with the tables' names."""
    alpha = workshop.plugin("alpha")
    alpha.revision(2, "    op.execute(\"UPDATE alpha_thing SET customer_id = x'00'\")")
    with CRM.init(sqlite_url, plugins=[alpha.manifest()]) as crm:
        with runner(crm.engines) as connection:
            lineage_of(alpha).move(connection, "alpha_0001")
        about = customer(crm)
        with crm.engines.system_write.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO alpha_thing (id, version, created_at, updated_at, customer_id, label)"
                    " VALUES (x'01', 1, '', '', :about, 'x')"
                ),
                {"about": about.bytes},
            )
        with runner(crm.engines) as connection, pytest.raises(MigrationError, match="alpha_thing → crm_customer"):
            lineage_of(alpha).move(connection)
        assert scalar(crm, "SELECT customer_id FROM alpha_thing") == about.bytes


def test_kernels_downgrade_and_upgrade_meet(database_url: str) -> None:
    """The kernel's lineage goes back to nothing and forward again."""
    engines = open_engines(Settings(database=database_url))
    upgrade_kernel(engines)
    with runner(engines) as connection:
        Lineage.kernel().move(connection, "base", down=True)
        assert inspect(connection).get_table_names() == ["crm_migration"]
        connection.rollback()
        assert Lineage.kernel().move(connection)[0] == "crmkit_0001"
    engines.dispose()


def test_two_runners_wait_for_each_other(database_url: str) -> None:
    """Two processes that set up one database at once do it once: the second finds it done."""
    done: list[list[str]] = []

    def set_up() -> None:
        engines = open_engines(Settings(database=database_url))
        done.append(upgrade_kernel(engines))
        engines.dispose()

    threads = [threading.Thread(target=set_up) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(each) for each in done) == [0, len(Lineage.kernel().revisions())]


def test_database_of_a_newer_version_is_not_opened(crm_url: str) -> None:
    """A revision that this version does not know is named, and what to do."""
    engines = open_engines(Settings(database=crm_url))
    with engines.system_write.begin() as connection:
        connection.execute(text("UPDATE crm_migration SET version_num = 'crmkit_9999'"))
    engines.dispose()
    with pytest.raises(SchemaOutdated, match=r"crmkit_9999.*Install the version that made it"):
        CRM.open(crm_url)


# --- schemas of one PostgreSQL database -------------------------------------------------------------------------------


def test_two_crms_in_two_schemas_do_not_meet(postgres_url: str, workshop: Workshop) -> None:
    """Each has its own tables, version tables, plugins and customers; the schemas are made where they are not there."""
    alpha = workshop.plugin("alpha").manifest()
    settings = [Settings(database=postgres_url, schema=name) for name in ("north", "south")]
    north, south = (CRM.init(each, plugins=[alpha]) for each in settings)
    north.enable("alpha")
    north.run(TESTER, "alpha.thing.create", {"label": "x"}, target=customer(north))
    assert tables(south, "alpha_") + tables(south, "crm_migration_") == []
    assert [scalar(crm, "SELECT count(*) FROM crm_customer") for crm in (north, south)] == [1, 0]
    assert [scalar(crm, "SELECT count(*) FROM crm_plugin") for crm in (north, south)] == [1, 0]
    assert [drift.sound for drift in check_schema(north)] == [True, True]
    south.enable("alpha")
    north.disable("alpha")
    north.purge("alpha")
    assert (tables(north, "alpha_"), tables(south, "alpha_")) == ([], ["alpha_thing"])
    assert scalar(north, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'") == 0
    for crm in (north, south):
        crm.close()


def test_schema_with_an_unusable_name_is_refused(postgres_url: str) -> None:
    """What cannot be named in a search path is refused before anything is made."""
    with pytest.raises(ConfigurationError, match="cannot be the name of a schema"):
        CRM.init(Settings(database=postgres_url, schema='x"; drop'))
