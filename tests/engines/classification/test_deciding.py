"""Who or what decides: expressions, values, cut points, quantiles, clusters, persons; and what is refused at saving."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from crmkit import CRM, Actor
from crmkit.core.store.clock import Clock
from crmkit.engines.classification.clusters import cluster
from crmkit.engines.classification.previewing import preview
from crmkit.engines.classification.reading import counts, history_of, last_runs
from crmkit.engines.classification.writing import Move
from crmkit.engines.definitions.publishing import find
from crmkit.errors import DefinitionError, InvalidInput, NotFound, Refused
from crmkit.hooks.classification import ByClusters, ByCutPoints, ByPin, ByQuantiles, ByValue, Dimension, DimensionLabel
from tests.engines.classification.support import (
    NOW,
    SYSTEM,
    buy,
    classify,
    configure,
    customer,
    label,
    labels,
    open_shop,
    save,
)


@pytest.fixture
def shop(crm_url: str) -> Iterator[CRM]:
    """A shop whose business clock stands still."""
    crm = open_shop(crm_url)
    configure(crm)
    yield crm
    crm.close()


def analyst(crm: CRM) -> Actor:
    """Return somebody who sees all customers, with everything personal masked."""
    user = crm.run(SYSTEM, "user.create", {"login": "ana", "name": "Ana"})
    crm.run(SYSTEM, "user.assign_role", {"role": "analyst"}, target=user)
    return Actor.user(user.id)


def test_the_first_expression_that_holds_decides(shop: CRM) -> None:
    """Labels are tried in their order; for whom none holds there is the default, or no label."""
    few, none = customer(shop), customer(shop, "Nobody")
    buy(shop, few, 3)
    save(shop, "first", ("a", "purchase.count >= 1"), ("b", "purchase.count >= 0"))
    save(shop, "only", ("a", "purchase.count >= 1"))
    save(shop, "rest", ("a", "purchase.count >= 1"), ("z", None), default="z")
    save(shop, "among", ("a", "true"), among="purchase.count >= 1", default="a")
    classify(shop, "first", "only", "rest", "among")
    assert {"first": "a", "only": "a", "rest": "a", "among": "a"} == labels(shop, few)
    assert {"first": "b", "rest": "z"} == labels(shop, none)


def test_a_value_names_its_own_label(shop: CRM) -> None:
    """What was not declared is called by the value; without one there is no label."""
    trade, none = customer(shop, kind="organization", industry="trade"), customer(shop, "Nobody")
    save(shop, "branch", decider=ByValue(value="customer.industry"))
    classify(shop, "branch")
    assert ["trade", None] == [label(shop, who, "branch") for who in (trade, none)]


@pytest.mark.parametrize(("amount", "expected"), [("99.99", "low"), ("100", "mid"), ("199.99", "mid"), ("200", "high")])
def test_a_score_that_equals_a_cut_point_belongs_above_it(shop: CRM, amount: str, expected: str) -> None:
    """Points are in major units of the base currency, beside money."""
    who = customer(shop)
    buy(shop, who, 3, amount)
    decider = ByCutPoints(score="purchase.amount", points=("100", "200"))
    save(shop, "sum", ("low", None), ("mid", None), ("high", None), decider=decider)
    classify(shop, "sum")
    assert expected == label(shop, who, "sum")


def test_a_margin_holds_on_to_the_label_that_there_is(shop: CRM) -> None:
    """Who has a label gets the next one only when the score has gone beyond the point by the margin."""
    who = customer(shop)
    decider = ByCutPoints(score="purchase.amount", points=("100", "200"), margin="20")
    save(shop, "sum", ("low", None), ("mid", None), ("high", None), decider=decider)
    seen: list[str | None] = []
    for amount in ("90", "20", "10", "60", "100"):
        buy(shop, who, 3, amount)
        classify(shop, "sum")
        seen.append(label(shop, who, "sum"))
    # 90, 110 (within the margin), 120, 180, 280
    assert ["low", "low", "mid", "mid", "high"] == seen


def test_a_label_stays_for_as_long_as_it_has_to(shop: CRM) -> None:
    """The decider takes a label back only once it has stayed, without anything new about the customer."""
    who = customer(shop)
    save(shop, "fresh", ("yes", "days_since(purchase.last_at) <= 1"), ("no", "true"), stay_days=10)
    buy(shop, who, 1)
    seen: list[str | None] = []
    for days in (0, 5, 9, 10):
        shop.gate.clock = Clock(NOW + timedelta(days=days))
        classify(shop, "fresh")
        seen.append(label(shop, who, "fresh"))
    assert ["yes", "yes", "yes", "no"] == seen


def test_quantiles_part_the_base_and_never_equals(shop: CRM) -> None:
    """Of ten, the upper half is high, except those who are equal to the boundary's neighbours; boundaries are kept."""
    for number, amount in enumerate((1, 1, 1, 2, 2, 2, 2, 3, 4, 5)):
        buy(shop, customer(shop, f"C{number}"), 3, str(amount))
    save(shop, "half", ("low", None), ("high", None), decider=ByQuantiles(score="purchase.amount", shares=("0.5",)))
    (found,) = classify(shop, "half").dimensions
    # The boundary is 2.00, in minor units: the fourth to seventh are equal to it, and so above it all together.
    assert ({"low": 3, "high": 7}, {"boundaries": [200.0]}) == (dict(found.counts), dict(found.found))
    with shop.session(SYSTEM) as session:
        assert {"boundaries": [200.0]} == last_runs(session)["half"][1].found


def test_clusters_keep_their_labels_between_runs(shop: CRM) -> None:
    """Two far clouds are told apart, labels ascend with the first score, and go with the cloud when it moves."""
    near, far = ([customer(shop, f"{side}{number}") for number in range(6)] for side in ("N", "F"))
    for place, who in enumerate(near):
        buy(shop, who, 100, str(10 + place))
    for place, who in enumerate(far):
        for days in (3, 2, 1):
            buy(shop, who, days, str(900 + place))
    decider = ByClusters(scores=("purchase.count", "purchase.amount"))
    save(shop, "cloud", ("small", None), ("big", None), decider=decider)
    classify(shop, "cloud")
    assert [{"small"}, {"big"}] == [{label(shop, who, "cloud") for who in group} for group in (near, far)]
    for who in near:
        for days in range(4, 9):
            buy(shop, who, days, "1")
    (found,) = classify(shop, "cloud").dimensions
    # The small ones buy more often by now, so they would be the second cluster if they were numbered anew.
    assert [{"small"}, {"big"}] == [{label(shop, who, "cloud") for who in group} for group in (near, far)]
    assert 0.8 < found.found["separation"] <= 1


def test_clusters_of_the_same_points_are_the_same() -> None:
    """The same points, in the same order, give the same centres; too few of them give none."""
    points = [(float(number % 7), float(number % 5) * 100) for number in range(60)]
    assert cluster(points, 3, seed=4) == cluster(points, 3, seed=4)
    assert cluster(points[:5], 3) is None
    assert cluster([(1.0,)] * 50, 2) is None


def test_a_cluster_stands_where_the_earlier_one_stood() -> None:
    """With the centres of before, the order is theirs, not that of the first score."""
    points = [(0.0 + number / 10, 0.0) for number in range(10)] + [(9.0 + number / 10, 0.0) for number in range(10)]
    found = cluster(points, 2, before=[(9.0, 0.0), (0.0, 0.0)])
    assert found is not None
    assert [9.45, 0.45] == [round(centre[0], 2) for centre in found.centres]


# --- pins ------------------------------------------------------------------------------------------------------------


def test_a_pin_goes_before_the_decider_until_it_expires(shop: CRM) -> None:
    """It holds at once, through runs, and no longer than was said."""
    who = customer(shop)
    save(shop, "kind", ("a", "true"), ("b", None))
    classify(shop, "kind")
    values = {"dimension": "kind", "label": "b", "reason": "asked for it", "expires_at": NOW + timedelta(days=5)}
    shop.run(SYSTEM, "customer.pin_label", values, target=who)
    seen = [label(shop, who, "kind")]
    for days in (1, 5):
        shop.gate.clock = Clock(NOW + timedelta(days=days))
        classify(shop, "kind")
        seen.append(label(shop, who, "kind"))
    assert ["b", "b", "a"] == seen
    with shop.session(SYSTEM) as session:
        assert ["decider", "pin"] == [line.cause for line in history_of(session, who, "kind")][:2]


def test_a_pin_that_is_taken_back_leaves_it_to_the_decider(shop: CRM) -> None:
    """At once; and there has to be one."""
    who = customer(shop)
    save(shop, "kind", ("a", "true"), ("b", None))
    shop.run(SYSTEM, "customer.pin_label", {"dimension": "kind", "label": "b"}, target=who)
    shop.run(SYSTEM, "customer.unpin_label", {"dimension": "kind"}, target=who)
    assert "a" == label(shop, who, "kind")
    with pytest.raises(NotFound, match="Nobody has pinned"):
        shop.run(SYSTEM, "customer.unpin_label", {"dimension": "kind"}, target=who)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"label": "c"}, "There is no such label.*Possible: a, b"),
        ({"label": "b", "expires_at": NOW}, "over already"),
        ({"label": "b", "dimension": "kinds"}, 'Did you mean "kind"'),
    ],
)
def test_a_pin_that_cannot_hold_is_refused(shop: CRM, values: dict[str, Any], message: str) -> None:
    """Neither an unknown label or dimension nor what is over."""
    save(shop, "kind", ("a", "true"), ("b", None))
    with pytest.raises((InvalidInput, NotFound), match=message):
        shop.run(SYSTEM, "customer.pin_label", {"dimension": "kind", **values}, target=customer(shop))


# --- rights ----------------------------------------------------------------------------------------------------------


def test_labels_out_of_personal_facts_are_masked_like_them(shop: CRM) -> None:
    """Whoever sees no city sees no label that is one, unless the dimension is declared to tell nothing personal."""
    who = customer(shop, city="杭州", country="CN")
    save(shop, "town", decider=ByValue(value="customer.city"))
    save(shop, "far", ("yes", 'customer.city != "上海"'), classified="internal")
    classify(shop, "town", "far")
    actor = analyst(shop)
    assert {"far": "yes"} == labels(shop, who, actor)
    with shop.session(actor) as session:
        assert {"yes": 1} == counts(session, "far")
        with pytest.raises(Refused, match="masked for you"):
            counts(session, "town")
        with pytest.raises(Refused, match="masked for you"):
            history_of(session, who, "town")


def test_labels_of_foreign_customers_are_not_shown(shop: CRM) -> None:
    """A seller sees the labels, and counts those, of the customers that a seller sees."""
    who = customer(shop)
    save(shop, "kind", ("a", "true"))
    classify(shop, "kind")
    user = shop.run(SYSTEM, "user.create", {"login": "sel", "name": "Sel"})
    shop.run(SYSTEM, "user.assign_role", {"role": "seller"}, target=user)
    actor = Actor.user(user.id)
    assert {} == labels(shop, who, actor)
    with shop.session(actor) as session:
        assert {} == counts(session, "kind")
    with pytest.raises(NotFound):
        shop.run(actor, "customer.pin_label", {"dimension": "kind", "label": "a"}, target=who)
    with pytest.raises(Refused):
        shop.run(actor, "classification.run", {})


# --- saving ----------------------------------------------------------------------------------------------------------


def _dimension(*made: tuple[str, str | None], **values: Any) -> Dimension:
    given = [DimensionLabel(name=name, title=name, when=when) for name, when in made]
    return Dimension(**{"name": "tried", "title": "Tried", "labels": given, **values})


TWO = (("a", None), ("b", None))


@pytest.mark.parametrize(
    ("dimension", "field"),
    [
        (_dimension(("a", "purchase.cout > 1")), "labels.0.when"),
        (_dimension(("a", "purchase.count")), "labels.0.when"),
        (_dimension(("a", "true"), ("a", "true")), "labels"),
        (_dimension(), "labels"),
        (_dimension(("a", "true"), default="b"), "default"),
        (_dimension(("a", "true"), stay_days=-1), "stay_days"),
        (_dimension(("a", "true"), alert_percent=0), "alert_percent"),
        (_dimension(("a", "true"), decider=ByPin()), "labels"),
        (_dimension(("a", None), decider=ByCutPoints(score="purchase.count", points=("1",))), "decider.points"),
        (_dimension(("a", None), decider=ByCutPoints(score="customer.source", points=())), "decider.score"),
        (
            _dimension(("a", None), ("b", None), decider=ByQuantiles(score="purchase.count", shares=("2",))),
            "decider.shares",
        ),
        (
            _dimension(("a", None), ("b", None), decider=ByQuantiles(score="purchase.count", shares=("x",))),
            "decider.shares",
        ),
        (_dimension(("a", None), decider=ByClusters(scores=("purchase.count",))), "decider.scores"),
        (_dimension(("a", 'label.tried == "a"')), "labels.0.when"),
        (_dimension(("a", "true"), among="purchase.count +"), "among"),
    ],
)
def test_what_is_wrong_is_said_with_its_field(shop: CRM, dimension: Dimension, field: str) -> None:
    """A dimension that could not be decided is not saved."""
    with shop.session(SYSTEM) as session, pytest.raises(DefinitionError) as caught:
        preview(session, dimension)
    assert field in [problem.field for problem in caught.value.problems]


def test_dimensions_do_not_read_each_other_in_a_circle(shop: CRM) -> None:
    """A circle is refused when it would be closed, however long."""
    save(shop, "one", ("a", "true"))
    save(shop, "two", ("a", 'label.one == "a"'))
    with pytest.raises(DefinitionError, match="circle"):
        save(shop, "one", ("a", 'label.two == "a"'))


def test_a_dimension_can_be_taken_back_and_turned_off(shop: CRM) -> None:
    """A shipped one is as shipped again; one that is off is decided no more and keeps its labels."""
    who = customer(shop)
    classify(shop, "type")
    save(shop, "type", ("human", "true"))
    shop.run(SYSTEM, "dimension.disable", {"name": "type"})
    assert [] == list(classify(shop, "type").dimensions)
    assert "person" == label(shop, who, "type")
    shop.run(SYSTEM, "dimension.reset", {"name": "type"})
    with shop.session(SYSTEM) as session:
        assert "shipped" == find(session, "dimension", "type").origin


# --- preview ---------------------------------------------------------------------------------------------------------


def test_a_preview_says_who_would_move_and_writes_nothing(shop: CRM) -> None:
    """What it says is what the run finds after saving."""
    some: list[UUID] = [customer(shop, f"C{number}") for number in range(4)]
    for number, who in enumerate(some):
        for _purchase in range(number):
            buy(shop, who, 3)
    save(shop, "often", ("no", None), ("yes", "purchase.count >= 3"), default="no")
    classify(shop, "often")
    wanted = _dimension(("no", None), ("yes", "purchase.count >= 2"), name="often", default="no")
    with shop.session(SYSTEM) as session:
        found = preview(session, wanted)
    assert [Move("no", "no", 2), Move("no", "yes", 1), Move("yes", "yes", 1)] == list(found.moves)
    assert (1, [("C2", "no", "yes")]) == (found.moved, [(each.name, each.before, each.after) for each in found.movers])
    assert [None, "no"] == [label(shop, some[2], name) for name in ("tried", "often")]
    save(shop, "often", ("no", None), ("yes", "purchase.count >= 2"), default="no")
    (run,) = classify(shop, "often").dimensions
    assert [Move("no", "yes", 1)] == list(run.moves)


def test_a_preview_finds_boundaries_over_all_customers(shop: CRM) -> None:
    """Quantiles are settled before anything is saved, and pins are kept."""
    some = [customer(shop, f"C{number}") for number in range(4)]
    for number, who in enumerate(some):
        buy(shop, who, 3, str(10 * (number + 1)))
    decider = ByQuantiles(score="purchase.amount", shares=("0.5",))
    save(shop, "half", ("low", None), ("high", None), decider=decider)
    shop.run(SYSTEM, "customer.pin_label", {"dimension": "half", "label": "high"}, target=some[0])
    with shop.session(SYSTEM) as session:
        found = preview(session, find(session, "dimension", "half").value)
    assert ({"low": 1, "high": 3}, {"boundaries": [3000.0]}) == (found.counts, dict(found.found))
