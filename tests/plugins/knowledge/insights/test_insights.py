"""What is known of a customer: noting it, what replaces what, confirming, correcting and withdrawing it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from attrs import asdict
from crmkit_knowledge.insights.errors import InsightInState, InsightReplaced
from crmkit_knowledge.insights.models import Insight, InsightEvent
from sqlalchemy import select

from crmkit import InvalidInput, NotFound, merges_of
from crmkit.errors import AlreadyExists, Refused
from tests.plugins.knowledge.base import Base
from tests.plugins.knowledge.insights.known import (
    DAY,
    START,
    act,
    current,
    customer,
    due,
    insight,
    noted,
    promised,
    story,
)


def test_what_is_noted_has_a_source_a_confidence_and_an_expiry(both: Base) -> None:
    lin = customer(both, owner="mia")
    found = insight(both, noted(both, lin, "contact_time", " Mornings ", "mia", source="observed"))
    assert ("Mornings", "preference", "observed", "current") == (found.text, found.kind, found.source, found.state)
    assert (Decimal("0.75"), START) == (found.confidence, found.learnt_at)
    assert (date(2028, 2, 29), both.users["mia"]) == (found.expires_on, found.owner_id)
    assert story(both, found.id) == [("noted", "current")]


@pytest.mark.parametrize(
    ("said", "number"),
    [("sure", "0.95"), ("Likely", "0.75"), ("guess", "0.4"), ("0.5", "0.5"), ("1", "1"), ("0", "0"), ("", "0.95")],
)
def test_confidence_is_a_word_or_a_number(base: Base, said: str, number: str) -> None:
    assert insight(base, noted(base, customer(base), confidence=said)).confidence == Decimal(number)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"confidence": "1.1"}, "confidence"),
        ({"confidence": "nan"}, "confidence"),
        ({"confidence": "maybe"}, "confidence"),
        ({"confidence": "²"}, "confidence"),
        ({"text": "  "}, "text"),
        ({"learnt_at": START + timedelta(minutes=1)}, "learnt_at"),
        ({"expires_on": date(2027, 2, 28)}, "expires_on"),
        ({"due_on": date(2027, 3, 5)}, "due_on"),
        ({"kind": "promise"}, "due_on"),
        ({"kind": "promise", "due_on": date(2027, 2, 28)}, "due_on"),
        ({"kind": "promise", "due_on": date(2027, 3, 5), "expires_on": date(2027, 4, 1)}, "expires_on"),
        ({"ref": "nothing"}, "ref"),
        ({"kind": "secret"}, "kind"),
    ],
)
def test_what_is_not_right_is_refused(base: Base, values: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        noted(base, customer(base), **values)  # type: ignore[arg-type]
    assert [each.field for each in caught.value.problems] == [field]


def test_a_topic_is_one_of_the_list(base: Base) -> None:
    with pytest.raises(NotFound, match="contact_time"):
        noted(base, customer(base), "contact-time")
    with pytest.raises(NotFound):
        noted(base, uuid4())


def test_a_newer_one_replaces_the_older_and_history_stays(both: Base) -> None:
    lin = customer(both)
    old = noted(both, lin, text="Paper")
    both.clock.advance(days=1)
    new = noted(both, lin, text="Glass")
    found = insight(both, old)
    assert ("superseded", new, START + DAY) == (found.state, found.superseded_by_id, found.ended_at)
    assert "Paper" == found.text
    assert [new] == current(both, lin)
    assert story(both, old) == [("noted", "current"), ("superseded", "superseded")]


def test_what_was_learnt_before_does_not_replace_what_holds(base: Base) -> None:
    lin = customer(base)
    new = noted(base, lin)
    late = noted(base, lin, text="Once it was foil", learnt_at=START - 10 * DAY)
    found = insight(base, late)
    assert ("superseded", new, START) == (found.state, found.superseded_by_id, found.ended_at)
    assert [new] == current(base, lin)


def test_what_was_confirmed_since_is_the_newer_one(base: Base) -> None:
    lin = customer(base)
    old = noted(base, lin)
    base.clock.advance(days=5)
    act(base, "confirm", old)
    late = noted(base, lin, learnt_at=START + 3 * DAY)
    assert [old] == current(base, lin)
    assert insight(base, late).superseded_by_id == old


def test_kinds_and_customers_do_not_replace_each_other(base: Base) -> None:
    lin, wang = customer(base), customer(base, "Wang")
    held = [noted(base, lin), noted(base, lin, kind="constraint"), noted(base, wang)]
    assert sorted(held) == sorted(current(base, lin) + current(base, wang))


def test_of_some_topics_there_are_several(base: Base) -> None:
    lin = customer(base)
    both_hold = [noted(base, lin, "allergy", text) for text in ("Nuts", "Milk")]
    assert both_hold == current(base, lin)
    assert insight(base, both_hold[0]).kind == "constraint"


def test_confirming_renews_confidence_and_expiry(base: Base) -> None:
    found = noted(base, customer(base), "contact_time", source="inferred")
    base.clock.advance(days=100)
    act(base, "confirm", found)
    after = insight(base, found)
    assert (Decimal("0.95"), START + 100 * DAY) == (after.confidence, after.confirmed_at)
    assert after.expires_on == date(2028, 2, 29) + 100 * DAY
    act(base, "confirm", found, confidence="likely", expires_on=date(2027, 7, 1))
    after = insight(base, found)
    assert (Decimal("0.75"), date(2027, 7, 1)) == (after.confidence, after.expires_on)


def test_what_the_topic_does_not_limit_holds_as_long_again(base: Base) -> None:
    found = noted(base, customer(base), "occasion", "Wedding", expires_on=date(2027, 3, 11))
    base.clock.advance(days=4)
    act(base, "confirm", found)
    assert insight(base, found).expires_on == date(2027, 3, 15)


def test_what_expired_is_marked_and_holds_again_when_confirmed(both: Base) -> None:
    lin = customer(both)
    found = noted(both, lin, expires_on=date(2027, 3, 5))
    both.clock.set(datetime.fromisoformat("2027-03-05T22:59:00+00:00"))
    due(both)
    assert [found] == current(both, lin)
    both.clock.set(datetime.fromisoformat("2027-03-05T23:00:00+00:00"))
    due(both)
    assert ("expired", both.clock.as_clock().business_now()) == (
        insight(both, found).state,
        insight(both, found).ended_at,
    )
    act(both, "confirm", found)
    assert [found] == current(both, lin)
    assert story(both, found)[1:] == [("expired", "expired"), ("confirmed", "current")]


def test_what_was_replaced_holds_again_once_the_newer_one_is_withdrawn(base: Base) -> None:
    lin = customer(base)
    old = noted(base, lin)
    base.clock.advance(days=1)
    new = noted(base, lin)
    with pytest.raises(InsightReplaced):
        act(base, "confirm", old)
    act(base, "withdraw", new, why="wrong", outcome="It was said of somebody else")
    act(base, "confirm", old)
    assert [old] == current(base, lin)
    assert insight(base, old).superseded_by_id is None
    found = insight(base, new)
    assert ("withdrawn", "wrong", "It was said of somebody else") == (found.state, found.why, found.outcome)


def test_a_withdrawn_one_is_left_as_it_is(base: Base) -> None:
    found = noted(base, customer(base))
    act(base, "withdraw", found)
    for step in ("withdraw", "confirm", "correct"):
        with pytest.raises(InsightInState):
            act(base, step, found)


def test_words_and_days_are_corrected(base: Base) -> None:
    found = noted(base, customer(base), text="No plasik")
    act(base, "correct", found, text="No plastic", confidence="0.6", expires_on=None, owner_id=base.users["sue"])
    after = insight(base, found)
    assert ("No plastic", Decimal("0.6"), None) == (after.text, after.confidence, after.expires_on)
    assert after.owner_id == base.users["sue"]
    with pytest.raises(InvalidInput):
        act(base, "correct", found, due_on=date(2027, 4, 1))


def test_a_source_is_a_record_of_this_customer_that_is_seen(base: Base) -> None:
    lin, wang = customer(base), customer(base, "Wang")
    said = base.run("interaction.record", {"customer_id": lin, "kind": "note", "body": "Mornings, please."})
    ref = f"interaction:{said.id}"
    assert insight(base, noted(base, lin, ref=ref)).ref == ref
    with pytest.raises(InvalidInput, match="not about this customer"):
        noted(base, wang, ref=ref)
    with pytest.raises(NotFound):
        noted(base, lin, ref=f"interaction:{uuid4()}")
    with pytest.raises(InvalidInput, match="not about this customer"):
        noted(base, lin, ref=f"user:{base.users['mia']}")


def test_a_record_says_of_whom_it_is(base: Base) -> None:
    lin = customer(base)
    said = base.run("interaction.record", {"customer_id": lin, "kind": "note", "body": "Nuts are bad for me."})
    values = {"record": f"interaction:{said.id}", "topic": "allergy", "text": "Nuts"}
    found = insight(base, base.run("knowledge.insight.from_record", values).id)
    assert (lin, values["record"], "Nuts") == (found.customer_id, found.ref, found.text)
    for record in ("x", f"user:{base.users['mia']}"):
        with pytest.raises(InvalidInput):
            base.run("knowledge.insight.from_record", {**values, "record": record})


def test_topics_are_governed(base: Base) -> None:
    base.run("knowledge.insight_topic.create", {"name": "pets", "kind": "fact", "single": False}, who="mia")
    with pytest.raises(AlreadyExists):
        base.run("knowledge.insight_topic.create", {"name": "pets"})
    with pytest.raises(InvalidInput):
        base.run("knowledge.insight_topic.create", {"name": "Pets!"})
    with pytest.raises(Refused):
        base.run("knowledge.insight_topic.create", {"name": "food"}, who="sue")
    lin = customer(base)
    found = insight(base, noted(base, lin, "pets", "Two cats"))
    assert ("fact", None) == (found.kind, found.expires_on)
    base.run("knowledge.insight_topic.update", {"active": False, "title": "Pets"}, target=found.topic_id)
    with pytest.raises(NotFound):
        noted(base, lin, "pets", "A dog")


def test_what_another_system_knows_is_taken_once(base: Base) -> None:
    lin = customer(base)
    values = {"customer_id": lin, "topic": "delivery", "text": "At the gate", "external_source": "old"}
    first = base.run("knowledge.insight.import", {**values, "external_id": "7"})
    assert base.run("knowledge.insight.import", {**values, "external_id": "7", "text": "Other"}).id == first.id
    second = base.run("knowledge.insight.import", {**values, "external_id": "8", "learnt_at": START - DAY})
    assert ("document", "superseded") == (insight(base, first.id).source, insight(base, second.id).state)


# --- access, merge, erasure ---


def test_whoever_does_not_see_the_customer_sees_nothing_of_it(both: Base) -> None:
    for login in ("tom", "joe"):
        user = both.run("user.create", {"login": login, "name": login})
        both.run("user.assign_role", {"role": "seller"}, target=user.id)
        both.users[login] = user.id
    lin = customer(both, owner="tom")
    found = noted(both, lin)
    said = both.run("interaction.record", {"customer_id": lin, "kind": "note", "body": "x"})
    with both.crm.session(both.actor("tom")) as session:
        seen = session.get_one(Insight, found)
        assert "No plastic" == seen.text
    with both.crm.session(both.actor("joe")) as session:
        assert [] == session.scalars(select(Insight)).all()
        assert [] == session.scalars(select(InsightEvent)).all()
    for step in ("confirm", "withdraw", "correct"):
        with pytest.raises(NotFound):
            act(both, step, found, by="joe")
    with pytest.raises(NotFound):
        noted(both, lin, by="joe")
    with pytest.raises(NotFound):
        noted(both, customer(both, "Ann", "joe"), ref=f"interaction:{said.id}", by="joe")
    newer = noted(both, lin, by="tom")
    assert ([newer], newer) == (current(both, lin, "tom"), insight(both, found).superseded_by_id)
    act(both, "confirm", newer, by="tom")


def test_who_only_reads_changes_nothing(base: Base) -> None:
    user = base.run("user.create", {"login": "ann", "name": "Ann"})
    base.run("user.assign_role", {"role": "analyst"}, target=user.id)
    base.users["ann"] = user.id
    lin = customer(base)
    found = noted(base, lin)
    with pytest.raises(Refused):
        noted(base, lin, by="ann")
    with pytest.raises(Refused):
        act(base, "withdraw", found, by="ann")


def test_a_merge_moves_and_the_next_one_settles_what_both_said(both: Base) -> None:
    lin, other = customer(both), customer(both, "Lin Two")
    held = [noted(both, lin, text="Paper"), noted(both, other, text="Glass"), promised(both, other)]
    both.run("customer.merge", {"absorb": other}, target=lin)
    assert sorted(held) == sorted(current(both, lin))
    with both.crm.session(both.actor()) as session:
        assert set(session.scalars(select(InsightEvent.customer_id))) == {lin}
    both.clock.advance(days=1)
    new = noted(both, lin, text="Anything but plastic")
    assert sorted([new, held[2]]) == sorted(current(both, lin))


def test_a_merge_that_is_undone_gives_everything_back(base: Base) -> None:
    lin, other = customer(base), customer(base, "Lin Two")
    held, kept = noted(base, other), noted(base, lin)
    base.run("customer.merge", {"absorb": other}, target=lin)
    with base.crm.session(base.actor()) as session:
        (merge,) = merges_of(session, lin)
    base.run("customer.unmerge", {"merge": merge.id}, target=lin)
    assert ([held], [kept]) == (current(base, other), current(base, lin))
    assert "No plastic" == insight(base, held).text


def test_an_export_says_what_is_known(base: Base) -> None:
    lin, other = customer(base), customer(base, "Wang")
    found = noted(base, lin, text="Only paper bags")
    noted(base, other, text="Only glass")
    act(base, "withdraw", found, outcome="Said by a neighbour")
    told = repr(asdict(base.run("privacy.export", target=lin))["sections"])
    assert "Only paper bags" in told
    assert "Said by a neighbour" in told
    assert "Only glass" not in told


def test_of_an_erased_customer_nothing_is_left(both: Base) -> None:
    lin, other = customer(both), customer(both, "Wang")
    noted(both, lin)
    noted(both, lin)
    kept = noted(both, other)
    both.run("privacy.erase", {"reason": "asked"}, target=lin)
    with both.crm.session(both.actor()) as session:
        assert [kept] == session.scalars(select(Insight.id)).all()
        assert {kept} == set(session.scalars(select(InsightEvent.insight_id)))
