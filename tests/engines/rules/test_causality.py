"""Loops: rules that would set each other off for ever end, and no run that is needed is dropped for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from crmkit import CRM, CrmSession, Customer, operation
from crmkit.core.operations.operation import Operation
from crmkit.engines.rules.causality import REPEATS, emits
from tests.engines.rules.support import SYSTEM, buy, configure, customer, do, interactions, log, save, tag, tags, work


@pytest.fixture(autouse=True)
def _business(crm: CRM) -> None:
    configure(crm)


def note(subject: str = "note") -> Mapping[str, Any]:
    """Return the action that records a note."""
    return do("interaction.record", kind='"note"', subject=f'"{subject}"')


# --- loops end -------------------------------------------------------------------------------------------------------


def test_a_rule_that_causes_its_own_event_fires_once(crm: CRM) -> None:
    """What it does sets it off again with the very values that it has read: that is a loop, and is logged as one."""
    save(crm, "echo", note(), on="interaction.recorded")
    who = customer(crm)
    buy(crm, who)
    work(crm)
    # The purchase, then a note; the note is read as something else than the purchase.
    save(crm, "parrot", tag("p"), note(), on="interaction.recorded", when='event.kind == "note"')
    crm.run(SYSTEM, "rule.disable", {"name": "echo"})
    before = interactions(crm, who, "note")
    crm.run(SYSTEM, "interaction.record", {"kind": "note", "customer_id": who})
    work(crm)
    assert (["fired", "loop"], before + 2) == (log(crm, "parrot"), interactions(crm, who, "note"))


def test_two_rules_that_set_each_other_off_end(crm: CRM) -> None:
    """A changes what B listens to, and B what A listens to, each to what the other undoes."""
    save(
        crm, "to_a", do("customer.update", industry='"it"'), on="customer.updated", when='customer.industry == "retail"'
    )
    save(
        crm, "to_b", do("customer.update", industry='"retail"'), on="customer.updated", when='customer.industry == "it"'
    )
    who = customer(crm, industry="retail")
    crm.run(SYSTEM, "customer.update", {"website": "https://example.com"}, target=who)
    work(crm)
    assert (["fired", "loop"], ["fired"]) == (log(crm, "to_a"), log(crm, "to_b"))


def test_a_loop_whose_facts_keep_changing_ends_too(crm: CRM) -> None:
    """A purchase that causes a purchase reads another count each time; it ends after a few rounds."""
    again = do("interaction.record", kind='"purchase"', amount="1", currency='"CNY"')
    save(crm, "more", again, on="interaction.recorded", when='event.kind == "purchase" and purchase.count > 0')
    who = customer(crm)
    buy(crm, who)
    work(crm)
    assert ["fired"] * REPEATS + ["loop"] == log(crm, "more")
    assert 1 + REPEATS == interactions(crm, who, "purchase")


def test_a_loop_by_way_of_a_schedule_or_a_job_is_seen(crm: CRM) -> None:
    """What a rule's operation has done by a job that it deferred is caused by the rule all the same."""
    from crmkit import Job

    def later(session: CrmSession, *, customer_id: str) -> None:
        session.run("interaction.record", {"kind": "note", "customer_id": customer_id})

    @operation("test.later", title="Later", permission="interaction.create")
    def defer(session: CrmSession, customer: Customer) -> None:
        """Record a note, later."""
        session.defer("crmkit.later", customer_id=str(customer.id))

    crm.registry.add("crmkit", "job", [Job(name="crmkit.later", handler=later, acts_as="actor")])
    crm.registry.add("crmkit", "operation", [defer])
    save(crm, "slow", do("test.later"), on="interaction.recorded", when='event.kind == "note"')
    who = customer(crm)
    crm.run(SYSTEM, "interaction.record", {"kind": "note", "customer_id": who})
    work(crm)
    assert ["fired", "loop"] == log(crm, "slow")


# --- needed runs are not dropped -------------------------------------------------------------------------------------


def test_two_changes_of_one_call_both_count(crm: CRM) -> None:
    """Two events of one transaction, which nothing but their call has in common, set a rule off twice, although it
    reads the same both times."""
    save(crm, "thanks", note("thanks"), on="interaction.recorded", when='event.kind == "purchase"')
    who = customer(crm)
    one = {"kind": "purchase", "customer_id": who, "amount": 5, "currency": "CNY"}
    with crm.transaction(SYSTEM) as session:
        session.run("interaction.record", one)
        session.run("interaction.record", one)
    work(crm)
    assert ["fired", "fired"] == log(crm, "thanks")


def test_a_rule_set_off_by_what_another_has_done_runs(crm: CRM) -> None:
    """A rule whose condition becomes true by what another rule does fires then, although it was looked at before in the
    same chain."""
    save(crm, "vip", tag("vip"), on="customer.updated", when='customer.industry == "it"')
    save(crm, "sort", do("customer.update", industry='"it"'), on="customer.updated", when="customer.industry == null")
    who = customer(crm)
    crm.run(SYSTEM, "customer.update", {"website": "https://example.com"}, target=who)
    work(crm)
    assert (["fired"], ["vip"]) == (log(crm, "vip"), tags(crm, who))


def test_a_firing_beside_an_event_is_not_behind_it(crm: CRM) -> None:
    """One event sets off two rules; what the second does sets the first off again. The first did not lead there, so it
    runs, though it reads the same as before."""
    save(crm, "count", tag("seen"), on="interaction.recorded", priority=1)
    save(crm, "other", note("other"), on="interaction.recorded", when='event.kind == "purchase"')
    who = customer(crm)
    buy(crm, who)
    work(crm)
    assert (["fired", "fired"], ["fired"]) == (log(crm, "count"), log(crm, "other"))


def test_the_same_change_in_another_call_counts_again(crm: CRM) -> None:
    """A chain ends with its call: the same rule on the same values fires again the next time."""
    save(crm, "parrot", note(), on="interaction.recorded", when='event.kind == "note"')
    who = customer(crm)
    for _time in range(2):
        crm.run(SYSTEM, "interaction.record", {"kind": "note", "customer_id": who})
        work(crm)
    assert ["fired", "loop", "fired", "loop"] == log(crm, "parrot")


def test_a_loop_for_one_customer_is_none_for_another(crm: CRM) -> None:
    """A chain that goes from one customer to the next is no circle."""
    one, two = customer(crm), customer(crm, "Ann Lee")

    @operation("test.pass_on", title="Pass on", permission="interaction.create")
    def pass_on(session: CrmSession, customer: Customer) -> None:
        """Record a note of the other customer."""
        session.run("interaction.record", {"kind": "note", "customer_id": two if customer.id == one else one})

    crm.registry.add("crmkit", "operation", [pass_on])
    save(crm, "relay", do("test.pass_on"), on="interaction.recorded", when='event.kind == "note"')
    crm.run(SYSTEM, "interaction.record", {"kind": "note", "customer_id": one})
    work(crm)
    assert [(one, "fired"), (two, "fired"), (one, "loop")] == log(crm, "relay", "customer_id", "outcome")


# --- before they are saved -------------------------------------------------------------------------------------------


def test_saving_names_how_a_rule_could_set_itself_off(crm: CRM) -> None:
    """The way leads over other rules; a value that excludes it is seen, and a rule that is off is no part of it."""
    first = save(crm, "first", note(), on="interaction.recorded", when='event.kind == "purchase"')
    alone = save(crm, "alone", note(), on="interaction.recorded", when='event.kind == "note"')
    buying = do("interaction.record", kind='"purchase"', amount="1", currency='"CNY"')
    second = save(crm, "second", buying, on="interaction.recorded", when='event.kind == "note"')
    assert ((), (("alone", "alone"),)) == (first.cycles, alone.cycles)
    assert ("second", "first", "second") in second.cycles
    crm.run(SYSTEM, "rule.disable", {"name": "first"})
    assert () == save(crm, "second", buying, on="interaction.recorded", when='event.kind == "note"').cycles


def test_the_events_of_an_operation_are_found_in_its_code(crm: CRM) -> None:
    """They are those that its function names, and the functions and operations that this one names."""
    found = {name: emits(crm.registry, name) for name in ("customer.convert", "interaction.record", "team.create")}
    assert "customer.converted" in found["customer.convert"]
    assert {"interaction.recorded", "product.created"} <= found["interaction.record"]
    assert frozenset() == found["team.create"]
    assert all(isinstance(each, Operation) for each in crm.registry.operations.values())
