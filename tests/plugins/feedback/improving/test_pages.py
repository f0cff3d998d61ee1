"""The pages, reports and commands of improvements, with names that are hostile, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crmkit import CRM, Actor
from crmkit.engines.reports.running import run
from tests.cli.conftest import Crmkit, crmkit, pristine
from tests.conftest import Templates
from tests.plugins.feedback.improving.test_impact import say, theme
from tests.plugins.feedback.measuring.poll import respond, survey
from tests.web.conftest import Web, behind_doors

__all__ = ["crmkit", "pristine"]
SYSTEM = Actor.system("a test")
NASTY = "<script>alert(1)</script>{{ 77777*3 }}"


def fill(web: Web) -> list[str]:
    """Improvements in several states; returns the paths of their pages."""
    crm = web.crm
    of, about = survey(crm, title=NASTY), theme(crm, "glass")
    crm.run(SYSTEM, "feedback.theme.update", {"title": NASTY}, target=about)
    now = crm.gate.clock.business_now()
    old = respond(crm, of, [1] * 20 + [9] * 20, at=now - timedelta(days=60))
    say(crm, [about], [{"response_id": each, "received_at": now - timedelta(days=60)} for each in old[:20]])
    respond(crm, of, [10] * 20, at=now - timedelta(days=5))
    plan = {"title": NASTY, "problem": NASTY, "survey_id": of, "verify_after": 20}
    paths = ["/improvements", "/improvements?view=all", "/improvements?view=late", "/impact", "/impact?span=90"]
    for place, more in enumerate(({}, {"theme_id": about}, {"verify_after": 100})):
        item = crm.run(SYSTEM, "feedback.improvement.create", {**plan, **more}).id
        paths.append(f"/improvement?id={item}")
        if place:
            release = {"released_on": (now - timedelta(days=20)).date()}
            crm.run(SYSTEM, "feedback.improvement.release", release, target=item)
        if place == 1:
            crm.run(SYSTEM, "feedback.improvement.verify", target=item)
    return paths


@pytest.fixture
def web(templates: Templates, tmp_path: Path) -> Iterator[tuple[Web, list[str]]]:
    """A base with improvements in several states, and the paths of its pages."""
    with behind_doors(templates, "sqlite", tmp_path, "feedback", fill=fill) as found:
        yield found, found.told


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_are_shown_and_nothing_in_them_is_run(web: tuple[Web, list[str]], language: str) -> None:
    """Every page is there in both languages, and what people have written stays text."""
    served, paths = web
    client = served.client("ada", language=language)
    for path in paths:
        response = client.get("/modules/feedback" + path)
        assert response.status_code == 200, (path, response.text[:2000])
        assert "<script>alert(1)" not in response.text
        assert "233331" not in response.text
        assert "CK9" not in response.text, path


def test_pages_say_what_came_out(web: tuple[Web, list[str]]) -> None:
    """The chart of impacts is drawn, and the judged improvement has both sides."""
    served, paths = web
    client = served.client("ada")
    assert "<rect" in client.get("/modules/feedback/impact").text
    assert "It helped" in client.get("/modules/feedback" + paths[6]).text
    assert "20 of 100 answers afterwards" in client.get("/modules/feedback" + paths[7]).text


def test_forms_are_there(web: tuple[Web, list[str]]) -> None:
    """What is planned, and what happened, is written in forms."""
    served, _paths = web
    client = served.client("ada")
    for name in ("feedback.improvement.create", "feedback.annotation.create"):
        assert client.get(f"/operations/{name}").status_code == 200


def test_pages_are_there_before_anything_was_asked(templates: Templates, tmp_path: Path) -> None:
    """An empty base has nothing to show, and says so."""
    with behind_doors(templates, "sqlite", tmp_path, "feedback") as found:
        client = found.client("ada")
        assert "There is no survey yet" in client.get("/modules/feedback/impact").text
        assert "Nothing is here" in client.get("/modules/feedback/improvements").text


def rows(found: Any) -> list[dict[str, Any]]:
    """Return the rows of a report by the names of its columns."""
    names = [each.name for each in found.columns]
    return [dict(zip(names, (cell.value for cell in row.cells), strict=True)) for row in found.rows]


def test_reports_have_the_figures(web: tuple[Web, list[str]]) -> None:
    """Impacts in points, and changes with their verdict."""
    served, _paths = web
    with served.crm.session(SYSTEM) as session:
        (row,) = rows(run(session, "feedback.impact", {}))
        made = rows(run(session, "feedback.improvements", {}))
    assert row["impact"] == pytest.approx(100 * (20 / 60 - 1), abs=0.1)
    assert row["low"] < row["impact"] < row["high"] < 0
    assert [each["number"] for each in made] == [3, 2, 1]
    assert made[1]["change"] < 0
    assert made[1]["p"] < 0.05


def test_the_command_prints_impacts(crmkit: Crmkit) -> None:
    """Scripts get every figure."""
    crmkit.has("feedback")
    with CRM.open(crmkit.home) as crm:
        of, about = survey(crm), theme(crm, "glass")
        say(crm, [about], [{"response_id": each} for each in respond(crm, of, [10] * 4 + [7] * 4 + [3] * 12)])
        respond(crm, of, [10] * 46 + [7] * 16 + [3] * 18)
    found: Any = crmkit.json("feedback", "impact", "relation")
    (row,) = found["items"]
    assert (row["theme"], row["n"], row["total"]) == ("glass", 20, 100)
    assert row["impact"] == pytest.approx(-0.15)
    assert row["interval"][1] < 0
