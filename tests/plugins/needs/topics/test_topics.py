"""Topics are found in what customers say, shown to whom may see it, and become needs."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from crmkit_needs.catalogue.evidence import evidence_of
from crmkit_needs.catalogue.models import Need
from crmkit_needs.topics.mining import mine
from crmkit_needs.topics.models import Topic, TopicRun, TopicText
from crmkit_needs.topics.reading import Shown, shown_of
from sqlalchemy import func, select

from crmkit import Actor, Conflict, InvalidInput, NotFound, Refused
from crmkit.app import CRM
from crmkit.errors import MissingExtra

SYSTEM = Actor.system("a test")
SAID = {
    "refund": "I returned the jar and my refund has not arrived, when is the refund paid to my card",
    "invoice": "Please send invoices by mail, the invoice is missing from the parcel again",
    "退货": "我想退货，退货申请提交以后一直没有处理，退货流程太慢",
}


def run(crm: CRM, operation: str, target: Any = None, /, actor: Actor = SYSTEM, **values: Any) -> Any:
    """Run an operation."""
    return crm.run(actor, operation, values, target=getattr(target, "id", target))


def person(crm: CRM, login: str, role: str, name: str = "Somebody") -> Actor:
    """Add a user with a role and return who they are."""
    user = run(crm, "user.create", login=login, name=name)
    run(crm, "user.assign_role", user, role=role)
    return Actor.user(user.id, name)


def say(crm: CRM, customer: UUID, text: str, *, days: int = 1, kind: str = "email", **values: Any) -> UUID:
    """Record that a customer wrote or said something some days ago."""
    at = datetime.now(UTC) - timedelta(days=days)
    found: UUID = run(
        crm, "interaction.record", kind=kind, customer_id=customer, body=text, occurred_at=at, **values
    ).id
    return found


def fill(crm: CRM, *, each: int = 8, owner: Any = None) -> list[UUID]:
    """Let customers say each of the three things so often, in their own words, and return the customers."""
    customers = [
        run(crm, "customer.create", name=name, owner_id=owner).id
        for name in ("Quentin Zappa", "Ottoline Zappa", "Violet Zappa", "欧阳锋")
    ]
    for text in SAID.values():
        for place in range(each):
            say(crm, customers[place % 4], f"{text} {'!' * place}")
    return customers


def search(crm: CRM, actor: Actor = SYSTEM, **values: Any) -> TopicRun:
    """Look for topics and return the run as it ended."""
    found = run(crm, "needs.topics.mine", None, actor, **values)
    mine(crm, actor, str(found.id))
    with crm.session(SYSTEM) as session:
        return session.get_one(TopicRun, found.id)


def shown(crm: CRM, run_: TopicRun, actor: Actor = SYSTEM) -> list[Shown]:
    """Return the topics of a run as somebody sees them."""
    with crm.session(actor) as session:
        return shown_of(session, session.get_one(TopicRun, run_.id))


def about(found: list[Shown], word: str) -> Shown:
    """Return the topic that has a word among its terms."""
    return next(each for each in found if any(word in term for term in each.topic.terms))


def test_topics_are_found_in_what_customers_said(crm: CRM) -> None:
    fill(crm)
    done = search(crm, topics=3)
    found = shown(crm, done)
    assert (done.state, len(found)) == ("done", 3)
    for word in SAID:
        topic = about(found, word)
        assert (topic.texts, topic.customers, topic.before) == (8, 4, 0)
        assert topic.share == pytest.approx(1 / 3)
        assert word.casefold() in topic.examples[0].text.casefold()


def test_the_job_looks_for_topics_as_who_asked(lite: CRM) -> None:
    fill(lite)
    asked = run(lite, "needs.topics.mine", topics=3)
    lite.worker().run_until_idle()
    with lite.session(SYSTEM) as session:
        again = session.get_one(TopicRun, asked.id)
        assert (again.state, again.number) == ("done", 1)
        before = session.scalar(select(func.count()).select_from(TopicText))
    mine(lite, SYSTEM, str(asked.id))
    with lite.session(SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(TopicText)) == before


def test_names_addresses_and_numbers_are_no_terms(lite: CRM) -> None:
    customers = fill(lite)
    for place in range(6):
        said = "Refund for Quentin Zappa and Mr Underhill, write to zappa@example.com or call +49 170 1234567, 欧阳锋"
        say(lite, customers[place % 4], f"{said} {'!' * place}")
    found = shown(lite, search(lite, topics=4))
    terms = " ".join(term for each in found for term in each.topic.terms)
    assert "refund" in terms
    for name in ("zappa", "quentin", "underhill", "example", "170", "1234567", "欧阳", "阳锋"):
        assert name not in terms


def test_what_fewer_than_three_customers_say_is_no_topic(lite: CRM) -> None:
    customers = fill(lite)
    for place in range(12):
        say(lite, customers[place % 2], f"The secret merger with the competitor is planned {'!' * place}")
    found = shown(lite, search(lite, topics=4))
    assert {each.texts for each in found} <= {8}
    assert not any("merger" in each.topic.terms for each in found)


def test_the_period_before_shows_the_trend(lite: CRM) -> None:
    customers = fill(lite)
    for place in range(5):
        say(lite, customers[place % 4], f"{SAID['refund']} {'?' * place}", days=15)
    say(lite, customers[0], SAID["refund"], days=50)
    today = datetime.now(UTC).date()
    found = shown(lite, search(lite, topics=3, since=today - timedelta(days=9)))
    assert (about(found, "refund").texts, about(found, "refund").before) == (8, 5)
    assert about(found, "invoice").before == 0


def test_what_we_wrote_and_what_was_taken_back_is_not_read(lite: CRM) -> None:
    customers = fill(lite)
    for place in range(9):
        say(lite, customers[place % 4], f"Our newsletter about candles {'!' * place}", direction="out")
        wrong = say(lite, customers[place % 4], f"Parking of bicycles {'!' * place}")
        run(lite, "interaction.reverse", wrong, reason="not theirs")
    found = shown(lite, search(lite, topics=3))
    assert {each.texts for each in found} == {8}


def test_only_the_kinds_that_were_asked_for_are_read(lite: CRM) -> None:
    customers = fill(lite)
    for place in range(24):
        say(lite, customers[place % 4], f"The lid is loose {'!' * place}", kind="chat")
    found = shown(lite, search(lite, topics=2, kinds=["chat"]))
    assert sum(each.texts for each in found) == 24
    with pytest.raises(InvalidInput, match="no kind of interaction"):
        run(lite, "needs.topics.mine", kinds=["smoke_signals"])


def test_a_period_that_is_none_is_refused(lite: CRM) -> None:
    today = datetime.now(UTC).date()
    with pytest.raises(InvalidInput, match="ends before it begins"):
        run(lite, "needs.topics.mine", since=today, until=today - timedelta(days=1))
    with pytest.raises(InvalidInput, match="three years"):
        run(lite, "needs.topics.mine", since=today - timedelta(days=2000))


def test_of_too_few_texts_there_are_no_topics(lite: CRM) -> None:
    fill(lite, each=2)
    done = search(lite)
    assert (done.state, shown(lite, done)) == ("empty", [])


def test_without_the_libraries_it_is_said_which_extra_is_missing(lite: CRM, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    with pytest.raises(MissingExtra, match=r"crmkit\[needs\]"):
        run(lite, "needs.topics.mine")


def test_a_worker_without_the_libraries_notes_it(lite: CRM, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(lite)
    asked = run(lite, "needs.topics.mine")
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    mine(lite, SYSTEM, str(asked.id))
    with lite.session(SYSTEM) as session:
        again = session.get_one(TopicRun, asked.id)
    assert again.state == "failed"
    assert "crmkit[needs]" in str(again.error)


def test_a_topic_becomes_a_need_with_a_text_of_each_customer(lite: CRM) -> None:
    fill(lite)
    topic = about(shown(lite, search(lite, topics=3)), "refund").topic
    need = run(lite, "needs.topic.make_need", topic, title="Refunds in a week", kind="problem")
    with lite.session(SYSTEM) as session:
        evidence = evidence_of(session, session.get_one(Need, need.id))
        assert len({each.customer_id for each in evidence}) == len(evidence) == 4
        assert {each.source for each in evidence} == {"mined"}
        assert all("refund" in str(each.quote) and each.interaction_id for each in evidence)
        again = session.get_one(Topic, topic.id)
        assert (again.state, again.need_id) == ("need", need.id)
    for verb in ("make_need", "ignore", "restore"):
        with pytest.raises(Conflict, match="already"):
            run(lite, f"needs.topic.{verb}", topic)


def test_a_topic_is_added_to_a_need_that_there_is(lite: CRM) -> None:
    fill(lite)
    topic = about(shown(lite, search(lite, topics=3)), "invoice").topic
    need = run(lite, "needs.need.create", title="Invoices by mail")
    assert run(lite, "needs.topic.make_need", topic, into_id=need.id).id == need.id
    with lite.session(SYSTEM) as session:
        assert len(evidence_of(session, session.get_one(Need, need.id))) == 4
    other = about(shown(lite, search(lite, topics=3)), "refund").topic
    with pytest.raises(NotFound):
        run(lite, "needs.topic.make_need", other, into_id=UUID(int=5))


def test_an_ignored_topic_stays_so_when_it_is_found_again(lite: CRM) -> None:
    fill(lite)
    topic = about(shown(lite, search(lite, topics=3)), "refund").topic
    assert run(lite, "needs.topic.ignore", topic).state == "ignored"
    again = shown(lite, search(lite, topics=3))
    assert about(again, "refund").topic.state == "ignored"
    assert about(again, "invoice").topic.state == "new"
    assert run(lite, "needs.topic.restore", topic).state == "new"


def test_who_may_not_see_a_customer_neither_sees_nor_counts_their_texts(crm: CRM) -> None:
    """An attack: topics are counted and shown from texts, each under the access of its interaction."""
    made = run(crm, "role.create", name="reader")
    for resource in ("customer", "interaction"):
        run(crm, "role.grant", made, resource=resource, action="read", scope="own")
    for resource in ("needs.topic", "needs.topic_run", "needs.need"):
        run(crm, "role.grant", made, resource=resource, action="*", scope="all")
    run(crm, "role.set_field_right", made, classified="text", level="full")
    run(crm, "role.set_field_right", made, classified="sensitive", level="full")
    run(crm, "role.set_field_right", made, classified="personal", level="full")
    ann = person(crm, "ann", "reader", "Ann")
    fill(crm)
    theirs = [run(crm, "customer.create", name=name, owner_id=ann.user_id).id for name in ("Ida", "Bo", "Cy")]
    mine_alone = [say(crm, each, f"{SAID['refund']} {place}") for place, each in enumerate(theirs)]
    done = search(crm, topics=3)
    assert sum(each.texts for each in shown(crm, done)) == 27
    (only,) = shown(crm, done, ann)
    assert (only.texts, only.customers, only.share) == (3, 3, 1)
    assert {each.interaction_id for each in only.examples} == set(mine_alone)
    with crm.session(ann) as session:
        assert session.scalar(select(func.count()).select_from(TopicText)) == 3
        hidden = [each for each in session.scalars(select(Topic)) if each.id != only.topic.id]
    for each in hidden:
        with pytest.raises(NotFound, match="no text of this topic"):
            run(crm, "needs.topic.make_need", each, ann)
    # What they look for themselves is looked for in their texts alone: three are too few.
    assert search(crm, ann).state == "empty"


def test_who_may_not_look_for_topics_is_refused(lite: CRM) -> None:
    with pytest.raises(Refused):
        run(lite, "needs.topics.mine", None, person(lite, "sam", "seller"))
