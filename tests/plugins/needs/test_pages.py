"""The pages of needs: the list, one need, and how the board is set up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crmkit import Actor
from crmkit.app import CRM
from tests.conftest import Templates
from tests.web.conftest import Web, behind_doors

SYSTEM = Actor.system("a test")
HOSTILE = "<script>alert('x')</script>"


def run(crm: CRM, operation: str, target: Any = None, /, **values: Any) -> Any:
    """Run an operation."""
    return crm.run(SYSTEM, operation, values, target=None if target is None else target.id)


def fill(web: Web) -> None:
    """Two needs whose every text is hostile."""
    crm = web.crm
    run(crm, "needs.area.create", name="packing", title=HOSTILE)
    one = run(crm, "needs.need.create", title=HOSTILE, area="packing", description=HOSTILE, urgency="critical")
    two = run(crm, "needs.need.create", title="Lids 50%", kind="idea", internal_note=HOSTILE)
    ada = run(crm, "customer.create", name=HOSTILE, owner_id=web.users["mia"])
    for each in (one, two):
        run(crm, "needs.evidence.add", each, customer_id=ada.id, quote=HOSTILE)
    run(crm, "needs.need.update", one, public_title=HOSTILE)
    run(crm, "needs.need.show_on_board", one)
    run(crm, "needs.need.move", one, to="accepted", text=HOSTILE, internal=HOSTILE)
    run(crm, "needs.score.set", one, inputs={"impact": "2", "confidence": "1", "effort": "3"})
    run(crm, "needs.board.set", active=True, title=HOSTILE)


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """A customer base with people and these needs."""
    with behind_doors(templates, "sqlite", tmp_path, "needs", fill=fill) as web:
        yield web


def paths(web: Web) -> dict[str, str]:
    """Return the paths of the needs by their numbers."""
    from crmkit_needs.catalogue.history import need_numbered, path_of

    with web.crm.session(SYSTEM) as session:
        return {str(number): path_of(need_numbered(session, number)) for number in (101, 102)}


def merge(web: Web) -> None:
    """Merge the second need into the first."""
    from crmkit_needs.catalogue.history import need_numbered

    with web.crm.session(SYSTEM) as session:
        one, two = need_numbered(session, 101), need_numbered(session, 102)
    run(web.crm, "needs.need.merge", two, into_id=one.id)


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
@pytest.mark.parametrize("login", ["mia", "sam"])
def test_every_page_is_shown_and_no_text_is_taken_for_markup(desk: Web, login: str, language: str) -> None:
    merge(desk)
    client = desk.client(login, language=language)
    wanted = ["/modules/needs/list?state=all", "/modules/needs/board", "/modules/needs/priorities"]
    for path in [*wanted, *paths(desk).values()]:
        answer = client.get(path)
        assert (path, answer.status_code) == (path, 200)
        assert HOSTILE not in answer.text
        assert "%(" not in answer.text


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", {101, 102}),
        ("state=accepted", {101}),
        ("state=delivered", set()),
        ("kind=idea", {102}),
        ("urgency=critical", {101}),
        ("area=packing", {101}),
        ("text=lids", {102}),
        ("text=%25", {102}),
        ("text=101", {101}),
        ("text=%27%22%3E%3Cscript%3E", set()),
        ("state=nothing&kind=%3Cb%3E&area=nowhere", {101, 102}),
    ],
)
def test_the_list_is_narrowed(desk: Web, query: str, numbers: set[int]) -> None:
    text = desk.client("mia").get(f"/modules/needs/list?{query}").text
    assert {number for number in (101, 102) if f">{number} · " in text} == numbers


def test_a_need_shows_what_may_be_done_by_whom(desk: Web) -> None:
    path = paths(desk)["101"]
    manager, seller = (desk.client(login).get(path).text for login in ("mia", "sam"))
    for name in ("need.move", "need.merge", "score.set", "evidence.add", "need.note", "need.show_on_board"):
        assert f"/operations/needs.{name}?" in manager
    assert "/operations/needs.evidence.add?" in seller
    assert not any(f"/operations/needs.{name}?" in seller for name in ("need.move", "need.merge", "score.set"))


def test_a_merged_need_leads_to_where_it_went_and_back(desk: Web) -> None:
    merge(desk)
    known, client = paths(desk), desk.client("mia")
    assert known["101"].partition("=")[2] in client.get(known["102"]).text
    assert "/operations/needs.need.move?" not in client.get(known["102"]).text
    into = client.get(known["101"]).text
    assert "needs.need.unmerge" in into
    assert "said of 102" in into


def test_the_board_names_who_was_not_told(desk: Web) -> None:
    text = desk.client("mia").get("/modules/needs/board").text
    assert "Nobody is told while messages are not enabled." in text
    assert text.count("&lt;script&gt;") >= 3
    assert "/operations/needs.board.set?" in text


@pytest.mark.parametrize("said", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_there_is_no_page_of_a_need_that_there_is_not(desk: Web, said: str) -> None:
    assert desk.client("mia").get(f"/modules/needs/need?id={said}").status_code == 404
