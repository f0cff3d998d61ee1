"""Attacks by ids: every operation on records, for every shipped role, on a record that is hidden and on one that is not
there. Generated from the operations there are, so that a new one is attacked as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen

from crmkit import CRM, Actor
from crmkit.core.store.ids import new_id
from crmkit.errors import CrmkitError
from tests.conftest import ENGINES, Templates
from tests.security.world import SYSTEM, customer, user

# What operations need beside their target; all others need nothing.
VALUES: Mapping[str, Mapping[str, Any]] = {
    "consent.record": {"purpose": "marketing", "channel": "email", "granted": True},
    "contact_point.add": {"kind": "email", "value": "new@example.com"},
    "customer.merge": {"absorb": new_id()},
    "customer.unmerge": {"merge": new_id()},
    "customer.pin_label": {"dimension": "value", "label": "high"},
    "customer.unpin_label": {"dimension": "value"},
    "customer.reveal": {"reason": "a call"},
    "customer.tag": {"names": ["vip"]},
    "customer.untag": {"names": ["vip"]},
    "interaction.reverse": {"reason": "wrong"},
    "loyalty.account.share": {"customer_id": new_id()},
    "loyalty.points.adjust": {"points": 5, "reason": "a call"},
    "loyalty.points.transfer": {"to_account_id": new_id(), "points": 5},
    "loyalty.redemption.move": {"to": "delivered"},
    "loyalty.tier.grant": {"tier": "gold", "reason": "a call"},
    "interaction.resolve": {"customer_id": new_id()},
    "sales.opportunity.plan": {"what": "Call", "on": date(2030, 1, 2)},
    "sales.opportunity.set_lines": {"currency": "EUR", "lines": []},
    "sales.opportunity.transfer": {"pipeline": "standard"},
    "relationship.add": {"other_id": new_id(), "kind": "partner"},
    "sales.opportunity.move": {"stage": "proposal"},
    "privacy.erase": {"reason": "asked for"},
    "privacy.hold": {"reason": "asked for"},
    "privacy.release": {"reason": "asked for"},
}
# Inputs that name a record: operation, its other inputs, the name of the input, the model it names.
NAMING: tuple[tuple[str, Mapping[str, Any], str, str], ...] = (
    ("relationship.add", {"kind": "partner"}, "other_id", "Customer"),
    ("customer.merge", {}, "absorb", "Customer"),
    ("customer.update", {}, "parent_id", "Customer"),
    ("customer.create", {"name": "New"}, "parent_id", "Customer"),
    ("interaction.record", {"kind": "note", "subject": "x"}, "customer_id", "Customer"),
    ("interaction.record", {"kind": "note", "subject": "x"}, "about_id", "Interaction"),
    ("loyalty.member.join", {"program": "club"}, "customer_id", "Customer"),
    ("loyalty.points.spend", {"program": "club", "points": 5}, "customer_id", "Customer"),
    ("loyalty.hold.create", {"program": "club", "points": 5}, "customer_id", "Customer"),
    ("loyalty.redemption.create", {"reward": "cup"}, "customer_id", "Customer"),
    ("loyalty.grant.import", {"program": "club", "points": 5}, "customer_id", "Customer"),
    ("share.create", {"resource": "customer", "action": "read"}, "record_id", "Customer"),
    ("sales.opportunity.create", {"title": "x"}, "customer_id", "Customer"),
    ("token.revoke", {}, "token_id", "Token"),
)


@frozen(kw_only=True)
class Target:
    """A company of which one team's sellers and managers see nothing of the other's records."""

    crm: CRM
    actors: Mapping[str, Actor]
    mine: UUID
    hidden: Mapping[str, UUID]
    """By name of the model."""


@pytest.fixture(scope="module", params=ENGINES)
def target(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    """The company, made once for each engine: every test undoes what it does."""
    crm = CRM.open(templates.copy(request.param, tmp_path_factory.mktemp("existence")))
    crm.enable("sales")
    crm.enable("loyalty")
    north, south = (crm.run(SYSTEM, "team.create", {"name": name}).id for name in ("North", "South"))
    actors = {name: user(crm, name, name, team=north) for name in ("seller", "manager")}
    actors["nobody"] = user(crm, "nobody", team=north)
    other = user(crm, "other", "manager", team=south)
    hidden = customer(crm, "Hidden", owner=other, team=south, email="hidden@example.com")
    part = customer(crm, "Hidden part", owner=other, team=south)
    with crm.session(SYSTEM) as session:
        point = session.get_one(_model(crm, "Customer"), hidden).contact_points[0].id
    related = {"other_id": part, "kind": "partner"}
    share = {"resource": "customer", "record_id": hidden, "user_id": actors["nobody"].user_id}
    opportunity = {"customer_id": hidden, "title": "Hidden"}
    yield Target(
        crm=crm,
        actors=actors,
        mine=customer(crm, "Mine", owner=actors["seller"], team=north),
        hidden={
            "Customer": hidden,
            "ContactPoint": point,
            "Relationship": crm.run(SYSTEM, "relationship.add", related, target=hidden).id,
            "Interaction": crm.run(
                SYSTEM, "interaction.record", {"kind": "note", "subject": "x", "customer_id": hidden}
            ).id,
            "Share": crm.run(other, "share.create", share).id,
            "Token": crm.run(other, "token.create", {"name": "t", "scopes": ["customer.read"]}).id,
            "Opportunity": crm.run(SYSTEM, "sales.opportunity.create", opportunity).id,
            **_points(crm, hidden),
        },
    )
    crm.close()


def _points(crm: CRM, customer_id: UUID) -> dict[str, UUID]:
    """Have a customer take part in a loyalty programme, and return what there is of theirs."""

    def run(name: str, target: UUID | None = None, /, **values: Any) -> Any:
        return crm.run(SYSTEM, name, values, target=target)

    run("loyalty.program.create", name="club")
    run("loyalty.point_type.create", program="club", name="points", transferable=True)
    run("loyalty.tier_metric.create", name="earned", source="points")
    run("loyalty.tier.create", name="basic", level=0)
    run("loyalty.tier.create", name="gold", level=1, reach={"earned": "500"})
    run("loyalty.reward.create", name="cup", points=5)
    member = run("loyalty.member.join", customer_id=customer_id)
    run("loyalty.points.adjust", member.account_id, points=100, reason="a call")
    spent = run("loyalty.points.spend", customer_id=customer_id, points=5)
    return {
        "Member": member.id,
        "Account": member.account_id,
        "Transaction": spent.id,
        "Hold": run("loyalty.hold.create", customer_id=customer_id, points=5).id,
        "Redemption": run("loyalty.redemption.create", customer_id=customer_id, reward="cup").id,
    }


def _model(crm: CRM, name: str) -> Any:
    return next(model for model in crm.registry.models.values() if model.__name__ == name)


class Undo(Exception):
    """Undoes a transaction that a test has looked at."""


def answer(target: Target, actor: Actor, operation: str, values: Mapping[str, Any], record: UUID | None) -> str:
    """Run an operation and undo it; return what it said, without the ids that were named."""
    named = [str(value) for value in (record, *values.values()) if isinstance(value, UUID)]
    try:
        with target.crm.transaction(actor) as session:
            session.run(operation, values, target=record)
            raise Undo
    except Undo:
        return "done"
    except CrmkitError as error:
        said = f"{type(error).__name__}: {error.render()}"
    for each in named:
        said = said.replace(each, "…")
    return said


@pytest.mark.parametrize("role", ["seller", "manager", "nobody"])
def test_every_operation_says_the_same_of_a_hidden_target_and_of_none(target: Target, role: str) -> None:
    """No operation lets its caller tell a record that is hidden from one that is not there, nor does anything to it."""
    wrong, tried = [], 0
    for operation in target.crm.registry.operations.values():
        known = None if operation.target is None else target.hidden.get(operation.target.__name__)
        if known is None:
            continue
        tried += 1
        values = VALUES.get(operation.name, {})
        found = [answer(target, target.actors[role], operation.name, values, each) for each in (known, new_id())]
        if found[0] != found[1] or not found[0].startswith(("NotFound", "Refused")):
            wrong.append((operation.name, *found))
    assert tried > 30
    assert wrong == []


@pytest.mark.parametrize(("operation", "values", "name", "model"), NAMING)
def test_an_input_that_names_a_hidden_record_says_the_same(
    target: Target, operation: str, values: Mapping[str, Any], name: str, model: str
) -> None:
    """A reference to a hidden record is refused in the words for one that is not there."""
    known = target.crm.registry.operation(operation)
    record = target.mine if known.target is not None else None
    if operation == "share.create":
        values = {**values, "user_id": target.actors["nobody"].user_id}
    for role in ("seller", "manager"):
        found = [
            answer(target, target.actors[role], operation, {**values, name: each}, record)
            for each in (target.hidden[model], new_id())
        ]
        assert found[0] == found[1]
        assert found[0].startswith(("NotFound", "Refused", "NotAMember")) or "There is no" in found[0]
