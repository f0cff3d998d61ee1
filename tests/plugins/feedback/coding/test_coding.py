"""Two people code the same feedback, each without the other's word; how far they agree is held to published tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from crmkit_feedback.classifying.labelling import labels_of
from crmkit_feedback.classifying.models import Theme
from crmkit_feedback.coding.agreeing import kappa
from crmkit_feedback.coding.models import Coding, Drawn
from crmkit_feedback.coding.reading import agreement_of
from hypothesis import given, strategies as st
from sqlalchemy import select

from crmkit import Actor, InvalidInput, NotFound
from crmkit.app import CRM
from tests.cli.conftest import Crmkit, crmkit, pristine
from tests.conftest import Templates
from tests.web.conftest import Web, behind_doors

SYSTEM = Actor.system("a test")
__all__ = ["crmkit", "pristine"]


# --- the figure -------------------------------------------------------------------------------------------------------


def pairs_of(table: list[list[int]]) -> list[tuple[int, int]]:
    """Return the pairs that a table of counts stands for."""
    return [(a, b) for a, row in enumerate(table) for b, count in enumerate(row) for _each in range(count)]


def test_kappa_of_a_published_table() -> None:
    """Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, table 18.1: 100 subjects, three diagnoses;
    kappa 0.68 (0.676), standard error 0.087 (0.088 unrounded)."""
    found = kappa(pairs_of([[75, 1, 4], [5, 4, 1], [0, 0, 10]]))
    assert found is not None
    assert found.same == pytest.approx(0.89)
    assert found.value == pytest.approx(0.676, abs=0.0005)
    assert (found.high - found.low) / 2 / 1.96 == pytest.approx(0.0877, abs=0.0006)


def test_kappa_of_two_categories() -> None:
    """Both yes 20, both no 15, apart 5 and 10: seen 0.7, by chance 0.5, so 0.4."""
    found = kappa(pairs_of([[20, 5], [10, 15]]))
    assert found is not None
    assert found.value == pytest.approx(0.4)


def test_there_is_none_where_chance_alone_agrees_always() -> None:
    assert kappa([]) is None
    assert kappa([("a", "a")] * 9) is None


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60))
def test_kappa_knows_no_order_of_raters_and_names(pairs: list[tuple[int, int]]) -> None:
    """Who is first and what categories are called changes nothing; it lies within its interval and below one."""
    one, other = kappa(pairs), kappa([(-b, -a) for a, b in pairs])
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one.value == pytest.approx(other.value)
        assert one.low == pytest.approx(other.low)
        assert -1 <= one.low <= one.value <= one.high <= 1


# --- coding -----------------------------------------------------------------------------------------------------------


def run(crm: CRM, operation: str, target: Any = None, /, actor: Actor = SYSTEM, **values: Any) -> Any:
    """Run an operation."""
    return crm.run(actor, operation, values, target=None if target is None else target.id)


def person(crm: CRM, login: str) -> Actor:
    """Return somebody who codes everything."""
    made = run(crm, "user.create", login=login, name=login.title())
    run(crm, "user.assign_role", made, role="admin")
    return Actor.user(made.id, login.title())


def texts(crm: CRM, number: int = 6) -> list[Any]:
    """Write feedback down."""
    ada = run(crm, "customer.create", name="Ada")
    return [
        run(crm, "feedback.feedback.create", customer_id=ada.id, verbatim=f"Text {place}") for place in range(number)
    ]


def themes(crm: CRM) -> list[str]:
    """Return the names of two themes."""
    with crm.session(SYSTEM) as session:
        return list(session.scalars(select(Theme.name).order_by(Theme.name).limit(2)))


def test_the_same_seed_draws_the_same_and_nothing_twice(crm: CRM) -> None:
    made = texts(crm)
    assert run(crm, "feedback.coding.draw", number=4, seed=3).number == 4
    with crm.session(SYSTEM) as session:
        first = set(session.scalars(select(Drawn.feedback_id)))
    assert run(crm, "feedback.coding.draw", number=4, seed=3).number == 2
    with crm.session(SYSTEM) as session:
        assert set(session.scalars(select(Drawn.feedback_id))) == {each.id for each in made} > first


def test_two_people_code_and_what_they_agree_on_is_counted(crm: CRM) -> None:
    made, (one, two) = texts(crm), themes(crm)
    run(crm, "feedback.coding.draw", number=6)
    ann, bob = person(crm, "ann"), person(crm, "bob")
    said = [((one,), (one,)), ((one,), (one,)), ((two,), (two,)), ((), ()), ((one, two), (one,)), ((), (two,))]
    for feedback, (first, second) in zip(made, said, strict=True):
        run(crm, "feedback.coding.create", feedback, actor=ann, themes=first)
        run(crm, "feedback.coding.create", feedback, actor=bob, themes=second)
    with crm.session(SYSTEM) as session:
        found = agreement_of(session)
    assert found is not None
    assert ({found.first, found.second}, found.count) == ({"Ann", "Bob"}, 6)
    of_one, of_two = found.themes
    assert (of_one.both, of_one.first_only, of_one.second_only, of_one.neither) == (3, 0, 0, 3)
    assert of_one.kappa is not None
    assert of_one.kappa.value == 1
    assert of_two.kappa is not None
    assert of_two.kappa.value == pytest.approx((4 / 6 - (4 + 16) / 36) / (1 - 20 / 36))
    assert found.whole is not None
    assert found.whole.same == pytest.approx(4 / 6)
    assert [each.number for each in found.differences] == [made[4].number, made[5].number]


def test_what_is_decided_becomes_the_word_of_a_person(crm: CRM) -> None:
    (feedback, *_others), (one, two) = texts(crm, 2), themes(crm)
    run(crm, "feedback.coding.draw", number=2)
    ann, bob = person(crm, "ann"), person(crm, "bob")
    run(crm, "feedback.coding.create", feedback, actor=ann, themes=(one,))
    run(crm, "feedback.coding.create", feedback, actor=bob, themes=(two,))
    run(crm, "feedback.coding.settle", feedback, actor=ann, themes=(two,))
    with crm.session(SYSTEM) as session:
        names = {each.id: each.name for each in session.scalars(select(Theme))}
        labels = {
            names[each.theme_id]: (each.state, each.way) for each in labels_of(session, [feedback.id])[feedback.id]
        }
        found = agreement_of(session)
    assert labels == {one: ("off", "person"), two: ("on", "person")}
    assert found is not None
    assert found.differences == ()
    with pytest.raises(InvalidInput):
        run(crm, "feedback.coding.create", feedback, actor=bob, themes=(one,))


def test_a_second_word_takes_the_place_of_the_first(lite: CRM) -> None:
    (feedback,), (one, two) = texts(lite, 1), themes(lite)
    run(lite, "feedback.coding.draw", number=1)
    ann = person(lite, "ann")
    run(lite, "feedback.coding.create", feedback, actor=ann, themes=(one,))
    run(lite, "feedback.coding.create", feedback, actor=ann, themes=(two,))
    with lite.session(SYSTEM) as session:
        assert [each.themes for each in session.scalars(select(Coding))] == [[two]]
        assert agreement_of(session) is None


def test_what_cannot_be_coded_is_refused(lite: CRM) -> None:
    (feedback,) = texts(lite, 1)
    ann = person(lite, "ann")
    with pytest.raises(InvalidInput):
        run(lite, "feedback.coding.create", feedback, actor=ann)
    run(lite, "feedback.coding.draw", number=1)
    with pytest.raises(NotFound):
        run(lite, "feedback.coding.create", feedback, actor=ann, themes=("nothing-like-it",))
    with pytest.raises(InvalidInput):
        run(lite, "feedback.coding.create", feedback)


def fill(web: Web) -> None:
    """Feedback that was drawn."""
    web.crm.run(SYSTEM, "user.assign_role", {"role": "admin"}, target=web.users["mia"])
    texts(web.crm, 2)
    run(web.crm, "feedback.coding.draw", number=2)


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """A customer base with people and feedback that was drawn."""
    with behind_doors(templates, "sqlite", tmp_path, "feedback", fill=fill) as web:
        yield web


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_people_code_one_text_after_the_other_without_the_others_word(desk: Web, language: str) -> None:
    one, two = themes(desk.crm)
    seen: list[str] = []
    for login, chosen in (("ada", one), ("mia", two)):
        client = desk.client(login, language=language)
        for _text in range(2):
            page = client.get("/modules/feedback/coding")
            assert page.status_code == 200
            assert "checked" not in page.text
            action = page.text.split("/operations/feedback.coding.create", 1)[1].split('"', 1)[0].replace("&amp;", "&")
            answer = client.post("/operations/feedback.coding.create" + action, {"themes": chosen})
            assert (answer.status_code, answer.headers["location"]) == (303, "/modules/feedback/coding")
        seen.append(client.get("/modules/feedback/coding").text)
    assert "/operations/feedback.coding.settle" not in seen[0]
    assert 'action="/operations/feedback.coding.create' not in seen[1]
    assert seen[1].count("/operations/feedback.coding.settle") == 2
    report = desk.client("ada", language=language).get("/reports/feedback.coding")
    assert report.status_code == 200
    assert "Ada Admin" in report.text


def test_the_commands_draw_and_print_the_agreement(crmkit: Crmkit) -> None:
    crmkit.has("feedback")
    crmkit.ok("feedback", "take", "The lid is loose")
    assert crmkit.json("feedback", "coding", "draw", "--number", "5", "--seed", "2") == {"drawn": 1}
    assert crmkit.json("feedback", "coding", "agreement")["items"] == []
    assert "No two people" in crmkit.ok("feedback", "coding", "agreement").out
