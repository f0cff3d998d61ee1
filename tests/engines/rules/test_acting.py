"""Acting as somebody else within a job: nobody gets more rights by a rule than he has, and nothing goes missing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from crmkit import CRM, Actor, Conflict, CrmSession, Customer, Job, Subscription, operation
from crmkit.core.operations.tables import AuditRecord, JobRecord
from crmkit.security.audit.verify import audit_verify
from tests.engines.rules.support import SYSTEM, configure, customer, do, log, save, tag, tags, work


@pytest.fixture
def publisher(crm: CRM) -> Actor:
    """A user who may do all that the tests' rules do."""
    configure(crm)
    role: UUID = crm.run(SYSTEM, "role.create", {"name": "ruler", "title": "Ruler"}).id
    for resource in ("rule", "customer", "interaction"):
        crm.run(SYSTEM, "role.grant", {"resource": resource, "action": "*", "scope": "all"}, target=role)
    made = crm.run(SYSTEM, "user.create", {"login": "wang", "name": "Wang"})
    crm.run(SYSTEM, "user.assign_role", {"role": "ruler"}, target=made.id)
    return Actor.user(made.id, "wang")


def test_a_job_that_a_rule_defers_is_its_publishers(crm: CRM, publisher: Actor) -> None:
    """It runs as the publisher, not as the job that carried the rule out, which is in system scope."""
    ran: list[str] = []

    def later(session: CrmSession) -> None:
        ran.append(session.actor.id)

    @operation("test.later", title="Later", permission="customer.update")
    def defer(session: CrmSession, customer: Customer) -> None:
        """Defer the job."""
        session.defer("crmkit.later")

    crm.registry.add("crmkit", "job", [Job(name="crmkit.later", handler=later, acts_as="actor")])
    crm.registry.add("crmkit", "operation", [defer])
    save(crm, "slow", do("test.later"), actor=publisher, on="customer.created")
    customer(crm)
    work(crm)
    assert ([publisher.id], ["fired"]) == (ran, log(crm, "slow"))
    with crm.session(SYSTEM) as session:
        states = session.execute(select(JobRecord.actor_id).where(JobRecord.name == "crmkit.later")).scalars().all()
    assert [publisher.id] == list(states)


def test_what_a_rule_does_is_audited_as_its_publishers(crm: CRM, publisher: Actor) -> None:
    """Each operation has its record, the refused ones too, under the correlation of the call that it all began with;
    the log verifies."""
    save(crm, "mixed", tag("x"), actor=publisher, on="customer.created", priority=1)
    save(crm, "again", do("customer.restore"), actor=publisher, on="customer.created")
    who = customer(crm)
    work(crm)
    customer(crm, "Ann Lee")
    work(crm)
    with crm.session(SYSTEM) as session:
        table: Any = AuditRecord
        rows = session.execute(
            select(table.operation, table.outcome, table.correlation_id)
            .where(table.actor_id == publisher.id, table.operation.like("customer.%"))
            .order_by(table.recorded_at, table.id)
        ).all()
    assert [("customer.restore", "failed"), ("customer.tag", "done")] == sorted({(row[0], row[1]) for row in rows})
    assert 2 == len({row[2] for row in rows})
    assert {row[2] for row in rows} == set(log(crm, "mixed", "correlation_id"))
    assert ["x"] == tags(crm, who)
    assert audit_verify(crm, SYSTEM).intact


def test_a_veto_undoes_one_firing(crm: CRM, publisher: Actor) -> None:
    """A subscription before the commit is told within each firing: what it refuses costs that customer alone."""

    def refuse(session: CrmSession, event: Any) -> None:
        if session.get_one(Customer, event.customer_ids[0]).industry == "it":
            raise Conflict("not for Ann")

    crm.registry.add(
        "crmkit",
        "subscription",
        [Subscription(name="crmkit.veto", event="customer.tagged", handler=refuse, phase="before_commit")],
    )
    save(crm, "tagging", tag("x"), actor=publisher, on="customer.created")
    with crm.transaction(SYSTEM) as session:
        made = [session.run("customer.create", {"name": "Ann", "industry": each}) for each in ("retail", "it")]
        ids = [each.id for each in made]
    work(crm)
    assert ([["x"], []], ["failed", "fired"]) == ([tags(crm, who) for who in ids], sorted(log(crm, "tagging")))


def test_a_token_takes_its_limits_into_its_rules(crm: CRM, publisher: Actor) -> None:
    """A rule that was published by way of a token may do what the token may, although its owner may do more."""
    from attrs import evolve

    narrow = evolve(publisher, limits=("rule.admin", "customer.read", "customer.update"))
    save(crm, "narrow", tag("x"), actor=narrow, on="customer.created")

    @operation("test.reach", title="Reach", permission="customer.update")
    def reach(session: CrmSession, customer: Customer) -> None:
        """Do what the token does not reach."""
        session.run("customer.delete", target=customer)

    crm.registry.add("crmkit", "operation", [reach])
    save(crm, "far", do("test.reach"), actor=narrow, on="customer.created")
    save(crm, "wide", do("test.reach"), actor=publisher, on="customer.created", when='customer.industry == "it"')
    who, other = customer(crm), customer(crm, "Ann Lee", industry="it")
    work(crm)
    assert (["x"], ["refused", "refused"]) == (tags(crm, who), log(crm, "far"))
    with crm.session(SYSTEM) as session:
        assert session.get_one(Customer, other).deleted_at is not None
