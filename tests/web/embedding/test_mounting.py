"""Mounting by path, and the host's alembic beside crmkit's tables."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, text

from crmkit import CRM, Actor
from crmkit.hooks.ports import ActorContext
from crmkit.migrations.beside import beside_crmkit
from crmkit.web.embedding import Mount, WsgiMount


def asked(app: Any, path: str, root: str = "") -> tuple[str, str]:
    """Return which application answered, and the part of the path that is its mount."""
    seen: list[tuple[str, str]] = []

    async def call() -> None:
        await app({"type": "http", "path": path, "root_path": root, "seen": seen}, None, None)

    # It waits for nothing, so it needs no loop; the browser of other tests keeps one running in this thread.
    with pytest.raises(StopIteration):
        call().send(None)
    return seen[0]


def named(name: str) -> Any:
    """Return an application that notes that it was called."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["seen"].append((name, scope["root_path"]))

    return app


@pytest.mark.parametrize(
    ("path", "root", "expected"),
    [
        ("/crm/customers", "", ("crm", "/crm")),
        ("/crm", "", ("crm", "/crm")),
        ("/crmx", "", ("host", "")),
        ("/", "", ("host", "")),
        ("/shop/crm/x", "/shop", ("crm", "/shop/crm")),
        ("/crm/x", "/shop", ("crm", "/shop/crm")),
    ],
)
def test_what_is_below_the_path_goes_to_what_is_mounted(path: str, root: str, expected: tuple[str, str]) -> None:
    """By whole parts of the path, also where the host itself is mounted."""
    assert expected == asked(Mount(named("host"), "/crm", named("crm")), path, root)


def test_a_prefix_has_one_form() -> None:
    """One that would match everything, or nothing, is refused."""
    for prefix in ("", "crm", "/crm/"):
        with pytest.raises(ValueError, match="slash"):
            Mount(named("host"), prefix, named("crm"))
        with pytest.raises(ValueError, match="slash"):
            WsgiMount(lambda environ, start: [], prefix, lambda environ, start: [])


def test_wsgi_moves_the_prefix_to_the_name_of_the_script() -> None:
    """The environ of the host is left as it was."""
    seen: list[tuple[str, str]] = []

    def crm(environ: dict[str, Any], start: Any) -> list[bytes]:
        seen.append((environ["SCRIPT_NAME"], environ["PATH_INFO"]))
        return []

    environ = {"SCRIPT_NAME": "/shop", "PATH_INFO": "/crm/a"}
    WsgiMount(lambda environ, start: [], "/crm", crm)(environ, None)
    assert [("/shop/crm", "/a")] == seen
    assert {"SCRIPT_NAME": "/shop", "PATH_INFO": "/crm/a"} == environ


def test_the_host_s_autogenerate_leaves_crmkit_alone(crm_url: str) -> None:
    """Without help alembic would propose to drop every table of crmkit and its plugins; with it nothing, while the
    host's own changes are found."""
    with CRM.open(crm_url) as crm:
        crm.enable("sales")
    own = MetaData()
    Table("shop_order", own, Column("number", Integer, primary_key=True))
    engine = create_engine(crm_url)
    with engine.begin() as connection:
        connection.execute(text("create table shop_old (number integer)"))

    def proposed(**options: Any) -> set[tuple[str, str]]:
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={**options, "include_object": options["helper"](connection)} if "helper" in options else options,
            )
            return {(str(each[0]), str(each[1].name)) for each in compare_metadata(context, own)}

    assert ("remove_table", "crm_customer") in proposed()
    assert {("add_table", "shop_order"), ("remove_table", "shop_old")} == proposed(helper=beside_crmkit)
    engine.dispose()


def test_a_host_says_what_else_to_leave_out(crm_url: str) -> None:
    """The host's own rule is asked about its own tables."""
    engine = create_engine(crm_url)
    with engine.begin() as connection:
        connection.execute(text("create table shop_old (number integer)"))
        include = beside_crmkit(connection, lambda item, name, kind, reflected, compare_to: name != "shop_old")
        context = MigrationContext.configure(connection, opts={"include_object": include})
        assert [] == compare_metadata(context, MetaData())
    engine.dispose()


def test_the_hook_sees_what_the_host_knows(crm: CRM) -> None:
    """A plugin that resolves actors gets the scope that the host's middleware has filled, and it is shown nowhere."""
    context = ActorContext(door="web", host={"user": "secret-of-the-host"})
    assert "secret-of-the-host" not in repr(context)
    seen: list[Any] = []

    class Plugin:
        """A plugin by its hook."""

    from crmkit.hooks import hookimpl
    from tests.hooks.modules import module

    made = module("vouching", "@hookimpl\ndef crmkit_resolve_actor(context):\n    return vouch(context)\n")
    made.__dict__["hookimpl"] = hookimpl

    def vouch(context: ActorContext) -> Actor | None:
        assert context.host is not None
        seen.append(context.host["user"])
        return Actor.host("7", roles=("analyst",))

    made.__dict__["vouch"] = vouch
    crm.dispatcher.add_plugin("vouching", made)
    assert "host:7" == crm.resolve_actor(context).id
    assert ["secret-of-the-host"] == seen
