"""What has to hold of an experiment, and how many customers one needs."""

from __future__ import annotations

from typing import Any

import pytest

from crmkit.engines.definitions.documents import from_document, to_document
from crmkit.engines.experiments.planning import plan
from crmkit.errors import DefinitionError, InvalidInput
from crmkit.hooks.experiments import Arm, Experiment, Metric
from tests.engines.experiments.support import MAIL, Shop

BUYS = MAIL.metrics[0]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"arms": (Arm(name="a", share=1.0),)}, "arms"),
        ({"arms": (Arm(name="a", share=0.5), Arm(name="a", share=0.5))}, "arms"),
        ({"arms": (Arm(name="a", share=0.5), Arm(name="b", share=0.4))}, "arms"),
        ({"arms": (Arm(name="a", share=1.5), Arm(name="b", share=-0.5))}, "arms"),
        ({"control": "placebo"}, "control"),
        ({"share": 0}, "share"),
        ({"metrics": ()}, "metrics"),
        ({"metrics": (BUYS, BUYS)}, "metrics"),
        ({"metrics": (Metric(name="buys", value="purchase.count"),)}, "metrics"),
        ({"confidence": 1}, "confidence"),
        ({"spare": True}, "spare"),
        ({"method": "fixed"}, "planned"),
        ({"method": "group_sequential", "planned": 100, "looks": 0}, "looks"),
        ({"method": "group_sequential", "planned": 100, "covers": "everybody"}, "method"),
        ({"among": "purchase.cuont > 1"}, "among"),
        ({"among": "purchase.count"}, "among"),
        ({"metrics": (Metric(name="x", value="customer.city", effect=1.0),)}, "metrics.0.value"),
        ({"metrics": (Metric(name="x", value="purchase.count > 0", effect=1.0),)}, "metrics.0.value"),
        (
            {"metrics": (Metric(name="x", value="purchase.count", before="nothing.known", effect=1.0),)},
            "metrics.0.before",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_field(shop: Shop, changes: dict[str, Any], field: str) -> None:
    """Each mistake is refused when the experiment is saved, and says where it is."""
    with pytest.raises(DefinitionError) as caught:
        shop.save(**changes)
    assert field in {problem.field for problem in caught.value.problems}


def test_an_experiment_is_a_document() -> None:
    """A definition is the same after it has been a document, as in a file of the configuration."""
    wanted = Experiment(
        name="price",
        title="价格",
        arms=(Arm(name="old", share=0.5), Arm(name="new", share=0.5, title="新")),
        metrics=(Metric(name="spent", value="purchase.amount", before="purchase.amount", effect=5.0),),
        method="group_sequential",
        planned=1000,
    )
    assert wanted == from_document(Experiment, to_document(wanted))


def test_a_plan_is_that_of_the_formula() -> None:
    """R's 76.7 for 0.5 against 0.75 at 90 %: 77 each, 154 in all, which takes 16 days at ten a day."""
    found = plan(0.5, 0.25, power=0.9, per_day=10)
    assert ((77, 77), 154, 16, 0.95) == (found.sizes, found.customers, found.days, found.confidence)


def test_more_arms_share_out_the_error() -> None:
    """Two comparisons at 95 % are made at 97.5 % each, and need more customers an arm."""
    two, three = plan(0.1, 0.02), plan(0.1, 0.02, shares=(1 / 3, 1 / 3, 1 / 3))
    assert 0.975 == pytest.approx(three.confidence)
    assert three.sizes[0] > two.sizes[0]


def test_the_smallest_arm_decides() -> None:
    """With unequal arms each has at least what its comparison needs."""
    found = plan(100, 5, deviation=35, shares=(0.5, 0.4, 0.1))
    assert 5 * found.sizes[2] == pytest.approx(found.sizes[0], abs=5)
    assert found.customers > plan(100, 5, deviation=35, shares=(0.4, 0.3, 0.3)).customers


@pytest.mark.parametrize(
    "values",
    [
        {"shares": (1.0,)},
        {"shares": (0.5, 0.4)},
        {"shares": (1.0, 0.0)},
        {"per_day": 0},
        {"power": 1},
        {"confidence": 1},
    ],
)
def test_what_cannot_be_planned_is_refused(values: dict[str, Any]) -> None:
    """Shares that do not make a whole, no customers a day, certainty: refused in words."""
    with pytest.raises(InvalidInput):
        plan(0.1, 0.02, **values)
