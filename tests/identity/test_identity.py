"""Merging and undoing it is the identity: over every table of the kernel and of every plugin, byte by byte."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.customers.models import Consent
from crmkit.core.interactions.models import Attachment, Interaction
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.reading import values_of
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.identity.plans import plan_unmerge
from tests.identity.bases import ADMIN, DEEDS, Deed, differences, merge, newcomer, rows_of, unmerge

deeds = st.lists(st.tuples(st.sampled_from(DEEDS), st.booleans(), st.integers(0, 20)), max_size=14)
choices = st.lists(
    st.builds(
        lambda field, take: {"field": field, "take": take},
        st.sampled_from(["name", "city", "birth_date", "identity_number", "custom.allergies", "parent_id", "gender"]),
        st.sampled_from(["survivor", "absorbed"]),
    ),
    unique_by=lambda choice: choice["field"],
    max_size=4,
)
quick = settings(
    max_examples=12,
    deadline=None,
    # Each example adds to one database, where a smaller one would not find again what a larger one has found.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@quick
@given(done=deeds, chosen=choices)
def test_undoing_a_merge_is_the_identity(full: CRM, done: list[tuple[Deed, bool, int]], chosen: Any) -> None:
    """Whatever both had, in whatever way they were merged: every row is again as it was."""
    survivor, absorbed = newcomer(full, "Anna Meier"), newcomer(full, "Anna Meyer")
    for deed, first, number in done:
        deed(full, survivor if first else absorbed, number)
    before = rows_of(full)
    merged = merge(full, survivor, absorbed, choices=chosen)
    assert differences(before, rows_of(full)) != {}
    with full.session(ADMIN) as session:
        plan = plan_unmerge(session, merged.merge_id)
    assert (plan.conflicts, plan.later, plan.refusal) == ((), (), "")
    unmerge(full, survivor, merged.merge_id)
    assert differences(before, rows_of(full)) == {}


@quick
@given(done=deeds, later=st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 20)), min_size=1, max_size=6))
def test_nothing_is_lost_with_activity_between(
    full: CRM, done: list[tuple[Deed, bool, int]], later: list[tuple[Deed, int]]
) -> None:
    """What was recorded before is whose it was, what came later is the survivor's, and the numbers add up."""
    survivor, absorbed = newcomer(full, "Anna Meier"), newcomer(full, "Anna Meyer")
    for deed, first, number in done:
        deed(full, survivor if first else absorbed, number)
    theirs, ours = streams(full, absorbed), streams(full, survivor)
    merged = merge(full, survivor, absorbed)
    for deed, number in later:
        deed(full, survivor, number)
    together = streams(full, survivor)
    assert {*theirs, *ours} <= together
    unmerge(full, survivor, merged.merge_id, on_conflict="keep")
    assert streams(full, absorbed) == theirs
    assert streams(full, survivor) == together - theirs
    assert (purchases(full, survivor), purchases(full, absorbed)) == (
        sum(name == "purchase" for _id, name in together - theirs),
        sum(name == "purchase" for _id, name in theirs),
    )


def streams(crm: CRM, who: UUID) -> set[tuple[UUID, str]]:
    """Return what happened with a customer: which interactions of which kind, consents and attachments."""
    found: set[tuple[UUID, str]] = set()
    with crm.session(ADMIN) as session:
        found |= {(row[0], row[1]) for row in session.execute(_of(Interaction, who, Interaction.kind)).all()}
        found |= {(row[0], "consent") for row in session.execute(_of(Consent, who)).all()}
        found |= {(row[0], "file") for row in session.execute(_of(Attachment, who)).all()}
    return found


def _of(model: Any, who: UUID, *columns: Any) -> Any:
    return select(model.id, *columns).where(model.customer_id == who)


def purchases(crm: CRM, who: UUID) -> int:
    """Return how many purchases a customer has made, as a fact."""
    with crm.session(ADMIN) as session:
        ref = catalogue_of(session).ref("purchase.count")
        return int(values_of(session, [ref], [who], moment_of(session)).get(who, {}).get(ref) or 0)
