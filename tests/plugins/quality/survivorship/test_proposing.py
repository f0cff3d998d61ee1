"""Proposals, and merging by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from crmkit_quality.api import Proposal, lineage, propose

from crmkit.app import CRM
from crmkit.core.customers.models import Customer
from crmkit.errors import InvalidInput, NotFound
from tests.plugins.quality.survivorship.conftest import ACTOR

Maker = Callable[..., UUID]


def proposal(crm: CRM, first: UUID, second: UUID, **options: Any) -> Proposal:
    """Return how two records would be merged."""
    with crm.session(ACTOR) as session:
        return propose(session, first, second, **options)


def enrich(crm: CRM, customer: UUID, source: str, **values: Any) -> None:
    """Write values in the name of a source."""
    crm.run(ACTOR, "quality.customer.enrich", {"source": source, "values": values}, target=customer)


def test_the_record_with_more_history_survives(quality: CRM, make: Maker) -> None:
    """Whatever the order in which they are named; then the older one; unless somebody says another."""
    old, new = make(), make()
    assert [old, old] == [proposal(quality, *pair).survivor_id for pair in ((old, new), (new, old))]
    quality.run(ACTOR, "customer.update", {"city": "Rome"}, target=new)
    found = proposal(quality, old, new)
    assert (new, old, "More has happened to it.") == (found.survivor_id, found.absorbed_id, str(found.because))
    assert proposal(quality, old, new, survivor_id=old).survivor_id == old


@pytest.mark.parametrize(
    ("strategy", "survives"), [("oldest", "old"), ("most_complete", "full"), ("trusted_source", "trusted")]
)
def test_which_record_survives_can_be_ruled(
    quality: CRM, make: Maker, rule: Callable[..., Any], strategy: str, survives: str
) -> None:
    """Age, completeness or trust decide in place of history."""
    old = make(source="vendor")
    other = {
        "old": lambda: make(source="vendor", city="Rome"),
        "full": lambda: make(source="vendor", city="Rome", job_title="Countess"),
        "trusted": lambda: make(source="erp"),
    }[survives]()
    rule("record", strategy)
    if survives == "old":
        quality.run(ACTOR, "customer.update", {"city": "Oslo"}, target=other)
    assert (old if survives == "old" else other) == proposal(quality, old, other).survivor_id


def test_each_field_is_decided_by_its_rule(quality: CRM, make: Maker, rule: Callable[..., Any]) -> None:
    """With the rule and the reason for it; what a person has to decide is open, and has no choice."""
    kept = make(city="Rome", job_title="Countess", language="en", gender="female", source="vendor")
    gone = make(city="Oslo", job_title="Analyst of engines", language="de", gender="male", source="erp", occupation="x")
    rule("*", "trusted_source")
    rule("job_title", "longest")
    rule("language", "survivor")
    rule("gender", "manual")
    found = proposal(quality, kept, gone, survivor_id=kept)
    city = found.of("city")
    assert city is not None
    assert ("absorbed", "trusted_source", "Vendor", "ERP", 30, 90) == (
        city.take,
        city.rule,
        city.survivor_source,
        city.absorbed_source,
        city.survivor_trust,
        city.absorbed_trust,
    )
    assert str(city.because) == "ERP is trusted more (90) than Vendor (30)."
    taken = {choice.field: choice.take for choice in found.choices}
    assert {"city": "absorbed", "job_title": "absorbed", "language": "survivor", "source": "absorbed"} == {
        name: take for name, take in taken.items() if name not in ("country", "province")
    }
    assert ["gender"] == [one.field for one in found.open]
    alone = found.of("occupation")
    assert alone is not None
    assert (alone.take, alone.choice, str(alone.because)) == ("absorbed", None, "Only this record has a value.")


def test_what_belongs_together_is_taken_from_one_record(quality: CRM, make: Maker, rule: Callable[..., Any]) -> None:
    """A city comes with its country, and a name with its parts."""
    kept = make(name="Li Wei", family_name="Li", given_name="Wei", city="Rome", country="IT", source="vendor")
    gone = make(name="Ada King", family_name="King", given_name="Ada", city="Oslo", country="NO", source="erp")
    rule("city", "trusted_source")
    rule("name", "longest")
    found = proposal(quality, kept, gone, survivor_id=kept)
    taken = {choice.field: choice.take for choice in found.choices}
    assert ("absorbed", "absorbed") == (taken["city"], taken["country"])
    assert {"absorbed"} == {taken[name] for name in ("name", "family_name", "given_name")}


def test_without_rules_the_survivors_values_stay(quality: CRM, make: Maker) -> None:
    """As a merge does it by itself."""
    kept, gone = make(city="Rome"), make(city="Oslo", job_title="Countess")
    result = quality.run(ACTOR, "quality.customer.merge", {"first": gone, "second": kept, "survivor": kept})
    assert (kept, gone) == (result.customer_id, result.absorbed_id)
    with quality.session(ACTOR) as session:
        customer = session.get_one(Customer, kept)
        assert ("Rome", "Countess") == (customer.city, customer.job_title)


def test_merging_by_rules_keeps_where_values_came_from(quality: CRM, make: Maker, rule: Callable[..., Any]) -> None:
    """Each value of the merged record names the record and the source that it came from."""
    kept, gone = make(city="Rome"), make(city="Oslo")
    enrich(quality, gone, "erp", city="Bern", job_title="Countess")
    enrich(quality, kept, "vendor", website="https://ada.example")
    rule("*", "trusted_source")
    quality.run(ACTOR, "quality.customer.merge", {"first": kept, "second": gone, "survivor": kept})
    with quality.session(ACTOR) as session:
        found = {one.field: one for one in lineage(session, kept)}
    city, job, site = found["city"], found["job_title"], found["website"]
    assert ("Bern", "ERP", 90, gone) == (city.value, city.source, city.trust, city.record_id)
    assert ("Countess", "ERP", gone) == (job.value, job.source, job.record_id)
    assert ("Vendor", kept, None) == (site.source, site.record_id, site.merge_id)
    assert ["Rome"] == [one.value for one in city.earlier]


def test_open_fields_have_to_be_decided(quality: CRM, make: Maker, rule: Callable[..., Any]) -> None:
    """Merging by rules names what a person has to decide, and takes the decision before any rule."""
    kept, gone = make(city="Rome", gender="female"), make(city="Oslo", gender="male")
    rule("gender", "manual")
    values = {"first": kept, "second": gone, "survivor": kept}
    with pytest.raises(InvalidInput) as refused:
        quality.run(ACTOR, "quality.customer.merge", values)
    assert ["choices.gender"] == [problem.field for problem in refused.value.problems]
    choices = [{"field": "gender", "take": "absorbed"}, {"field": "city", "take": "value", "value": "Bern"}]
    quality.run(ACTOR, "quality.customer.merge", {**values, "choices": choices})
    with quality.session(ACTOR) as session:
        customer = session.get_one(Customer, kept)
        assert ("male", "Bern") == (customer.gender, customer.city)


def test_nobody_is_merged_with_whom_there_is_not(quality: CRM, make: Maker) -> None:
    """Unknown customers, and a survivor who is neither, are refused."""
    one, other = make(), make()
    with pytest.raises(NotFound):
        proposal(quality, one, uuid4())
    with pytest.raises(InvalidInput):
        quality.run(ACTOR, "quality.customer.merge", {"first": one, "second": other, "survivor": uuid4()})
