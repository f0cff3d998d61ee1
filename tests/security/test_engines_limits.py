"""Attacks on the engines by size: definitions that are deep, long, or grow when what they name is put in their place.

Each has to be refused at the door, in words, and in about the time that reading it takes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from crmkit import CRM
from crmkit.engines.definitions.documents import DEEPEST, MOST_PARTS, from_document
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.segments.figures import condition, size
from crmkit.errors import DefinitionError, InvalidInput
from crmkit.hooks.contributions import Goal, Rule
from tests.security.world import SYSTEM

SOON = 5.0
"""Seconds of work, however busy the machine is: each of these took from 13 seconds to forever."""


def nested(levels: int, inner: Any = "'x'") -> Any:
    """Return lists in lists."""
    for _level in range(levels):
        inner = [inner]
    return inner


def rule(names: Any = ("'x'",), actions: int = 1) -> dict[str, Any]:
    """Return the inputs of a rule that puts tags on a customer."""
    do = {"operation": "customer.tag", "arguments": {"names": names}}
    return {"name": "big", "title": "big", "on": "customer.created", "then": [do] * actions}


def saving(crm: CRM, name: str, wheres: Sequence[str]) -> tuple[int, str]:
    """Save a segment, and segments with these conditions on top of it until one is refused; return the number of the
    last one that was saved, and what was said of the next."""
    crm.run(SYSTEM, "segment.save", {"name": f"{name}0", "title": "x", "where": 'customer.kind == "person"'})
    for step, where in enumerate(wheres, 1):
        try:
            crm.run(SYSTEM, "segment.save", {"name": f"{name}{step}", "title": "x", "where": where})
        except DefinitionError as error:
            return step - 1, error.render()
    return len(wheres), ""


def dimension(**given: Any) -> dict[str, Any]:
    """Return the inputs of a dimension."""
    return {"definition": {"name": "big", "title": "big", **given}}


def goal(**given: Any) -> dict[str, Any]:
    """Return the inputs of a goal."""
    metric = {"by": "facts", "aggregate": "count"}
    return {"definition": {"name": "big", "title": "big", "target": "1", "period": "2026", "metric": metric, **given}}


def figure(parameters: Any) -> dict[str, Any]:
    """Return the metric of a goal that is a report's figure."""
    return {"by": "figure", "report": "customer.by_label", "row": "x", "column": "x", "parameters": parameters}


LABELS = [{"name": f"l{number}", "title": "t", "when": f"purchase.count > {number}"} for number in range(20_000)]
TWO = [{"name": "a", "title": "a"}, {"name": "b", "title": "b"}]
ATTACKS: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "deep arguments": ("rule.save", lambda: rule(nested(3000))),
    "many arguments": ("rule.save", lambda: rule([f"'x{number}'" for number in range(20_000)])),
    "many actions": ("rule.save", lambda: rule(actions=20_000)),
    "many labels": ("dimension.save", lambda: dimension(labels=LABELS)),
    "many scores": (
        "dimension.save",
        lambda: dimension(labels=TWO, decider={"by": "clusters", "scores": ["purchase.count"] * 100}),
    ),
    "deep decider": ("dimension.save", lambda: dimension(decider=nested(3000, {}))),
    "deep parameters": ("goal.set", lambda: goal(metric=figure({"where": nested(3000)}))),
    "a huge target": ("goal.set", lambda: goal(target="1e999999")),
    "a tiny target": ("goal.set", lambda: goal(target="1e-999999")),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_huge_definition_is_refused_in_words(crm: CRM, attack: str) -> None:
    """Whether it is deep, long or has a number that nothing can reckon with."""
    operation, given = ATTACKS[attack]
    values = given()
    began = time.process_time()
    with pytest.raises(InvalidInput):
        crm.run(SYSTEM, operation, values)
    assert time.process_time() - began < SOON


@pytest.mark.parametrize("type_", [Rule, Goal])
def test_a_draft_is_bounded_too(type_: type[Any]) -> None:
    """What is tried out or previewed is read from its plain form, and never published."""
    for document in ({"doc": nested(DEEPEST + 1)}, {"doc": ["x"] * (MOST_PARTS + 1)}):
        with pytest.raises(DefinitionError):
            from_document(type_, document)


def test_segments_that_name_each_other_do_not_grow_beyond_bounds(crm: CRM) -> None:
    """Each names the one before it five times: after nine steps a condition of two million parts."""
    wheres = [
        " or ".join(f"(segment.s{step} and purchase.count > {number})" for number in range(5)) for step in range(9)
    ]
    began = time.process_time()
    saved, refused = saving(crm, "s", wheres)
    assert time.process_time() - began < SOON
    assert 2 < saved < 9
    assert "parts" in refused


def test_a_condition_is_as_large_as_what_it_names(crm: CRM) -> None:
    """A condition that is asked once, at no time saved, is bounded as one that is saved."""
    where = " or ".join(f"purchase.count > {number}" for number in range(100))
    crm.run(SYSTEM, "segment.save", {"name": "large", "title": "x", "where": where})
    with crm.session(SYSTEM) as session, pytest.raises(InvalidInput, match="parts"):
        size(session, condition(session, where=" or ".join(["segment.large"] * 60)), moment_of(session))


def test_a_chain_of_segments_ends_in_words_and_works_up_to_there(crm: CRM) -> None:
    """Each is the negation of the one before it; the last one that could be saved can be counted."""
    crm.run(SYSTEM, "customer.create", {"name": "Ann"})
    last, refused = saving(crm, "c", [f"not segment.c{step}" for step in range(100)])
    assert "levels" in refused
    assert last > 20
    with crm.session(SYSTEM) as session:
        found = [size(session, condition(session, f"c{step}"), moment_of(session)).count for step in (last - 1, last)]
    assert sorted(found) == [0, 1]
