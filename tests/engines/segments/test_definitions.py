"""Saving segments: what is refused and why, and what becomes of what is taken back."""

from __future__ import annotations

import pytest

from crmkit import CRM
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.engines.segments.previewing import preview
from crmkit.engines.segments.resolving import class_of, find_segment
from crmkit.errors import Conflict, DefinitionError, UnknownDefinition
from crmkit.hooks.classification import ByValue, Dimension
from crmkit.hooks.contributions import Segment
from tests.engines.segments.conftest import Shop
from tests.security.world import SYSTEM


def refusal(own: Shop, name: str, where: str, **more: str) -> str:
    """Return what saving a segment is refused with."""
    with pytest.raises(DefinitionError) as refused:
        own.save(name, where, **more)
    return str(refused.value)


def test_a_circle_is_refused_and_shown(own: Shop) -> None:
    """A segment cannot be made of itself, neither at once nor over others; the way round is named."""
    own.save("a", "purchase.count >= 1")
    own.save("b", "segment.a")
    own.save("c", "not segment.b")
    assert "a → c → b → a" in refusal(own, "a", "purchase.count > 2 and segment.c")
    assert "new → new" in refusal(own, "new", "segment.new")
    own.save("a", "purchase.count >= 2")
    assert own.count(SYSTEM, "c") == 4


def test_what_is_wrong_is_said_at_its_field(own: Shop) -> None:
    """A fact that there is not, a text for a condition, no title and an impossible name are refused by field."""
    for where, fault in (("purchase.cuont > 1", "purchase.count"), ("customer.name", "where"), ("1 +", "where")):
        assert fault in refusal(own, "wrong", where)
    assert "title" in refusal(own, "wrong", "true", title=" ")
    assert "segment.big-spenders" in refusal(own, "big-spenders", "true")
    assert own.count(SYSTEM, where="true") == 5


def test_a_chinese_name_names_a_segment(own: Shop) -> None:
    """Names are of letters of any script."""
    own.save("大客户", "purchase.amount >= 100")
    own.save("南区大客户", 'segment.大客户 and customer.team == "South"')
    assert [own.count(SYSTEM, name) for name in ("大客户", "南区大客户")] == [2, 1]


def test_protected_facts_need_a_justification(own: Shop) -> None:
    """Whoever singles customers out by gender says why, also where it comes by another segment or a label."""
    women = 'customer.gender == "female"'
    assert "customer.gender" in refusal(own, "women", women)
    own.save("women", women, justification="maternity wear")
    assert own.count(SYSTEM, "women") == 1
    assert "customer.gender" in refusal(own, "buying_women", "segment.women and purchase.count >= 1")
    with own.crm.transaction(SYSTEM) as session:
        sexes = Dimension(name="sexes", title="Sexes", decider=ByValue(value="customer.gender"))
        session.run("dimension.save", {"definition": {"name": "sexes", "title": "Sexes", "decider": _document(sexes)}})
    assert "customer.gender" in refusal(own, "by_label", 'label.sexes == "female"')


def _document(dimension: Dimension) -> dict[str, str]:
    assert isinstance(dimension.decider, ByValue)
    return {"by": "value", "value": dimension.decider.value}


def test_an_admin_adds_to_what_is_protected(own: Shop) -> None:
    """The protected facts are an option list: what is added is asked for, what is retired no longer is."""
    own.save("kiel", 'customer.city == "Kiel"')
    own.crm.run(SYSTEM, "option.add", {"list_name": "protected", "value": "customer.city"})
    assert "customer.city" in refusal(own, "kiel", 'customer.city == "Kiel"')
    own.crm.run(SYSTEM, "option.retire", {"list_name": "protected", "value": "customer.gender"})
    own.save("women", 'customer.gender == "female"')


def test_versions_are_kept_and_taken_back(own: Shop) -> None:
    """Each saving is a version; a segment of one's own is gone once it is reset, unless another is made of it."""
    own.save("buyers", "purchase.count >= 1")
    assert own.save("buyers", "purchase.count >= 2").number == 2
    own.save("north", 'segment.buyers and customer.team == "North"')
    with pytest.raises(Conflict, match="north"):
        own.crm.run(SYSTEM, "segment.reset", {"name": "buyers"})
    for name in ("north", "buyers"):
        own.crm.run(SYSTEM, "segment.reset", {"name": name})
    with pytest.raises(UnknownDefinition):
        own.count(SYSTEM, "buyers")


def test_a_segment_whose_fact_is_gone_costs_itself_alone(own: Shop) -> None:
    """A segment that can no longer be understood is named by the run and by the doctor; others go on."""
    own.save("buyers", "purchase.count >= 1")
    given = {"resource": "customer", "name": "grade", "type": "integer", "title": "Grade", "field_class": "internal"}
    grade = own.crm.run(SYSTEM, "custom_field.create", given)
    own.save("graded", "custom.grade >= 3")
    own.crm.run(SYSTEM, "custom_field.retire", target=grade.id)
    found = {each.segment: each for each in own.crm.run(SYSTEM, "segment.run")}
    assert (found["buyers"].members, found["buyers"].problem) == (3, "")
    assert "custom.grade" in found["graded"].problem
    with own.crm.session(SYSTEM) as session:
        (check,) = [check for check in _checks(own.crm) if check.name == "crm.segments"]
        assert [each.code for each in check.run(session)] == ["CK730"]


def _checks(crm: CRM) -> list[object]:
    return list(crm.registry.tables["check"].values())


def test_a_preview_tells_what_would_change(own: Shop) -> None:
    """A preview counts who would enter and leave, and saves nothing."""
    own.save("buyers", "purchase.count >= 1")
    own.save("kiel", 'customer.city == "Kiel"')
    value = Segment(name="buyers", title="Buyers", where="purchase.count >= 2 or purchase.count == 0")
    with own.crm.session(SYSTEM) as session:
        found = preview(session, value, moment_of(session))
        assert find_segment(session, "buyers").value.where == "purchase.count >= 1"
    assert (found.count.count, found.entering, found.leaving) == (3, 2, 2)
    assert [(each.segment, each.both) for each in found.overlaps] == [("kiel", 1)]
    assert (len(found.sample), found.protected) == (3, ())


def test_a_preview_shows_uneven_treatment(own: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A condition that says nothing of gender, but goes along with it, is shown to be uneven."""
    monkeypatch.setattr("crmkit.engines.segments.previewing.GROUP", 1)
    value = Segment(name="spenders", title="Spenders", where="purchase.amount >= 100")
    with own.crm.session(SYSTEM) as session:
        found = preview(session, value, moment_of(session))
        even = preview(session, Segment(name="all", title="All", where="true"), moment_of(session))
    (gender,) = [each for each in found.balance if each.fact == "customer.gender"]
    assert ([(each.value, each.members, each.customers) for each in gender.groups], gender.uneven) == (
        [("female", 1, 1), ("male", 0, 1)],
        True,
    )
    assert not any(each.uneven for each in even.balance)


def test_small_groups_tell_no_rates(own: Shop) -> None:
    """Of groups of fewer than thirty nothing is said."""
    value = Segment(name="spenders", title="Spenders", where="purchase.amount >= 100")
    with own.crm.session(SYSTEM) as session:
        assert [each.groups for each in preview(session, value, moment_of(session)).balance] == [()] * 4


def test_belonging_is_as_guarded_as_what_decides(own: Shop) -> None:
    """The fact of a segment has the class of the most guarded fact that it reads, over other segments too."""
    own.save("kiel", 'customer.city == "Kiel"')
    own.save("kiel_buyers", "segment.kiel and purchase.count >= 1")
    own.save("buyers", "purchase.count >= 1")
    with own.crm.session(SYSTEM) as session:
        catalogue = catalogue_of(session)
        classes = {name: catalogue.known(f"segment.{name}").fact.classified for name in ("kiel_buyers", "buyers")}
        assert class_of(session, find_segment(session, "kiel").value) == "personal"
    assert classes == {"kiel_buyers": "personal", "buyers": "internal"}
