"""Every shipped role calls every address with its own, a colleague's, a foreign and a nonexistent record.

What has to come of it follows from the rights that each operation declares and from the rules as `matrix_support`
states them. A foreign record looks like one that there is not, to the byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from attrs import evolve
from starlette.testclient import TestClient

from crmkit import CRM
from crmkit.core.operations.operation import Operation
from crmkit.settings import Settings
from crmkit.web.rest.declaring import Endpoint
from crmkit.web.rest.table import Table
from tests.conftest import Templates
from tests.web.rest.matrix_support import KINDS, ROLES, SYSTEM, WITHIN, World, expected, given, scope, verdict

OWNED = ("customer", "interaction")
"""Resources of which there are own, colleagues' and foreign records; of others there is one, or none."""
LACKING = frozenset(
    (
        "customer.merge",
        "customer.unmerge",
        "customer.unpin_label",
        "privacy.release",
        "role.exclude",
        "role.include",
        "role.revoke",
        "user.assign_role",
        "user.hand_over",
        "user.reset_factor",
        "user.unassign_role",
    )
)
"""Operations that find no second thing to work with: the input of the matrix names none that there is."""
NAMED = {
    "customer.pin_label": {"dimension": "vip", "label": "vip"},
    "currency_rate.set": {"currency": "USD", "rate": "1.1", "valid_from": "2026-01-01"},
}
"""Inputs of operations that need the name of something that there is, or a form that is not told by a type."""


@pytest.fixture(scope="module")
def world(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The customer base of the matrix, without limits."""
    settings = Settings.from_mapping({"database": templates.copy("sqlite", tmp_path_factory.mktemp("matrix"))})
    names = ("api", "public", "search", "export", "import")
    with CRM.open(evolve(settings, **{f"rate_limit_{name}": "off" for name in names})) as crm:
        yield World(crm=crm).fill()


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[TestClient]:
    """A client of its API."""
    with TestClient(
        world.crm.asgi(), base_url="http://localhost", raise_server_exceptions=False, follow_redirects=False
    ) as found:
        yield found


def ask(client: TestClient, world: World, login: str | None, endpoint: Endpoint, path: str, body: Any = None) -> Any:
    """Call an address as somebody."""
    headers = {"authorization": f"Bearer {world.tokens[login]}"} if login is not None else {}
    if endpoint.method in ("PATCH", "DELETE"):
        headers["if-match"] = "*"
    more = {} if endpoint.body is None or endpoint.body is bytes else {"json": {} if body is None else body}
    return client.request(endpoint.method, f"/api/v1{path}", headers=headers, **more)


def operation_of(world: World, endpoint: Endpoint) -> Operation[Any, Any] | None:
    """Return the operation that an endpoint runs, if it is one's."""
    operations = world.crm.registry.operations
    if endpoint.path.startswith("/operations/"):
        return operations.get(endpoint.path.removeprefix("/operations/"))
    if endpoint.method == "GET" or endpoint.path.count("/") > 3:
        return None
    resource, _dot, verb = endpoint.name.removesuffix(".run").rpartition(".")
    return operations.get(f"{resource}.{verb}") or (
        operations.get(f"{resource}.record") or operations.get(f"{resource}.add") if verb == "create" else None
    )


def bare(response: Any, *ids: str) -> tuple[int, str, dict[str, str]]:
    """Return an answer without what differs from call to call: the request's id, and the ids that were asked for."""
    headers = {name: each for name, each in response.headers.items() if name not in ("x-request-id", "date")}
    text = re.sub(r'"request_id":"[^"]*"', "", response.text)
    for id in ids:
        text = text.replace(id, "ID")
    return response.status_code, text, headers


class Records:
    """Fresh records to act on: every call has one of its own, so that none finds what another one has done."""

    def __init__(self, world: World, login: str, number: int) -> None:
        self.world = world
        kinds = KINDS[:3]
        self.customers = {kind: world.customers(login, kind, number) for kind in kinds}
        third = max(number // 3, 1)
        self.interactions = {kind: world.interactions(world.customers(login, kind, third)) for kind in kinds}

    def take(self, resource: str, kind: str) -> str | None:
        """Return the id of a record, None where there is none of that kind."""
        if kind == "nonexistent":
            return str(uuid4())
        if resource == "customer":
            return self.customers[kind].pop()
        if resource == "interaction":
            return self.interactions[kind].pop()
        return self.world.other(resource) if kind == "foreign" else None


def told(login: str, endpoint: Endpoint, kind: str, answer: Any, wanted: str) -> str:
    """Return what is wrong with an answer, in a line."""
    return f"{login} {endpoint.method} {endpoint.path} {kind}: {answer.status_code}, not {wanted}: {answer.text[:150]}"


def resource_of(world: World, operation: Operation[Any, Any]) -> str:
    """Return the resource of the record that an operation acts on."""
    return world.crm.registry.resource_name(operation.target.__tablename__)


@pytest.mark.parametrize("login", [*ROLES, "nothing"])
def test_operations_on_records(world: World, client: TestClient, login: str) -> None:
    """Every operation on a record, by its own address and below that of its resource."""
    role = login if login in ROLES else None
    wrong: list[str] = []
    table = [
        (each, operation)
        for each in Table(world.crm.registry).endpoints
        if (operation := operation_of(world, each)) is not None and operation.target is not None
    ]
    records = Records(world, login, len(table))
    for endpoint, operation in table:
        resource = resource_of(world, operation)
        answers: dict[str, Any] = {}
        hidden: set[str] = set()
        kinds = KINDS if resource in OWNED else ("foreign", "nonexistent")
        for kind in kinds:
            id = records.take(resource, kind)
            if id is None:
                continue
            body = NAMED.get(operation.name) or given(operation.inputs)
            if endpoint.path.startswith("/operations/"):
                answer = ask(client, world, login, endpoint, endpoint.path, {"target": id, "input": body})
            else:
                answer = ask(client, world, login, endpoint, endpoint.path.replace("{id}", id), body)
            answers[kind] = bare(answer, id)
            about = resource if resource in OWNED else operation.resource
            there = "own" if resource not in OWNED and kind == "foreign" else kind
            wanted = expected(role, operation.resource, operation.actions, there, about if resource in OWNED else None)
            if resource not in OWNED and there == "own" and wanted != "refused":
                wanted = "served"
            hidden.update([kind] if wanted == "missing" else [])
            found = verdict(answer.status_code)
            if found != wanted and not (wanted == "served" and found == "missing" and operation.name in LACKING):
                wrong.append(told(login, endpoint, kind, answer, wanted))
        if "foreign" in hidden and answers["foreign"] != answers["nonexistent"]:
            wrong.append(f"{login} {endpoint.path}: foreign {answers['foreign']} is not {answers['nonexistent']}")
    assert not wrong, "\n".join(wrong)


READING = {
    "attachment.list": ("attachment", "read"),
    "customer.list": ("customer", "read"),
    "interaction.list": ("interaction", "read"),
    "public_link.list": ("public_link", "read"),
    "facts.frame": ("export", "run"),
    "segments.export": ("export", "run"),
    "exports.make": ("export", "run"),
    "imports.plan": ("import", "run"),
    "imports.make": ("import", "run"),
    "rules.backtest": ("rule", "admin"),
}
"""What is read or worked out of nothing in particular, with the right that it needs; all else needs none but being
known: what it shows is what the caller may see."""
BODIES = {
    "facts.frame": {"names": ["purchase.count"]},
    "segments.export": {"where": "true"},
    "exports.make": {"resource": "products"},
    "rules.backtest": {},
    "segments.preview": {"name": "regulars", "where": "purchase.count >= 1"},
    "dimensions.preview": {"name": "vip"},
    "experiments.plan": {"base": 0.1, "effect": 0.05},
    "expressions.check": {"text": "true"},
    "reports.run": {"format": "json"},
    "reports.rows": {"row": "total", "column": "amount"},
}
PLACES = {
    "facts.read": "purchase.count",
    "dimensions.read": "vip",
    "dimensions.counts": "vip",
    "dimensions.matrix": "vip",
    "reports.read": "purchase.summary",
    "reports.run": "purchase.summary",
    "reports.rows": "purchase.summary",
    "rules.backtest": "greet",
    "segments.read": "regulars",
    "segments.members": "regulars",
    "segments.reach": "regulars",
}
"""Names of what there is, for the addresses that have one."""
QUERIES = {"search": "?q=north", "dimensions.matrix": "?from=2026-01-01", "segments.count": "?where=true"}
OF_A_REPORT = ("reports.read", "reports.run", "reports.rows")


def test_what_is_read_of_nothing_in_particular(world: World, client: TestClient) -> None:
    """Lists, definitions, reports, searches, exports: refused without the right, served with it."""
    world.crm.run(SYSTEM, "segment.save", {"name": "regulars", "title": "Regulars", "where": "purchase.count >= 1"})
    then = [{"operation": "customer.tag", "arguments": {"names": ['"greeted"']}}]
    rule = {"name": "greet", "title": "Greet", "on": "customer.created", "when": "true", "then": then}
    world.crm.run(SYSTEM, "rule.save", rule)
    wrong: list[str] = []
    for endpoint in Table(world.crm.registry).endpoints:
        if operation_of(world, endpoint) is not None or "{id}" in endpoint.path or "{customer}" in endpoint.path:
            continue
        if "{name}" in endpoint.path and endpoint.name not in PLACES:
            continue
        path = endpoint.path.replace("{name}", PLACES.get(endpoint.name, "")) + QUERIES.get(endpoint.name, "")
        for login in (*ROLES, "nothing", None):
            role = login if login in ROLES else None
            if endpoint.body is bytes:
                headers = {"content-type": "text/csv"} | (
                    {"authorization": f"Bearer {world.tokens[login]}"} if login is not None else {}
                )
                answer = client.post(f"/api/v1{path}?file_name={login}.csv", content=b"name\nAnn\n", headers=headers)
            else:
                answer = ask(client, world, login, endpoint, path, BODIES.get(endpoint.name))
            needed = READING.get(endpoint.name)
            if endpoint.name in OF_A_REPORT:
                needed = ("report", "read")
            wanted = "served"
            if login is None and not endpoint.public:
                wanted = "401"
            elif needed is not None and scope(role, *needed) == "none":
                wanted = "refused"
            if verdict(answer.status_code) != wanted and not (
                wanted == "served" and (endpoint.name in BY_WHAT_IS_SEEN and answer.status_code in (403, 404))
            ):
                wrong.append(told(str(login), endpoint, "-", answer, wanted))
    assert not wrong, "\n".join(wrong)


BY_WHAT_IS_SEEN = (
    "segments.preview",
    "segments.read",
    "segments.export",
    "segments.members",
    "segments.reach",
    "segments.count",
    "segments.overlap",
    "dimensions.preview",
    "dimensions.counts",
    "dimensions.matrix",
    "facts.frame",
    "exports.make",
    "reports.rows",
    "reports.run",
    "rules.log",
)
"""What may be refused for what it is about: a fact that is masked for the caller, or a right beyond the first."""


@pytest.mark.parametrize("login", [*ROLES, "nothing"])
def test_what_is_known_of_a_customer(world: World, client: TestClient, login: str) -> None:
    """The record, facts, labels, segments, the whole and the timeline: of whom one sees, and of nobody else."""
    role = login if login in ROLES else None
    wrong: list[str] = []
    ids = {kind: world.customers(login, kind, 1)[0] for kind in KINDS[:3]} | {"nonexistent": str(uuid4())}
    for endpoint in Table(world.crm.registry).endpoints:
        if endpoint.method != "GET" or not endpoint.path.startswith("/customer/{id}"):
            continue
        answers = {}
        for kind, id in ids.items():
            answer = ask(client, world, login, endpoint, endpoint.path.replace("{id}", id))
            answers[kind] = bare(answer, id)
            seen = kind in WITHIN.get(scope(role, "customer", "read"), ())
            # Only the record itself says that its reader has no right at all: of the others nothing is found.
            none = scope(role, "customer", "read") == "none" and endpoint.name == "customer.get"
            wanted = "served" if seen else "refused" if none else "missing"
            if verdict(answer.status_code) != wanted:
                wrong.append(told(login, endpoint, kind, answer, wanted))
        if answers["foreign"][0] == 404 and answers["foreign"] != answers["nonexistent"]:
            wrong.append(f"{login} {endpoint.path}: {answers['foreign']} is not {answers['nonexistent']}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("login", [*reversed(ROLES), "nothing"])
def test_operations_on_no_record(world: World, client: TestClient, login: str) -> None:
    """Every operation that acts on no record: refused without the right, and whoever has it is never told otherwise."""
    role = login if login in ROLES else None
    wrong: list[str] = []
    for endpoint in Table(world.crm.registry).endpoints:
        operation = operation_of(world, endpoint)
        if operation is None or operation.target is not None or operation.name in OF_THE_KEYS:
            continue
        body = NAMED.get(operation.name) or given(operation.inputs)
        answer = ask(
            client, world, login, endpoint, endpoint.path, {"input": body} if "/operations/" in endpoint.path else body
        )
        allowed = scope(role, operation.resource, *operation.actions) != "none"
        found = verdict(answer.status_code)
        if ((found == "refused") == allowed and not (allowed and operation.name in ASKING_MORE)) or found.isdigit():
            wrong.append(told(login, endpoint, "-", answer, "served" if allowed else "refused"))
    assert not wrong, "\n".join(wrong)


OF_THE_KEYS = frozenset(("key.rotate", "key.retire", "key.promote_index", "key.drop_index"))
"""What would leave the customer base of the other tests without keys."""
ASKING_MORE = frozenset(
    (
        "export.start",
        "factor.begin",
        "factor.confirm",
        "factor.make_codes",
        "factor.remove",
        "report.schedule",
        "segment.export",
        "token.create",
        "view.share",
    )
)
"""Operations that need a second right, of what they are about, or somebody who did not come by a token."""


def test_foreign_looks_like_nonexistent_on_postgresql(templates: Templates, tmp_path: Path) -> None:
    """The same on the other database, for the role with the most mixed rights and what there is of customers."""
    settings = Settings.from_mapping({"database": templates.copy("postgresql", tmp_path)})
    with CRM.open(evolve(settings, rate_limit_api="off", rate_limit_public="off")) as crm:
        world = World(crm=crm).fill()
        with TestClient(crm.asgi(), base_url="http://localhost", raise_server_exceptions=False) as client:
            test_what_is_known_of_a_customer(world, client, "seller")
            ids = [world.customers("seller", "foreign", 1)[0], str(uuid4())]
            for endpoint in Table(crm.registry).endpoints:
                operation = operation_of(world, endpoint)
                if operation is not None and endpoint.path.startswith("/customer/{id}") and operation.target:
                    body = NAMED.get(operation.name) or given(operation.inputs)
                    path = endpoint.path
                    hidden, missing = (
                        bare(ask(client, world, "seller", endpoint, path.replace("{id}", id), body), id) for id in ids
                    )
                    assert hidden == missing
                    assert hidden[0] in (403, 404)
