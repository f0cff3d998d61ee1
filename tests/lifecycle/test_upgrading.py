"""Upgrades: another version of a plugin waits for ``crmkit db upgrade``, and one that fails stops no other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, make_url, text

from crmkit.app import CRM
from crmkit.errors import UnknownOperation
from crmkit.lifecycle.schema import check_schema
from tests.lifecycle.helpers import TESTER, audited, customer, scalar, state, tables, view
from tests.lifecycle.workshop import Plugin, Workshop
from tests.servers.postgres import PostgresServer

Open = Callable[..., CRM]

ADD_COLUMN = """
    with op.batch_alter_table("{name}_thing") as batch:
        batch.add_column(sa.Column("more", sa.Integer(), nullable=True))
"""


def installed(workshop: Workshop, opened: Open, url: str, *names: str) -> list[Plugin]:
    """Make and enable plugins, and return them."""
    plugins = [workshop.plugin(name) for name in names]
    crm = opened(url, plugins=[plugin.manifest() for plugin in plugins])
    for name in names:
        crm.enable(name)
        crm.run(TESTER, f"{name}.thing.create", {"label": "before"}, target=customer(crm))
    return plugins


def test_new_version_waits_for_the_upgrade(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """The plugin is set aside until its revisions and its hook have run; its rows survive."""
    (alpha,) = installed(workshop, opened, crm_url, "alpha")
    alpha.revision(2, ADD_COLUMN)
    with (alpha.folder / "plugin.py").open("a") as file:
        file.write(
            "\n@hookimpl\ndef crmkit_plugin_upgraded(crm, from_version):\n"
            "    crm.run(crm.system('upgrading'), 'team.create', {'name': f'since {from_version}'})\n"
        )
    # The module of version 1.0 is still imported in this process.
    import importlib
    import sys

    importlib.reload(sys.modules[f"{alpha.package}.plugin"])
    new = [alpha.manifest("2.0")]
    crm = opened(crm_url, plugins=new)
    assert state(crm, "alpha") == "broken"
    assert "It needs an upgrade from version 1.0 to 2.0. Run: crmkit db upgrade" in (view(crm, "alpha").reason or "")
    with pytest.raises(UnknownOperation):
        crm.run(TESTER, "alpha.thing.create", {"label": "x"}, target=customer(crm))
    (done,) = CRM.upgrade(crm_url, plugins=new).plugins
    assert (done.name, done.from_version, done.to_version, done.revisions, done.error) == (
        "alpha",
        "1.0",
        "2.0",
        ("alpha_0002",),
        None,
    )
    again = opened(crm_url, plugins=new)
    assert (state(again, "alpha"), view(again, "alpha").version) == ("enabled", "2.0")
    assert scalar(again, "SELECT label FROM alpha_thing WHERE more IS NULL") == "before"
    assert scalar(again, "SELECT name FROM crm_team") == "since 1.0"
    assert CRM.upgrade(crm_url, plugins=new).plugins == ()
    assert audited(again)[-1][:2] == ("plugin.upgrade", "done")


def test_revision_alone_is_enough_to_need_an_upgrade(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """A new revision under the same version is not overlooked."""
    (alpha,) = installed(workshop, opened, crm_url, "alpha")
    alpha.revision(2, ADD_COLUMN)
    crm = opened(crm_url, plugins=[alpha.manifest()])
    assert state(crm, "alpha") == "broken"
    assert [each.revisions for each in crm.upgrade_database().plugins] == [("alpha_0002",)]
    assert state(crm, "alpha") == "enabled"


def test_failing_revision_is_named_and_stops_no_other_plugin(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """The one that fails keeps its data and says what to do; those that do not require it are upgraded."""
    alpha, beta = installed(workshop, opened, crm_url, "alpha", "beta")
    alpha.revision(2, '    op.execute("DELETE FROM alpha_thing")\n    raise RuntimeError("no such luck")')
    beta.revision(2, ADD_COLUMN)
    manifests = [alpha.manifest(), beta.manifest()]
    report = CRM.upgrade(crm_url, plugins=manifests)
    assert [(each.name, each.revisions) for each in report.plugins] == [("alpha", ()), ("beta", ("beta_0002",))]
    (failed,) = report.failed
    assert failed.error is not None
    assert failed.error.render() == (
        'Plugin "alpha": Revision alpha_0002 failed: RuntimeError: no such luck'
        " Mend the cause and run: crmkit db upgrade"
    )
    crm = opened(crm_url, plugins=manifests)
    assert [state(crm, name) for name in ("alpha", "beta")] == ["broken", "enabled"]
    assert scalar(crm, "SELECT count(*) FROM alpha_thing") == 1
    alpha.revision(2, ADD_COLUMN)
    assert CRM.upgrade(crm_url, plugins=manifests).failed == ()
    assert [each.sound or each.name for each in check_schema(opened(crm_url, plugins=manifests))][1:] == [
        "alpha",
        "beta",
    ]


def test_older_version_than_the_databases_is_set_aside(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """A database that has seen a revision that is not there any more is not touched."""
    alpha = workshop.plugin("alpha")
    alpha.revision(2, ADD_COLUMN)
    opened(crm_url, plugins=[alpha.manifest()]).enable("alpha")
    (alpha.folder / "migrations" / "alpha_0002_step.py").unlink()
    crm = opened(crm_url, plugins=[alpha.manifest()])
    assert "The database is at alpha_0002, which this version does not know." in (view(crm, "alpha").reason or "")
    (failed,) = crm.upgrade_database().failed
    assert failed.name == "alpha"


def test_empty_database_is_set_up_by_the_upgrade(database_url: str) -> None:
    """On an empty database all of the kernel's revisions run."""
    assert CRM.upgrade(database_url).kernel[0] == "crmkit_0001"
    with CRM.open(database_url) as crm:
        assert tables(crm, "crm_migration") == ["crm_migration"]


def test_a_revision_that_waits_is_named(crm_url: str, workshop: Workshop, opened: Open) -> None:
    """While somebody works on a plugin its version stays what it is."""
    (alpha,) = installed(workshop, opened, crm_url, "alpha")
    alpha.revision(2, ADD_COLUMN)
    crm = opened(crm_url, plugins=[alpha.manifest()])
    assert "alpha_0002 has to run. Run: crmkit db upgrade" in (view(crm, "alpha").reason or "")


def test_upgrade_leaves_no_thread_and_no_connection(postgres_url: str, postgres_server: PostgresServer) -> None:
    """What chains the audit records of the upgrade ends with it, and so do its connections."""
    before = set(threading.enumerate())
    CRM.upgrade(postgres_url)
    CRM.upgrade(postgres_url)
    assert not [each.name for each in threading.enumerate() if each not in before]
    engine = create_engine(postgres_server.url("postgres"))
    with engine.connect() as connection:
        name = make_url(postgres_url).database
        count = text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name")
        # A server takes a moment to notice that a client has gone.
        for _attempt in range(100):
            if (left := connection.execute(count, {"name": name}).scalar_one()) == 0:
                break
            connection.rollback()
            time.sleep(0.05)
    engine.dispose()
    assert left == 0
