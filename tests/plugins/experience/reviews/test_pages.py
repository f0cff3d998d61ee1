"""The pages of reviews: what they show to whom, and that texts on them are inert."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crmkit import Settings, Team
from crmkit.app import CRM
from tests.conftest import Templates
from tests.plugins.experience.reviews.base import CATEGORIES
from tests.web.conftest import Web, people

HOSTILE = "<script>alert('x')</script>"


def fill(crm: CRM) -> Any:
    """People with customers, and a scorecard."""
    users, customers = people(crm)
    crm.enable("experience")
    system = crm.system("a test")
    card = crm.run(system, "experience.scorecard.create", {"name": "talk", "categories": list(CATEGORIES)})
    crm.run(system, "experience.scorecard.publish", {}, target=card.id)
    with crm.session(system) as session:
        team = session.scalars(select(Team.id).where(Team.name == "North")).one()
    ours = crm.run(system, "customer.create", {"name": "Li Na", "team_id": str(team)})
    return dict(users), {**customers, "Li Na": ours.id}


@pytest.fixture
def web(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """Experience behind its doors."""
    url, (users, customers) = templates.copy_filled("sqlite", tmp_path, fill)
    with CRM.open(Settings(database=url, files=tmp_path / "files")) as crm:
        web = Web(crm=crm, users=users, customers=customers)
        yield web
        for client in web.clients:
            client.close()


def text(web: Web, path: str, login: str = "mia", language: str = "en", status: int = 200) -> str:
    """Return a page of experience as somebody sees it."""
    answer = web.client(login, language=language).get(f"/modules/experience{path}")
    assert (path, answer.status_code) == (path, status), answer.text[:3000]
    return str(answer.text)


def asked(web: Web) -> Any:
    """Return a review of a call of Sam's that Mia is to do."""
    from crmkit.core.store.actor import Actor

    call = {"kind": "call", "customer_id": web.customers["Li Na"], "body": HOSTILE}
    made = web.crm.run(Actor.user(web.users["sam"]), "interaction.record", call)
    values = {"conversation": f"interaction:{made.id}", "reviewer_id": web.users["mia"]}
    return web.crm.run(web.crm.system("a test"), "experience.review.ask", values).id


def test_a_review_is_done_beside_its_conversation(web: Web) -> None:
    review = asked(web)
    assert "Sam" in text(web, "/reviews?mine=1")
    page = text(web, f"/review?id={review}")
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page, page[page.index("What was said") :][:800]
    assert "Keep the review" in page
    place = f"/operations/experience.review.score?target={review}&next=/modules/experience/reviews"
    answer = web.client("mia").post(place, {"scores": ["tone=3", "answer=4"], "comment": HOSTILE})
    assert answer.status_code in (200, 303), answer.text[:2000]
    done = text(web, f"/review?id={review}", "sam")
    assert "94" in done
    assert "Dispute" in done
    assert HOSTILE not in done
    assert "Keep the review" not in done


def test_others_do_not_find_the_review(web: Web) -> None:
    review = asked(web)
    text(web, f"/review?id={review}", "sue", status=404)
    text(web, "/review?id=nonsense", status=404)
    assert "No review is like this" in text(web, "/reviews", "sue")


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_empty_pages_say_so(web: Web, language: str) -> None:
    for path in ("/reviews", "/reviews?state=nonsense", "/calibrations", "/calibrations?id=nonsense"):
        assert text(web, path, language=language)
