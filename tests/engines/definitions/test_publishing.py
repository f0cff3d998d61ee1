"""Definitions in effect: what is shipped, what was published over it, and how it goes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from crmkit import CRM, Actor
from crmkit.engines.definitions.kinds import definition_kinds, kind_named
from crmkit.engines.definitions.publishing import (
    Defined,
    defined,
    find,
    publish,
    reset,
    set_enabled,
    version,
    versions,
)
from crmkit.engines.definitions.tables import Definition
from crmkit.errors import DefinitionError, UnknownDefinition
from crmkit.hooks.contributions import ByCutPoints, Dimension, DimensionLabel
from crmkit.i18n import Text, translate

SYSTEM = Actor.system("tests")
SHIPPED = "industry"


def dimension(name: str = "grade", *points: str) -> Dimension:
    """Return a dimension of one's own."""
    labels = [DimensionLabel(name=f"l{number}", title=f"L{number}") for number in range(len(points or ("5",)) + 1)]
    return Dimension(
        name=name, title="Grade", labels=labels, decider=ByCutPoints(score="2 + 3", points=points or ("5",))
    )


def change(crm: CRM, what: Callable[[Any], Any], actor: Actor = SYSTEM) -> Any:
    """Run a change as an operation would."""
    with crm.transaction(actor) as session:
        session.unit.stack.append("tests")
        try:
            result = what(session)
            session.flush()
        finally:
            session.unit.stack.pop()
    return result


def the(crm: CRM, name: str) -> Defined:
    """Return a dimension as it is in effect."""
    with crm.session(SYSTEM) as session:
        return find(session, "dimension", name)


def names(crm: CRM) -> Sequence[str]:
    """Return the names of all dimensions."""
    with crm.session(SYSTEM) as session:
        return list(defined(session, "dimension"))


def test_what_is_shipped_is_in_effect(crm: CRM) -> None:
    """A shipped definition needs no row."""
    found = the(crm, SHIPPED)
    assert (found.origin, found.number, found.publisher, found.plugin) == ("shipped", 0, None, "crmkit")


def test_what_is_published_is_in_effect_at_once(crm: CRM) -> None:
    """A new definition is one's own, is on, and is signed."""
    change(crm, lambda session: publish(session, "dimension", dimension(), note="first"))
    found = the(crm, "grade")
    assert (found.origin, found.number, found.publisher, found.enabled) == ("own", 1, "system", True)
    assert found.value == dimension()


def test_a_shipped_one_can_be_changed_and_taken_back(crm: CRM) -> None:
    """A changed definition is as shipped again once it was reset; its versions are kept."""
    before = the(crm, SHIPPED)
    changed = evolve(before.value, stay_days=9)
    change(crm, lambda session: publish(session, "dimension", changed))
    assert (the(crm, SHIPPED).origin, the(crm, SHIPPED).value.stay_days) == ("changed", 9)
    change(crm, lambda session: reset(session, "dimension", SHIPPED))
    assert the(crm, SHIPPED) == before
    with crm.session(SYSTEM) as session:
        assert [row.number for row in versions(session, "dimension", SHIPPED)] == [2, 1]
        assert version(session, "dimension", SHIPPED, 1) == changed
        assert version(session, "dimension", SHIPPED, 0) == before.value


def test_an_own_one_is_gone_when_it_is_reset(crm: CRM) -> None:
    """Nothing is left in effect of a definition that nobody ships; publishing again goes on counting."""
    change(crm, lambda session: publish(session, "dimension", dimension()))
    assert change(crm, lambda session: reset(session, "dimension", "grade")) is None
    assert "grade" not in names(crm)
    change(crm, lambda session: publish(session, "dimension", dimension("grade", "7")))
    assert the(crm, "grade").number == 3


def test_a_shipped_one_can_be_turned_off(crm: CRM) -> None:
    """Turning off leaves the shipped value as it is, also when the plugin ships another one later."""
    change(crm, lambda session: set_enabled(session, "dimension", SHIPPED, False))
    found = the(crm, SHIPPED)
    assert (found.enabled, found.origin) == (False, "shipped")
    assert not found.in_effect(datetime.now(UTC))


def test_publishing_leaves_on_or_off_as_it_was(crm: CRM) -> None:
    """A definition that was turned off stays so when it is changed."""
    change(crm, lambda session: set_enabled(session, "dimension", SHIPPED, False))
    change(crm, lambda session: publish(session, "dimension", evolve(the(crm, SHIPPED).value, stay_days=3)))
    assert the(crm, SHIPPED).enabled is False


def test_dates_say_when_it_is_in_effect(crm: CRM) -> None:
    """The beginning belongs to it, the end does not."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    end = datetime(2026, 2, 1, tzinfo=UTC)
    found = change(
        crm,
        lambda session: publish(session, "dimension", dimension(), effective_from=begin, effective_until=end),
    )
    moments = [begin - timedelta(seconds=1), begin, end - timedelta(seconds=1), end]
    assert [found.in_effect(moment) for moment in moments] == [False, True, True, False]


def test_an_end_before_the_beginning_is_refused(crm: CRM) -> None:
    """Dates the wrong way round are a problem of the end."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(DefinitionError) as caught:
        change(
            crm,
            lambda session: publish(session, "dimension", dimension(), effective_from=begin, effective_until=begin),
        )
    assert [problem.field for problem in caught.value.problems] == ["effective_until"]


@pytest.mark.parametrize("name", ["", "1st", "a b", "a..b", ".a", "a'b", "x" * 121, "a\n"])
def test_a_name_that_cannot_be_is_refused(crm: CRM, name: str) -> None:
    """A name is made of letters, digits and underscores."""
    with pytest.raises(DefinitionError) as caught:
        change(crm, lambda session: publish(session, "dimension", dimension(name)))
    assert "name" in [problem.field for problem in caught.value.problems]


def test_a_chinese_name_can_be(crm: CRM) -> None:
    """Letters are those of any script."""
    change(crm, lambda session: publish(session, "dimension", dimension("茶客.等级")))
    assert the(crm, "茶客.等级").value.name == "茶客.等级"


def test_what_is_undone_was_never_in_effect(crm: CRM) -> None:
    """A transaction that fails leaves the definitions as they were, in memory too."""

    def fail(session: Any) -> None:
        publish(session, "dimension", dimension())
        assert "grade" in defined(session, "dimension")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        change(crm, fail)
    assert "grade" not in names(crm)


def test_another_process_sees_it_at_its_next_transaction(crm_url: str) -> None:
    """Two CRMs on one database agree on what is in effect."""
    with CRM.open(crm_url) as one, CRM.open(crm_url) as other:
        assert "grade" not in names(other)
        change(one, lambda session: publish(session, "dimension", dimension()))
        assert "grade" in names(other)


def test_a_document_that_cannot_be_used_is_set_aside(crm: CRM) -> None:
    """A stored document that its class no longer takes is broken with its reason, and costs itself alone."""
    change(crm, lambda session: publish(session, "dimension", dimension()))

    def spoil(session: Any) -> None:
        row = session.query(Definition).filter_by(name="grade").one()
        row.document = {**row.document, "colour": "red"}

    change(crm, spoil)
    change(crm, lambda session: set_enabled(session, "dimension", SHIPPED, True))
    assert "grade" not in names(crm)
    assert "colour" in the(crm, "grade").broken
    with pytest.raises(DefinitionError, match="colour"):
        change(crm, lambda session: set_enabled(session, "dimension", "grade", True))


def test_a_changed_one_keeps_its_translations(crm: CRM) -> None:
    """Titles that are as shipped are shown in the reader's language after something else was changed."""
    before = the(crm, SHIPPED).value
    change(crm, lambda session: publish(session, "dimension", evolve(before, stay_days=2)))
    after = the(crm, SHIPPED).value
    assert isinstance(after.title, Text)
    assert translate(after.title, "zh") == translate(before.title, "zh")


def test_an_unknown_name_suggests_the_one_that_was_meant(crm: CRM) -> None:
    """A misspelt name is answered with the nearest one."""
    with pytest.raises(UnknownDefinition, match=SHIPPED):
        the(crm, "industri")


def test_an_unknown_kind_lists_those_that_there_are() -> None:
    """A kind that nobody has declared is an error that names the others."""
    with pytest.raises(UnknownDefinition, match="dimension"):
        kind_named("dimensions")
    assert "dimension" in definition_kinds()
