"""Sources and rules as an admin keeps them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from crmkit_quality.survivorship.trust import read_trust

from crmkit.app import CRM
from crmkit.errors import Conflict, InvalidInput
from tests.plugins.quality.survivorship.conftest import ACTOR


def test_unrated_sources_count_less_than_people(quality: CRM) -> None:
    """What nobody has rated counts 50, what people enter 70, until somebody rates them."""
    with quality.session(ACTOR) as session:
        book = read_trust(session)
    assert (90, 30, 50, 70) == tuple(book.trust(name) for name in ("erp", "vendor", "fair", None))
    quality.run(ACTOR, "quality.source.create", {"name": "entered", "title": "Typed", "trust": 20})
    with quality.session(ACTOR) as session:
        book = read_trust(session)
    assert (20, "Typed") == (book.trust(None), book.title(None))


def test_a_source_changes_and_goes(quality: CRM) -> None:
    """Its trust and title change; removed, it counts as unrated."""
    source = quality.run(ACTOR, "quality.source.create", {"name": "shop"})
    assert ("shop", 50) == (source.title, source.trust)
    quality.run(ACTOR, "quality.source.update", {"trust": 99}, target=source.id)
    with quality.session(ACTOR) as session:
        assert read_trust(session).trust("shop") == 99
    quality.run(ACTOR, "quality.source.delete", target=source.id)
    with quality.session(ACTOR) as session:
        assert read_trust(session).trust("shop") == 50


@pytest.mark.parametrize("values", [{"name": " "}, {"name": "x", "trust": 101}, {"name": "x", "trust": -1}])
def test_sources_that_cannot_be_are_refused(quality: CRM, values: dict[str, Any]) -> None:
    """A source has a name, and a trust from 0 to 100."""
    with pytest.raises(InvalidInput):
        quality.run(ACTOR, "quality.source.create", values)


def test_nothing_is_there_twice(quality: CRM, rule: Callable[..., Any]) -> None:
    """Two sources of one name, and two rules for one field, are refused."""
    with pytest.raises(Conflict):
        quality.run(ACTOR, "quality.source.create", {"name": "erp"})
    rule("city", "longest")
    with pytest.raises(Conflict):
        rule("city", "manual")


@pytest.mark.parametrize(
    ("field", "strategy", "sources", "wrong"),
    [
        ("colour", "longest", (), "field"),
        ("custom.colour", "longest", (), "field"),
        ("city", "oldest", (), "strategy"),
        ("record", "longest", (), "strategy"),
        ("city", "best", (), "strategy"),
        ("city", "longest", ("erp",), "sources"),
    ],
)
def test_rules_that_cannot_be_are_refused(
    rule: Callable[..., Any], field: str, strategy: str, sources: tuple[str, ...], wrong: str
) -> None:
    """Fields that there are not, rules that are not for the field, and orders that nothing heeds are named."""
    with pytest.raises(InvalidInput) as refused:
        rule(field, strategy, *sources)
    assert [wrong] == [problem.field for problem in refused.value.problems]


def test_a_rule_changes_and_the_one_for_all_others_counts_instead(quality: CRM, rule: Callable[..., Any]) -> None:
    """A field without a rule is decided by the one for all others; without that the survivor's value stays."""
    quality.run(ACTOR, "custom_field.create", {"resource": "customer", "name": "colour", "field_class": "personal"})
    made = rule("custom.colour", "longest")
    quality.run(
        ACTOR, "quality.survivorship.update", {"strategy": "trusted_source", "sources": ["b", "a"]}, target=made.id
    )
    with quality.session(ACTOR) as session:
        book = read_trust(session)
    assert ("trusted_source", ("b", "a")) == (book.rule("custom.colour").strategy, book.rule("custom.colour").sources)
    assert book.rule("city").strategy == "survivor"
    rule("*", "most_recent")
    quality.run(ACTOR, "quality.survivorship.delete", target=made.id)
    with quality.session(ACTOR) as session:
        book = read_trust(session)
    assert ("most_recent", "most_recent") == (book.rule("custom.colour").strategy, book.rule("city").strategy)
