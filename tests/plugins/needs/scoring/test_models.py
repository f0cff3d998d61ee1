"""Formulas of plugins, and formulas of one's own."""

from __future__ import annotations

from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest
from crmkit_needs.api import Factor, Formula
from crmkit_needs.scoring.formulas import score_of
from crmkit_needs.scoring.known import factors_of, formulas_of
from crmkit_needs.scoring.models import ScoreModel
from crmkit_needs.scoring.reading import formula_named, ranked
from hypothesis import given, settings, strategies as st

from crmkit import Actor, Conflict, InvalidInput, NotFound
from crmkit.app import CRM
from crmkit.hooks.markers import hookimpl

SYSTEM = Actor.system("a test")
FIT = {"name": "fit", "title": "Fit", "gains": {"importance": "2", "delight": "1"}, "costs": {"effort": "1"}}


def run(crm: CRM, operation: str, target: Any = None, /, **values: Any) -> Any:
    """Run an operation."""
    return crm.run(SYSTEM, operation, values, target=None if target is None else target.id)


def test_a_formula_of_ones_own_orders_needs_and_shows_what_it_computes(crm: CRM) -> None:
    run(crm, "needs.model.create", **FIT)
    first, second = (run(crm, "needs.need.create", title=title) for title in ("First", "Second"))
    run(crm, "needs.score.set", first, inputs={"importance": "5", "delight": "10", "effort": "2"})
    run(crm, "needs.score.set", second, inputs={"importance": "10", "delight": "10", "effort": "1"})
    with crm.session(SYSTEM) as session:
        formula = formula_named(session, "fit")
        assert formula.text == "(2 × importance + delight) ÷ effort"
        found = ranked(session, formula, move=Decimal(10), stakes=False)
        assert [(each.need.title, each.score.value) for each in found] == [("Second", 30), ("First", 10)]
        assert found[0].score.low == (2 * Decimal(9) + 9) / Decimal("1.1")


def test_a_formula_that_is_not_active_or_deleted_scores_nothing(lite: CRM) -> None:
    model = run(lite, "needs.model.create", **FIT)
    run(lite, "needs.model.update", model, active=False)
    with lite.session(SYSTEM) as session, pytest.raises(NotFound):
        formula_named(session, "fit")
    run(lite, "needs.model.update", model, active=True, costs={}, title="Fit without cost")
    with lite.session(SYSTEM) as session:
        found = formula_named(session, "fit")
        assert (found.title, found.text) == ("Fit without cost", "2 × importance + delight")
    run(lite, "needs.model.delete", model)
    with lite.session(SYSTEM) as session:
        assert "delight" not in factors_of(session)


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"name": "Not a name"}, ["name"]),
        ({"title": " "}, ["title"]),
        ({"gains": {}}, ["gains"]),
        ({"gains": {"A b": "1", "good": "0", "odd": "NaN"}}, ["gains.A b", "gains.good", "gains.odd"]),
        ({"costs": {"importance": "1"}}, ["costs.importance"]),
        ({"gains": {f"x{number}": 1 for number in range(21)}}, ["gains"]),
    ],
)
def test_mistakes_are_all_named(lite: CRM, changed: dict[str, Any], fields: list[str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        run(lite, "needs.model.create", **{**FIT, **changed})
    assert [each.field for each in caught.value.problems] == fields


@pytest.mark.parametrize("name", ["rice", "fit"])
def test_a_name_is_given_once(lite: CRM, name: str) -> None:
    run(lite, "needs.model.create", **FIT)
    with pytest.raises(Conflict, match=name):
        run(lite, "needs.model.create", **{**FIT, "name": name})


weights = st.dictionaries(st.sampled_from(["reach", "importance", "a", "b"]), st.integers(1, 9), min_size=1, max_size=3)
numbers = st.integers(0, 10)


@settings(max_examples=100, deadline=None)
@given(gains=weights, values=st.tuples(numbers, numbers, numbers, numbers, numbers), move=st.integers(0, 90))
def test_the_ends_of_a_score_hold_it(gains: dict[str, int], values: tuple[int, ...], move: int) -> None:
    """Whatever the weights: a formula of one's own goes one way with each number, as the ends suppose."""
    from crmkit_needs.scoring.known import formula_of

    model = ScoreModel(name="own", title="Own", gains=gains, costs={"cost": "1"}, active=True)
    formula = formula_of(model, {})
    said = dict(zip(("reach", "importance", "a", "b", "cost"), map(Decimal, values), strict=True))
    found = score_of(formula, said, Decimal(move))
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high


def brought(*formulas: Formula) -> ModuleType:
    """Return the hook module of a plugin that brings formulas."""
    module = ModuleType("vendor_scores")

    def needs_scores() -> list[Formula]:
        return list(formulas)

    module.needs_scores = hookimpl(needs_scores)  # type: ignore[attr-defined]
    return module


def test_plugins_bring_formulas_of_their_own(lite: CRM) -> None:
    love = Factor(name="love", title="Love", minimum=Decimal(0), maximum=Decimal(100))
    mine = Formula(name="love", title="Love", text="love", factors=(love,), compute=lambda said: said["love"])
    fake = Formula(name="rice", title="Not RICE", text="love", factors=(love,), compute=lambda said: said["love"])
    lite.dispatcher.add_plugin("vendor", brought(mine, fake))
    need = run(lite, "needs.need.create", title="Lid")
    run(lite, "needs.score.set", need, inputs={"love": "99"})
    with lite.session(SYSTEM) as session:
        assert [each.name for each in formulas_of(session)][-1] == "love"
        assert str(formula_named(session, "rice").title) == "RICE"
        (row,) = ranked(session, formula_named(session, "love"), stakes=False)
        assert row.score.value == 99


def test_a_plugin_that_fails_to_say_so_is_left_out(lite: CRM) -> None:
    module = ModuleType("vendor_scores")

    def needs_scores() -> list[Formula]:
        raise RuntimeError("broken")

    module.needs_scores = hookimpl(needs_scores)  # type: ignore[attr-defined]
    lite.dispatcher.add_plugin("vendor", module)
    with lite.session(SYSTEM) as session:
        assert [each.name for each in formulas_of(session)] == ["rice", "wsjf", "opportunity", "moscow"]
