"""Scores, and what a rank is worth."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from crmkit_needs.catalogue.models import Need
from crmkit_needs.scoring.counting import support_of
from crmkit_needs.scoring.formulas import FORMULAS, MOSCOW, OPPORTUNITY, RICE, WSJF, Formula, Score, score_of
from crmkit_needs.scoring.kano import category_of, kano_of
from crmkit_needs.scoring.ranking import ranks_of
from crmkit_needs.scoring.reading import formula_named, inputs_of, ranked
from hypothesis import given, settings, strategies as st
from sqlalchemy import select

from crmkit import Actor, InvalidInput, NotFound
from crmkit.app import CRM
from tests.cli.conftest import Crmkit, crmkit, pristine

__all__ = ["crmkit", "pristine"]

SYSTEM = Actor.system("a test")


def of(formula: Formula, *values: str, move: int = 0) -> Score:
    """Return the score of numbers, in the order of the formula's factors."""
    said = {each.name: Decimal(value) for each, value in zip(formula.factors, values, strict=True)}
    return score_of(formula, said, Decimal(move))


def test_rice_is_reach_by_impact_by_confidence_by_effort() -> None:
    assert of(RICE, "2000", "2", "0.8", "4").value == 800


def test_wsjf_is_the_cost_of_delay_by_the_size_of_the_job() -> None:
    assert of(WSJF, "8", "5", "3", "2").value == 8


@pytest.mark.parametrize(("importance", "satisfaction", "score"), [("9", "4", 14), ("5", "8", 5), ("10", "0", 20)])
def test_opportunity_adds_what_is_not_met(importance: str, satisfaction: str, score: int) -> None:
    """No need is worth less for being met better than it matters."""
    assert of(OPPORTUNITY, importance, satisfaction).value == score


def test_a_score_lacks_what_nobody_has_given() -> None:
    found = score_of(RICE, {"reach": Decimal(10), "impact": Decimal(1)})
    assert (found.value, found.missing) == (None, ("confidence", "effort"))


def test_the_ends_of_a_score_are_those_of_its_numbers() -> None:
    found = of(RICE, "100", "1", "0.5", "2", move=20)
    assert (found.low, found.value, found.high) == (
        Decimal("100") * Decimal("0.8") ** 3 * Decimal("0.5") / Decimal("2.4"),
        25,
        Decimal("100") * Decimal("1.2") ** 3 * Decimal("0.5") / Decimal("1.6"),
    )
    # Nothing is moved out of its bounds: nobody is surer than sure.
    assert of(RICE, "100", "3", "1", "1", move=20).high == Decimal("120") / Decimal("0.8") * 3
    assert of(MOSCOW, "4", move=50).high == 4


scores = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 15), st.integers(0, 15)), min_size=1, max_size=12)


def made(rows: list[tuple[int, int, int]]) -> dict[int, Score]:
    """Return scores with their ends."""
    return {
        place: Score(value=Decimal(value), low=Decimal(value - below), high=Decimal(value + above), inputs={})
        for place, (value, below, above) in enumerate(rows)
    }


@settings(max_examples=200, deadline=None)
@given(rows=scores, more=st.integers(0, 10))
def test_possible_ranks_hold_the_rank_and_widen_with_the_ends(rows: list[tuple[int, int, int]], more: int) -> None:
    narrow = ranks_of(made(rows))
    wide = ranks_of(made([(value, below + more, above + more) for value, below, above in rows]))
    for key, rank in narrow.items():
        assert 1 <= rank.best <= rank.rank <= rank.worst <= len(rows)
        assert wide[key].best <= rank.best
        assert rank.worst <= wide[key].worst


@settings(max_examples=100, deadline=None)
@given(rows=scores, order=st.randoms(use_true_random=False))
def test_ranks_do_not_depend_on_the_order(rows: list[tuple[int, int, int]], order: Any) -> None:
    whole = made(rows)
    keys = list(whole)
    order.shuffle(keys)
    assert ranks_of({key: whole[key] for key in keys}) == ranks_of(whole)


@settings(max_examples=100, deadline=None)
@given(values=st.lists(st.integers(1, 5), min_size=1, max_size=8))
def test_those_of_the_same_score_share_a_rank(values: list[int]) -> None:
    found = ranks_of(made([(value, 0, 0) for value in values]))
    for one, first in enumerate(values):
        for other, second in enumerate(values):
            assert (found[one].rank == found[other].rank) == (first == second)
            # Without any doubt only they may stand in each other's place.
    assert all(each.worst - each.best + 1 == values.count(values[key]) for key, each in found.items())


# --- Kano -----------------------------------------------------------------------------------------------------------


def test_the_table_of_evaluation_is_the_published_one() -> None:
    """Berger et al. (1993): rows from liking to disliking that it is there, columns that it is not."""
    table = ["".join(category_of(row, column)[0] for column in range(1, 6)) for row in range(1, 6)]
    assert table == ["qaaao", "riiim", "riiim", "riiim", "rrrrq"]
    with pytest.raises(ValueError, match="6"):
        category_of(6, 1)


def test_better_and_worse_are_shares_of_those_who_tell() -> None:
    """Satisfaction (A+O)/(A+O+M+I), dissatisfaction −(O+M)/(A+O+M+I)."""
    pairs = [(1, 5)] * 30 + [(1, 3)] * 20 + [(3, 5)] * 40 + [(3, 3)] * 10 + [(5, 1)] * 5 + [(1, 1)] * 2
    found = kano_of(pairs)
    assert (found.category, found.clear, found.n) == ("must_be", True, 107)
    assert found.better == pytest.approx(0.5)
    assert found.worse == pytest.approx(-0.7)


def test_of_categories_as_frequent_the_one_that_would_hurt_most_counts() -> None:
    found = kano_of([(1, 3)] * 5 + [(3, 5)] * 5)
    assert (found.category, found.clear) == ("must_be", False)
    assert kano_of([]).category is None


# --- with a database ------------------------------------------------------------------------------------------------


def need(crm: CRM, title: str, **inputs: str) -> Any:
    """Write a need down with its numbers."""
    found = crm.run(SYSTEM, "needs.need.create", {"title": title})
    if inputs:
        crm.run(SYSTEM, "needs.score.set", {"inputs": inputs}, target=found.id)
    return found


def test_a_company_counts_once_whoever_of_it_asks(crm: CRM) -> None:
    found = need(crm, "Certificates")
    firm = crm.run(SYSTEM, "customer.create", {"name": "Firm", "kind": "organization"}).id
    people = [crm.run(SYSTEM, "customer.create", {"name": name}).id for name in ("Ada", "Bo", "Cy")]
    for each in people[:2]:
        crm.run(SYSTEM, "relationship.add", {"other_id": firm, "kind": "employee"}, target=each)
    for place, each in enumerate([*people, people[0]]):
        values = {"customer_id": each, "ref": f"x:{place}", "importance": 5 - place, "satisfaction": 1}
        crm.run(SYSTEM, "needs.evidence.add", values, target=found.id)
    with crm.session(SYSTEM) as session:
        row = session.get_one(Need, found.id)
        support = support_of(session, [row])[row.id]
        assert (support.evidence, support.customers, support.companies) == (4, 3, 2)
        assert (support.importance, support.satisfaction) == (Decimal("7.5"), 0)
        said = inputs_of(row, support)
    assert said == {"reach": 2, "importance": Decimal("7.5"), "satisfaction": 0}


def test_needs_are_ordered_and_those_without_numbers_come_last(crm: CRM) -> None:
    first = need(crm, "First", reach="100", impact="2", confidence="1", effort="1")
    need(crm, "Nothing known")
    second = need(crm, "Second", reach="90", impact="2", confidence="1", effort="1")
    with crm.session(SYSTEM) as session:
        found = ranked(session, formula_named(session, "RICE"), move=Decimal(20))
        assert [each.need.title for each in found] == ["First", "Second", "Nothing known"]
        assert [(each.rank.best, each.rank.worst) for each in found[:2] if each.rank] == [(1, 2), (1, 2)]
        sure = ranked(session, formula_named(session, "RICE"), move=Decimal(1))
        assert [each.rank.sure for each in sure[:2] if each.rank] == [True, True]
        with pytest.raises(NotFound, match="rice"):
            formula_named(session, "ricee")
    crm.run(SYSTEM, "needs.need.move", {"to": "declined", "decline": "stale"}, target=first.id)
    with crm.session(SYSTEM) as session:
        assert ranked(session, RICE)[0].need.id == second.id


def test_numbers_out_of_their_bounds_are_all_named(lite: CRM) -> None:
    found = need(lite, "Need", reach="5")
    wrong = {"impact": "9", "effort": "none", "colour": "1"}
    with pytest.raises(InvalidInput) as caught:
        lite.run(SYSTEM, "needs.score.set", {"inputs": wrong}, target=found.id)
    assert sorted(str(each.field) for each in caught.value.problems) == [
        "inputs.colour",
        "inputs.effort",
        "inputs.impact",
    ]
    lite.run(SYSTEM, "needs.score.set", {"inputs": {"reach": "", "impact": "1"}}, target=found.id)
    with lite.session(SYSTEM) as session:
        assert session.scalars(select(Need.inputs)).one() == {"impact": "1"}


def test_what_is_at_stake_comes_from_whatever_plugin_knows(crm: CRM) -> None:
    """Without value, sales and churn there is what purchases say."""
    crm.run(SYSTEM, "business.configure", {"base_currency": "CNY"})
    found = need(crm, "Need")
    ada = crm.run(SYSTEM, "customer.create", {"name": "Ada"}).id
    bought = {"kind": "purchase", "customer_id": ada, "amount": "12.34", "currency": "CNY"}
    crm.run(SYSTEM, "interaction.record", bought)
    crm.run(SYSTEM, "needs.evidence.add", {"customer_id": ada}, target=found.id)
    with crm.session(SYSTEM) as session:
        (row,) = ranked(session, RICE)
        assert (row.stake.spent, row.stake.revenue, row.stake.pipeline, row.stake.leaving) == (1234, None, None, None)


def test_the_command_prints_ranks(crmkit: Crmkit) -> None:
    crmkit.has("needs")
    assert crmkit.json("needs", "rank")["items"] == []
    done = crmkit("needs", "rank", "--model", "rise")
    assert done.code != 0
    assert "There are: rice" in done.err


def test_every_formula_says_what_it_computes() -> None:
    for each in FORMULAS:
        assert each.text
        assert len({factor.name for factor in each.factors}) == len(each.factors)
