"""Every shipped role on every resource with every action, on records that are one's own, the team's, of a team below,
somebody else's and nobody's: what the session shows and what the gate lets through.

What is expected is written down here, by hand, and not read from what is tested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest
from attrs import define, field
from sqlalchemy import select

from crmkit import CRM, Actor, Customer, Interaction, Product
from crmkit.core.access.catalogue import ADMINISTRATION, rights_catalogue
from crmkit.core.interactions.models import Attachment, ProductCategory
from crmkit.core.store.guard import region
from crmkit.core.store.ids import new_id
from crmkit.errors import InvalidInput, NotFound, Refused
from tests.conftest import ENGINES, Templates
from tests.security.world import SYSTEM, customer, user

PLACES = ("own", "team", "below", "foreign")
"""Where a record lies, the nearest first."""
REACH = {"none": 0, "own": 1, "team": 2, "tree": 3, "all": 4}
"""How many of the places a scope holds."""

OWN: Mapping[str, Mapping[str, str]] = {
    "token": {"own": "create revoke"},
    "session": {"own": "end end_all"},
    "factor": {"own": "begin confirm remove make_codes"},
    "account": {"own": "update"},
    "calendar": {"own": "subscribe"},
    "view": {"own": "save remove"},
}
"""What is everybody's own."""

# Per role: resource -> scope -> actions. What is not named is not allowed.
EXPECTED: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "": {},
    "manager": {
        "customer": {
            "tree": "read create update delete assign export bulk reveal convert tag untag pin_label unpin_label "
            "merge unmerge"
        },
        "interaction": {"tree": "read create update reverse export reveal record resolve resolve_participants"},
        "attachment": {"tree": "read create delete export add"},
        "product": {"all": "read create update put"},
        "product_category": {"all": "read create update"},
        "share": {"tree": "create"},
        "public_link": {"tree": "read create"},
        **OWN,
        "view": {"own": "save remove", "all": "share"},
        "import": {"all": "run revert"},
        "export": {"all": "run"},
        "report": {"tree": "read"},
        "segment": {"all": "update"},
        "goal": {"all": "update"},
    },
    "seller": {
        "customer": {"tree": "read reveal", "team": "create update convert tag untag pin_label unpin_label"},
        "interaction": {"tree": "read", "team": "create update record resolve resolve_participants"},
        "attachment": {"tree": "read", "team": "create add"},
        "product": {"all": "read"},
        "product_category": {"all": "read"},
        "share": {"team": "create"},
        "public_link": {"team": "read create"},
        **OWN,
        "report": {"team": "read"},
    },
    "marketer": {
        "customer": {"all": "read"},
        "interaction": {"all": "read"},
        "product": {"all": "read create update put"},
        "product_category": {"all": "read create update"},
        "public_link": {"all": "create"},
        **OWN,
        "report": {"all": "read"},
        "segment": {"all": "update"},
        "experiment": {"all": "read update expose save delete start stop"},
    },
    "service_agent": {
        "customer": {"all": "read create reveal"},
        "interaction": {"all": "read create update record resolve resolve_participants"},
        "attachment": {"all": "read create add"},
        "product": {"all": "read"},
        "product_category": {"all": "read"},
        "public_link": {"all": "read create"},
        **OWN,
        "report": {"team": "read"},
    },
    "analyst": {
        "customer": {"all": "read"},
        "interaction": {"all": "read"},
        "product": {"all": "read"},
        "product_category": {"all": "read"},
        **OWN,
        "report": {"all": "read all"},
    },
    "admin": {
        "*": {"all": "read"},
        **{
            name: {"all": "admin"}
            for name in (
                *("user", "role", "key", "audit", "privacy", "plugin", "business", "backup", "job", "config"),
                *("definition", "rule"),
            )
        },
        "segment": {"all": "update"},
        "goal": {"all": "update"},
        "experiment": {"all": "read update expose save delete start stop"},
        "customer": {
            "all": "read create update delete remove assign bulk convert tag untag pin_label unpin_label merge unmerge"
        },
        "interaction": {"all": "read create update reverse record resolve resolve_participants"},
        "attachment": {"all": "read create delete add"},
        "product": {"all": "read create update put"},
        "product_category": {"all": "read create update"},
        "share": {"all": "create"},
        "public_link": {"all": "create"},
        **OWN,
        "view": {"own": "save remove", "all": "share"},
        "import": {"all": "run revert"},
        "report": {"all": "read"},
    },
}
VERBS = {
    "convert": "update", "tag": "update", "untag": "update", "resolve": "update", "resolve_participants": "update",
    "put": "update", "pin_label": "update", "unpin_label": "update", "record": "create", "add": "create",
}  # fmt: skip
"""Verbs of operations that are a common action: the right to that suffices, so these are asked for with it."""
ROLES = tuple(EXPECTED)


def scope_of(role: str, resource: str, action: str) -> str:
    """Return the scope that is expected of a role."""
    rights = EXPECTED[role]
    said = [*rights.get(resource, {}).items(), *rights.get("*", {}).items()]
    return next((scope for scope, actions in said if action in actions.split()), "none")


def within(role: str, resource: str, action: str) -> set[str]:
    """Return the places in which a role is expected to be allowed an action."""
    return set(PLACES[: REACH[scope_of(role, resource, action)]])


@define(kw_only=True)
class Company:
    """Three teams, one below another; for each role a user of the first; a record of each resource in each place."""

    crm: CRM
    teams: dict[str, UUID] = field(factory=dict)
    actors: dict[str, Actor] = field(factory=dict)
    others: dict[str, Actor] = field(factory=dict)
    customers: dict[tuple[str, str], UUID] = field(factory=dict)
    """By role and place."""
    interactions: dict[tuple[str, str], UUID] = field(factory=dict)
    attachments: dict[tuple[str, str], UUID] = field(factory=dict)
    product: UUID | None = None
    category: UUID | None = None

    def records(self, resource: str) -> tuple[Any, dict[tuple[str, str], UUID]]:
        """Return the model and the records of a resource."""
        return {
            "customer": (Customer, self.customers),
            "interaction": (Interaction, self.interactions),
            "attachment": (Attachment, self.attachments),
        }[resource]


@pytest.fixture(scope="module", params=ENGINES)
def company(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Company]:
    """The company, made once for each engine: every test undoes what it does."""
    crm = CRM.open(templates.copy(request.param, tmp_path_factory.mktemp("matrix")))
    yield build(crm)
    crm.close()


def build(crm: CRM) -> Company:
    """Make the company."""
    made = Company(crm=crm)
    for name, parent in (("home", None), ("below", "home"), ("other", None)):
        values = {"name": name, "parent_id": made.teams.get(parent or "")}
        made.teams[name] = crm.run(SYSTEM, "team.create", values).id
    for name in made.teams:
        made.others[name] = user(crm, f"colleague_{name}", team=made.teams[name])
    shared = {
        place: customer(crm, place, owner=made.others[team], team=made.teams[team])
        for place, team in (("team", "home"), ("below", "below"), ("foreign", "other"))
    }
    for role in ROLES:
        actor = user(crm, role or "nobody", *filter(None, [role]), team=made.teams["home"])
        made.actors[role] = actor
        own = customer(crm, f"own {role}", owner=actor, team=made.teams["other"])
        made.customers |= {(role, place): identity for place, identity in {**shared, "own": own}.items()}
    about: dict[UUID, tuple[UUID, UUID]] = {}
    for identity in set(made.customers.values()):
        note = {"kind": "note", "customer_id": identity, "subject": "x"}
        found = crm.run(SYSTEM, "interaction.record", note).id
        about[identity] = found, attach(crm, identity)
    made.interactions = {key: about[identity][0] for key, identity in made.customers.items()}
    made.attachments = {key: about[identity][1] for key, identity in made.customers.items()}
    made.category = crm.run(SYSTEM, "product_category.create", {"name": "tea", "title": "Tea"}).id
    made.product = crm.run(SYSTEM, "product.create", {"sku": "T1", "title": "Tea"}).id
    return made


def attach(crm: CRM, customer_id: UUID) -> UUID:
    """Write the record of a file, without a file."""
    with crm.gate.writing(SYSTEM) as session:
        session.unit.stack.append("tests")
        record = Attachment(
            customer_id=customer_id,
            filename="a.txt",
            media_type="text/plain",
            size=1,
            storage_key=str(new_id()),
            actor_id="system",
        )
        session.add(record)
        session.flush()
        session.unit.stack.pop()
        return record.id


def test_every_role_has_exactly_the_rights_that_are_written_here(company: Company) -> None:
    """Every role, on every resource, with every action that can be granted."""
    crm = company.crm
    catalogue = rights_catalogue(crm.registry)
    kinds = {"customer", "interaction", "attachment", "product", "product_category"}
    assert kinds < set(catalogue)
    wrong = []
    for role in ROLES:
        with crm.session(company.actors[role]) as session:
            rights = session.gate.rights(session)
            for resource in (*ADMINISTRATION, *kinds):
                for action in catalogue[resource]:
                    asked = (VERBS[action], action) if action in VERBS else (action,)
                    found, expected = rights.scope(resource, *asked), scope_of(role, resource, action)
                    if found != expected:
                        wrong.append((role, resource, action, found, expected))
    assert wrong == []


@pytest.mark.parametrize("resource", ["customer", "interaction", "attachment"])
def test_a_session_shows_what_the_role_may_read(company: Company, resource: str) -> None:
    """Lists, counts and single records show the same: what lies in the scope, and nothing of the rest."""
    model, records = company.records(resource)
    wrong = []
    for role in ROLES:
        with company.crm.session(company.actors[role]) as session:
            listed = set(session.scalars(select(model.id)))
            for place in PLACES:
                identity = records[role, place]
                seen = (identity in listed, session.get(model, identity) is not None)
                expected = place in within(role, resource, "read")
                if seen != (expected, expected):
                    wrong.append((role, place, seen))
    assert wrong == []


def test_everybody_who_is_signed_in_reads_the_catalogue(company: Company) -> None:
    """Products and their categories are read by every role, also by a user without one."""
    found = {}
    for role in ROLES:
        with company.crm.session(company.actors[role]) as session:
            found[role] = (
                len(list(session.scalars(select(Product)))),
                len(list(session.scalars(select(ProductCategory)))),
            )
    assert found == dict.fromkeys(ROLES, (1, 1))


@pytest.mark.parametrize("resource", ["customer", "interaction", "attachment"])
def test_may_says_the_same_of_every_action(company: Company, resource: str) -> None:
    """Whether an action may be done with a record follows from the scope alone, for every action of the resource."""
    model, records = company.records(resource)
    actions = [each for each in rights_catalogue(company.crm.registry)[resource] if each not in VERBS]
    wrong = []
    for role in ROLES:
        with company.crm.session(company.actors[role]) as session:
            for place in PLACES:
                with region(session, "tests"):
                    record = session.get(model, records[role, place])
                for action in actions:
                    found = session.gate.may(session, (action,), record)
                    expected = place in within(role, resource, action) & within(role, "customer", "read")
                    if found != expected:
                        wrong.append((role, resource, action, place, found))
    assert wrong == []


class Undo(Exception):
    """Undoes a transaction that a test has looked at."""


def outcome(crm: CRM, actor: Actor, operation: str, values: dict[str, Any], target: Any = None) -> str:
    """Run an operation and undo it; return what came of it."""
    try:
        with crm.transaction(actor) as session:
            session.run(operation, values, target=target)
            raise Undo
    except Undo:
        return "done"
    except NotFound:
        return "not found"
    except Refused:
        return "refused"
    except InvalidInput as error:
        return "not found" if "There is no such" in error.render() else error.render()


CUSTOMER_OPERATIONS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "customer.update": ("update", {"name": "New"}),
    "customer.convert": ("update", {}),
    "customer.tag": ("update", {"names": ["vip"]}),
    "contact_point.add": ("update", {"kind": "email", "value": "a@example.com"}),
    "consent.record": ("update", {"purpose": "marketing", "channel": "email", "granted": True}),
    "customer.delete": ("delete", {}),
    "customer.remove": ("remove", {}),
}


@pytest.mark.parametrize("operation", CUSTOMER_OPERATIONS)
def test_the_gate_lets_the_same_through(company: Company, operation: str) -> None:
    """An operation runs on what lies in the role's scope, is refused on what is only seen, and finds nothing of what is
    hidden or of what is not there; both say the same."""
    action, values = CUSTOMER_OPERATIONS[operation]
    wrong = []
    for role in ROLES:
        for place in (*PLACES, "nonexistent"):
            target = company.customers.get((role, place)) or new_id()
            found = outcome(company.crm, company.actors[role], operation, values, target)
            if scope_of(role, "customer", action) == "none":
                expected = "refused"
            elif place not in within(role, "customer", "read"):
                expected = "not found"
            else:
                expected = "done" if place in within(role, "customer", action) else "refused"
            if found != expected:
                wrong.append((role, place, found, expected))
    assert wrong == []


def test_a_record_cannot_be_created_beyond_the_scope(company: Company) -> None:
    """A customer can be added where the role may add customers, and not into another's hands or team."""
    owners = {"own": None, "team": "home", "below": "below", "foreign": "other"}
    wrong = []
    for role in ROLES:
        actor = company.actors[role]
        for place, team in owners.items():
            values = {
                "name": "New",
                "owner_id": actor.user_id if team is None else company.others[team].user_id,
                "team_id": company.teams[team or "other"],
            }
            found = outcome(company.crm, actor, "customer.create", values)
            expected = "done" if place in within(role, "customer", "create") else "refused"
            if found != expected:
                wrong.append((role, place, found, expected))
    assert wrong == []


def test_interactions_are_recorded_within_the_scope(company: Company) -> None:
    """An interaction can be recorded with customers in the role's scope; of a hidden customer nothing is said."""
    wrong = []
    for role in ROLES:
        for place in (*PLACES, "nonexistent"):
            about = company.customers.get((role, place)) or new_id()
            values = {"kind": "note", "customer_id": about, "subject": "x"}
            found = outcome(company.crm, company.actors[role], "interaction.record", values)
            if scope_of(role, "interaction", "create") == "none":
                expected = "refused"
            elif place not in within(role, "customer", "read"):
                expected = "not found"
            else:
                expected = "done" if place in within(role, "interaction", "create") else "refused"
            if found != expected:
                wrong.append((role, place, found, expected))
    assert wrong == []


ADMINISTRATIVE: Mapping[str, tuple[str, Callable[[Company], dict[str, Any]], Callable[[Company], Any]]] = {
    "user.create": ("user.admin", lambda c: {"login": "new", "name": "New"}, lambda c: None),
    "user.deactivate": ("user.admin", lambda c: {}, lambda c: c.others["home"].user_id),
    "team.create": ("user.admin", lambda c: {"name": "New"}, lambda c: None),
    "role.create": ("role.admin", lambda c: {"name": "new"}, lambda c: None),
    "user.assign_role": ("role.admin", lambda c: {"role": "seller"}, lambda c: c.others["home"].user_id),
    "option.add": ("business.admin", lambda c: {"list_name": "source", "value": "fair"}, lambda c: None),
    "product.create": ("product.create", lambda c: {"sku": "T2", "title": "Tea"}, lambda c: None),
    "product.update": ("product.update", lambda c: {"title": "Tea"}, lambda c: c.product),
    "product_category.update": ("product_category.update", lambda c: {"title": "Tea"}, lambda c: c.category),
}


@pytest.mark.parametrize("operation", ADMINISTRATIVE)
def test_administration_is_for_those_who_may(company: Company, operation: str) -> None:
    """Operations on users, roles, settings and the catalogue run for the roles that may, and for no others."""
    right, values, target = ADMINISTRATIVE[operation]
    resource, _dot, action = right.rpartition(".")
    found = {
        role: outcome(company.crm, company.actors[role], operation, values(company), target(company)) for role in ROLES
    }
    assert found == {role: "done" if scope_of(role, resource, action) == "all" else "refused" for role in ROLES}


def test_no_operation_is_left_out(company: Company) -> None:
    """Whether a role may run an operation at all follows from what is written here, for every operation there is."""
    wrong = []
    for role in ROLES:
        with company.crm.session(company.actors[role]) as session:
            for operation in company.crm.registry.operations.values():
                scopes = [scope_of(role, operation.resource, action) for action in operation.actions]
                expected = any(scope != "none" for scope in scopes)
                try:
                    session.gate.permits.check(session, operation)
                    found = True
                except Refused:
                    found = False
                if found != expected:
                    wrong.append((role, operation.name, operation.permission, found))
    assert wrong == []
