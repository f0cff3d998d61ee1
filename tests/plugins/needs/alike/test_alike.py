"""Needs that may be the same are suggested with a reason, and not again once somebody said that they are not."""

from __future__ import annotations

from itertools import combinations
from typing import Any
from uuid import UUID

import pytest
from crmkit_needs.alike.finding import Alike, alike_to, alike_to_text, pairs
from crmkit_needs.alike.models import AlikeDismissal
from crmkit_needs.alike.operations import dismissed
from crmkit_needs.alike.similarity import Comparing, Weights, candidates, cosine
from crmkit_needs.alike.wording import parts_of, shared_words, words_of
from crmkit_needs.catalogue.errors import NeedMergeRefused
from crmkit_needs.catalogue.models import Need
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import func, select

from crmkit import Actor, NotFound, Refused
from crmkit.app import CRM

SYSTEM = Actor.system("a test")


def need(crm: CRM, title: str, **values: Any) -> Any:
    """Write a need down and return it."""
    return crm.run(SYSTEM, "needs.need.create", {"title": title, **values})


def run(crm: CRM, operation: str, target: Any, **values: Any) -> Any:
    """Run an operation on a need."""
    return crm.run(SYSTEM, operation, values, target=target.id)


def found(crm: CRM, of: Any, actor: Actor = SYSTEM) -> list[Alike]:
    """Return what may be the same as a need."""
    with crm.session(actor) as session:
        return alike_to(session, session.get_one(Need, of.id))


def numbers(crm: CRM) -> list[tuple[int, int]]:
    """Return the pairs that may be the same, by their numbers."""
    with crm.session(SYSTEM) as session:
        return [(each.older.number, each.newer.number) for each in pairs(session)]


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ("Invoices by mail", "Mail us the invoice, please", ("invoices", "mail")),
        ("发票可以通过邮件发送", "希望邮件发送发票", ("邮件发送", "发票")),
        ("导出 Excel 报表", "报表能导出到 Excel 吗", ("导出", "报表", "excel")),
    ],
)
def test_needs_that_say_the_same_are_suggested_with_what_they_share(
    lite: CRM, first: str, second: str, shared: tuple[str, ...]
) -> None:
    one, other = need(lite, first), need(lite, second)
    need(lite, "Glass that stays whole")
    need(lite, "夜间模式")
    (only,) = found(lite, one)
    assert (only.older.id, only.newer.id, only.other(one.id).id) == (one.id, other.id, other.id)
    assert only.shared == shared
    assert 0.35 <= only.score <= 1
    assert numbers(lite) == [(one.number, other.number)]


def test_pairs_are_found_on_every_database(crm: CRM) -> None:
    one, other = need(crm, "Invoices by mail"), need(crm, "Mail invoices", description="They are typed in by hand.")
    ada = crm.run(SYSTEM, "customer.create", {"name": "Ada"}).id
    run(crm, "needs.evidence.add", one, customer_id=ada, quote="By hand")
    assert numbers(crm) == [(one.number, other.number)]
    run(crm, "needs.alike.dismiss", other, other_id=one.id)
    assert numbers(crm) == []


def test_a_shared_area_raises_the_score(lite: CRM) -> None:
    lite.run(SYSTEM, "needs.area.create", {"name": "billing"})
    one, other = need(lite, "Invoices by mail in the morning"), need(lite, "Invoices as a mail attachment")
    (apart,) = found(lite, one)
    for each in (one, other):
        run(lite, "needs.need.update", each, area="billing")
    (together,) = found(lite, one)
    assert (apart.same_area, together.same_area) == (False, True)
    assert together.score == pytest.approx(min(1, apart.score * 1.2), abs=0.001)


def test_what_customers_said_brings_needs_together_for_who_may_read_it(lite: CRM) -> None:
    one, other = need(lite, "Broken jars from the parcel"), need(lite, "Sturdy parcel paper")
    assert found(lite, one) == []
    ada = lite.run(SYSTEM, "customer.create", {"name": "Ada"}).id
    said = "Four glass jars arrived shattered, bubble wrap missing"
    for each in (one, other):
        run(lite, "needs.evidence.add", each, customer_id=ada, quote=said)
    (only,) = found(lite, one)
    assert "shattered" in only.shared
    seller = lite.run(SYSTEM, "user.create", {"login": "sam", "name": "Sam"})
    lite.run(SYSTEM, "user.assign_role", {"role": "seller"}, target=seller.id)
    assert found(lite, one, Actor.user(seller.id, "Sam")) == []


def test_a_dismissed_pair_is_not_suggested_until_it_is_restored(lite: CRM) -> None:
    one, other = need(lite, "Invoices by mail"), need(lite, "Mail invoices")
    for _again in range(2):
        run(lite, "needs.alike.dismiss", one, other_id=other.id)
    assert (found(lite, one), found(lite, other), numbers(lite)) == ([], [], [])
    with lite.session(SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(AlikeDismissal)) == 1
    run(lite, "needs.alike.restore", other, other_id=one.id)
    assert len(found(lite, one)) == 1
    run(lite, "needs.alike.restore", other, other_id=one.id)


def test_what_was_merged_is_not_suggested_and_what_has_ended_is_no_pair(lite: CRM) -> None:
    one, other, third = (need(lite, each) for each in ("Invoices by mail", "Mail invoices", "Invoices by mail please"))
    run(lite, "needs.need.merge", other, into_id=one.id)
    assert found(lite, other) == []
    assert [each.other(one.id).id for each in found(lite, one)] == [third.id]
    run(lite, "needs.need.move", third, to="declined", decline="exists")
    # It says that there was such a need and what became of it.
    assert [each.other(one.id).state for each in found(lite, one)] == ["declined"]
    assert numbers(lite) == []


def test_what_cannot_be_dismissed_says_why(lite: CRM) -> None:
    one = need(lite, "Invoices by mail")
    with pytest.raises(NeedMergeRefused, match="one and the same"):
        run(lite, "needs.alike.dismiss", one, other_id=one.id)
    with pytest.raises(NotFound):
        run(lite, "needs.alike.dismiss", one, other_id=UUID(int=7))
    other = need(lite, "Mail invoices")
    agent = lite.run(SYSTEM, "user.create", {"login": "sam", "name": "Sam"})
    lite.run(SYSTEM, "user.assign_role", {"role": "service_agent"}, target=agent.id)
    with pytest.raises(Refused):
        lite.run(Actor.user(agent.id, "Sam"), "needs.alike.dismiss", {"other_id": other.id}, target=one.id)


def test_a_text_is_held_against_what_there_is(lite: CRM) -> None:
    one = need(lite, "Invoices by mail")
    need(lite, "Glass that stays whole")
    with lite.session(SYSTEM) as session:
        assert [each.older.id for each in alike_to_text(session, "mail my invoices")] == [one.id]
        assert alike_to_text(session, "nothing at all") == []
        assert alike_to_text(session, "") == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.sampled_from(["dismiss", "restore"]), st.integers(0, 2), st.integers(0, 2)), max_size=8)
)
def test_dismissing_is_symmetric(lite: CRM, steps: list[tuple[str, int, int]]) -> None:
    needs = [need(lite, "Invoices by mail") for _each in range(3)]
    expected: set[frozenset[UUID]] = set()
    for verb, first, second in steps:
        if first == second:
            continue
        run(lite, f"needs.alike.{verb}", needs[first], other_id=needs[second].id)
        pair = frozenset((needs[first].id, needs[second].id))
        expected = expected | {pair} if verb == "dismiss" else expected - {pair}
    with lite.session(SYSTEM) as session:
        mine = {each.id for each in needs}
        assert {each for each in dismissed(session) if each <= mine} == expected
        for one, other in combinations(needs, 2):
            gone = frozenset((one.id, other.id)) in expected
            assert (frozenset((one.id, other.id)) in dismissed(session, one)) is gone
            assert (frozenset((one.id, other.id)) in dismissed(session, other)) is gone
    for each in needs:
        run(lite, "needs.need.move", each, to="declined", decline="stale")


TEXTS = st.text(alphabet="abcde 发票邮件发送的 1@.", max_size=40)


@settings(max_examples=80, deadline=None)
@given(texts=st.lists(TEXTS, min_size=2, max_size=6))
def test_a_score_is_the_same_in_either_order_and_within_its_bounds(texts: list[str]) -> None:
    comparing = Comparing(Weights(map(words_of, texts)), Weights(map(parts_of, texts)))
    for first, second in combinations(texts, 2):
        score = comparing.score(first, second)
        assert 0 <= score <= 1 + 1e-9
        assert score == pytest.approx(comparing.score(second, first))
    for each in texts:
        vector = Weights(map(words_of, texts)).vector(words_of(each))
        assert cosine(vector, vector) == pytest.approx(1.0 if vector else 0.0)
    for first, second in candidates(texts):
        assert first < second


def test_what_points_at_a_person_is_no_word() -> None:
    said = "Write to ada@example.com or +86 138 0013 8000, see https://example.com/ada about the 发票"
    assert set(words_of(said)) == {"write", "see", "about", "发票"}
    assert shared_words(said, said) == ("发票", "write", "see", "about")


def test_candidates_share_what_is_rare() -> None:
    texts = [f"word{place} and word{place + 1000}" for place in range(500)] + ["word7 word1007 again"]
    assert candidates(texts) == [(7, 500)]
    assert candidates(texts, 500) == [(7, 500)]
    assert candidates(["the same old words"] * 200) == []
