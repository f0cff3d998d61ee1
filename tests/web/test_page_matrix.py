"""Every page and every form of every room, for every shipped role, over records of their own, of others and of nobody.

The routes are those that are declared, so a page that is added is tried without a word here. Held for all of them: a
record of somebody else looks like one that there is not; what is refused changes nothing; reading changes nothing; and
no input makes an answer of 500 or more.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from attrs import define, evolve, field, frozen

from crmkit.web.pages.rooms import page_routes
from crmkit.web.pages.routing import PageRoute
from tests.conftest import Templates
from tests.web.conftest import PEOPLE, Browsing, Web, populate

ABSENT = str(uuid4())
FREE = re.compile(r"audit|session|rate|throttle|bucket|attempt|idempot|sqlite_|job_run|outbox|fts|lock")
"""Tables that a refusal may write to: what was tried, by whom, how often."""
SPARED = ("/sign-out", "/account", "/language")
"""Forms that end the session that tries them, or that belong to whoever sends them."""
THOROUGH = ("ada",)
"""Who tries every single operation's form, and all that is senseless."""
KINDS = {
    "'\"><\x00": "id customer_id owner_id to team heir product_id other target",
    "x' OR 1=1 --\u202e\x00": "name title login key said act role tag field kind",
    "((((a.b[0] == {{7*7}} and": "where condition expression filter q customer search",
    "99999999999999999999999": "version limit page points amount quantity value",
    "9999-99-99T99:99": "date at since until month day from moment",
    "%00//..\\é\ud7ff": "after cursor sort columns view of resource",
    "a|b|c:d\n\r=NaN": "change shown currency rate zone language format",
    "http://[x": "next again sure everything reveal fact column term",
}
"""Senseless values, each with the fields that it is put into."""
GARBAGE: Mapping[str, str] = {name: value for value, names in KINDS.items() for name in names.split()}
SENSELESS = {name: value.replace("\x00", "") for name, value in GARBAGE.items()}
"""The same without what is refused for its zero characters alone."""


@define(kw_only=True)
class Base:
    """A customer base, one client for each person, and the state of the database."""

    web: Web
    reader: sqlite3.Connection
    clients: dict[str, Browsing] = field(factory=dict)
    routes: list[PageRoute] = field(factory=page_routes)
    reports: list[str] = field(factory=list)
    seen: tuple[int, str] = (-1, "")

    def state(self) -> str:
        """Return a digest of everything that a refusal must not change."""
        (written,) = self.reader.execute("PRAGMA data_version").fetchone()
        if written != self.seen[0]:
            found = hashlib.sha256()
            names = [row[0] for row in self.reader.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for name in sorted(each for each in names if not FREE.search(each)):
                found.update(repr((name, sorted(map(repr, self.reader.execute(f'SELECT * FROM "{name}"'))))).encode())
            self.seen = (written, found.hexdigest())
        return self.seen[1]

    def signed_in(self, login: str) -> Browsing:
        """Return the client of somebody, signed in anew where the session has ended meanwhile."""
        client = self.clients.get(login)
        if client is None or client.inner.get("/account").status_code != 200:
            client = self.clients[login] = self.web.client(login)
            client.get("/account")
        return client

    def visible(self, login: str) -> set[str]:
        """Return the customers that somebody sees."""
        from sqlalchemy import select

        from crmkit.core.customers.models import Customer
        from crmkit.core.store.actor import Actor

        with self.web.crm.session(Actor.user(self.web.users[login], login)) as session:
            return {str(each) for each in session.scalars(select(Customer.id))}


@pytest.fixture(scope="module")
def base(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    """One base for all of it, without limits on how often somebody calls."""
    from crmkit.app import CRM
    from crmkit.settings import Settings

    url = templates.copy("sqlite", tmp_path_factory.mktemp("matrix"))
    unlimited = {f"rate_limit_{name}": "off" for name in ("api", "public", "search", "export", "import")}
    with CRM.open(Settings(database=url, **unlimited)) as crm:
        reader = sqlite3.connect(url.removeprefix("sqlite:///"))
        made = Base(web=populate(crm), reader=reader)
        found = re.findall(r'href="/reports/([\w.-]+)"', made.signed_in("ada").get("/reports").text)
        made.reports += sorted({*found, "nothing"})
        yield made
        reader.close()
        for client in made.web.clients:
            client.close()


def names_of(base: Base, path: str) -> list[str]:
    """Return the names that a path takes: those of everything that is declared, and one that nothing has."""
    registry = base.web.crm.registry
    match path.split("/")[1]:
        case "operations":
            return [*registry.operations, "nothing"]
        case "reports":
            return base.reports
        case _:
            return ["nothing"]


@frozen(kw_only=True)
class Known:
    """What stands in a path for each of its parameters."""

    id: str = ABSENT
    name: str = "nothing"
    file: str = ABSENT
    code: str = "nothing"
    act: str = "archive"
    resource: str = "customers"
    plugin: str = "nothing"
    merge: str = ABSENT
    rest: str = "nothing"

    def path(self, template: str) -> str:
        """Return a path with its parameters filled in."""
        return re.sub(r"\{(\w+)(?::path)?\}", lambda found: str(getattr(self, found[1])), template)


def body_of(response: Any, identity: str) -> tuple[int, str]:
    """Return the status and the text of an answer, without what differs between any two answers."""
    text = re.sub(r"[0-9a-f]{16}\b|value=\"[\w-]{24,}\"|content=\"[\w-]{24,}\"", "", response.text)
    return response.status_code, text.replace(identity, "ID")


@pytest.mark.parametrize("login", PEOPLE)
def test_somebody_elses_record_looks_like_none(base: Base, login: str) -> None:
    """The page and the form of a customer whom somebody does not see answer as those of no customer, byte by byte, and
    change nothing."""
    client = base.signed_in(login)
    hidden = [str(each) for each in base.web.customers.values() if str(each) not in base.visible(login)]
    differing: list[str] = []
    before = base.state()
    for route in base.routes:
        if "{id}" not in route.path or not hidden:
            continue
        for form in ({}, GARBAGE) if route.methods == ("POST",) else (None,):
            foreign, none = (
                body_of(ask(client, route, Known(id=identity).path(route.path), form), identity)
                for identity in (hidden[0], ABSENT)
            )
            if foreign != none or foreign[0] < 400:
                differing.append(f"{route.methods[0]} {route.path}: {foreign[0]} and {none[0]}")
    assert [] == differing
    assert before == base.state()


def ask(client: Browsing, route: PageRoute, path: str, form: Mapping[str, str] | None) -> Any:
    """Send a request to a route: with a form, or with a query."""
    if route.methods == ("POST",):
        return client.inner.post(path, data={"csrf": client.csrf, **(form or {})})
    query = f"{'&' if '?' in path else '?'}{urlencode(form)}" if form else ""
    return client.inner.get(f"{path}{query}")


@pytest.mark.parametrize("login", PEOPLE)
def test_no_input_breaks_a_page_and_a_refusal_changes_nothing(base: Base, login: str) -> None:
    """Empty and senseless forms and queries are answered, never by an error of the server; what is refused leaves the
    database as it was, and so does every page that is only read."""
    own = str(base.web.customers["Wang Lin"])
    broken: list[str] = []
    changed: list[str] = []
    base.signed_in(login)
    before = base.state()
    for route, path in paths_of(base, own):
        reads = route.methods == ("GET",)
        if not reads and route.path.startswith(SPARED):
            continue
        one = route.path.startswith("/operations/")
        if one and login not in THOROUGH:
            continue
        client = base.signed_in(login) if one or not reads else base.clients[login]
        forms = (SENSELESS,) if one or login not in THOROUGH else ({}, SENSELESS) if reads else ({}, GARBAGE, SENSELESS)
        answers = [ask(client, route, path, form) for form in forms]
        broken += [f"{route.methods[0]} {path}: {each.status_code}" for each in answers if each.status_code >= 500]
        now = base.state()
        if now != before and (reads or all(each.status_code >= 400 for each in answers)):
            changed.append(f"{route.methods[0]} {path}")
        before = now
    assert [] == broken
    assert [] == changed


def paths_of(base: Base, own: str) -> Iterator[tuple[PageRoute, str]]:
    """Give each route with its paths: over every kind of record, and over a customer who is somebody's own."""
    resources = list(base.web.crm.registry.resources)
    for route in base.routes:
        known = Known(id=own) if route.path.startswith("/customers") else Known()
        for resource in resources if "{resource}" in route.path else ["customers"]:
            for name in names_of(base, route.path) if "{name}" in route.path else ["nothing"]:
                query = f"?target={own}" if route.path.startswith("/operations/") else ""
                yield route, evolve(known, resource=resource, name=name).path(route.path) + query
