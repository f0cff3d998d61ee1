"""The pages of assignment: queues with loads, people, absences, the log of reasons, the panel of a customer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from crmkit.app import CRM
from tests.conftest import Templates
from tests.plugins.work.assignment.conftest import BOSS, away, give, queue
from tests.web.conftest import Web, behind_doors

PATHS = ["/queues", "/people", "/absences", "/assignments"]


def fill(web: Web) -> None:
    """Two queues, an absence, and work that was given out."""
    crm = web.crm
    sam, sue, mia = (web.users[login] for login in ("sam", "sue", "mia"))
    spare = queue(crm, mia, name="spare")
    queue(crm, sam, sue, name="desk", fallback_queue_id=spare, skills=["billing:2"])
    crm.run(BOSS, "work.person.set_skill", {"user_id": sue, "skill": "billing", "level": 5})
    crm.run(BOSS, "work.person.set", {"user_id": sue, "capacity": 2, "languages": ["zh"]})
    away(crm, sam, deputy=mia)
    give(crm, 1)


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """A customer base with people, and with these queues."""
    with behind_doors(templates, "sqlite", tmp_path, "work", fill=fill) as made:
        yield made


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
@pytest.mark.parametrize("login", ["mia", "sam"])
def test_every_page_is_shown(desk: Web, login: str, language: str) -> None:
    """To a manager and to a seller, in both languages."""
    client = desk.client(login, language=language)
    found = {path: client.get(f"/modules/work{path}").status_code for path in PATHS}
    assert found == dict.fromkeys(PATHS, 200)
    assert client.get("/records/work.absence/calendar/work.absences").status_code == 200


def test_queues_show_their_members_with_load_and_presence(desk: Web) -> None:
    """And what happens with what nobody can take; only who may change queues is offered to."""
    text = desk.client("mia").get("/modules/work/queues").text
    assert "Sue" in text
    assert "1 / 2" in " ".join(text.split())
    assert "Absent" in text
    assert "goes to the queue Spare" in text
    assert "/operations/work.queue.create" in text
    assert "/operations/work.queue.create" not in desk.client("sam").get("/modules/work/queues").text


def test_the_log_says_why_and_why_not(desk: Web) -> None:
    """In words, in the reader's language; of work about customers whom the reader does not see nothing."""
    shown = desk.client("mia").get("/modules/work/assignments").text
    assert "It was their turn" in shown
    crm: CRM = desk.crm
    about = crm.run(BOSS, "customer.create", {"name": "Li", "owner_id": desk.users["sue"]}).id
    give(crm, 2, queue="desk", customer_id=about)
    text = desk.client("sue").get("/modules/work/assignments?ref=test.work:2").text
    assert "They look after this customer." in text
    assert "They are absent until" in text
    chinese = desk.client("sue", language="zh_Hans").get("/modules/work/assignments?ref=test.work:2").text
    assert "They" not in chinese.split("<main", 1)[1]
    hidden = desk.client("sam").get("/modules/work/assignments?ref=test.work:2").text
    assert "They look after" not in hidden
    panel = desk.client("sue").get(f"/customers/{about}").text
    assert "Last assignment" in panel


def test_one_says_oneself_whether_one_is_there(desk: Web) -> None:
    """By a button, without a form in between."""
    client = desk.client("sue")
    done = client.post("/operations/work.person.set_presence?next=/modules/work/people", {"presence": "busy"})
    assert done.status_code in (200, 303)
    text = client.get("/modules/work/people").text
    assert "Busy</span>" in text
    absence = UUID(int=5)
    assert str(absence) not in client.get("/modules/work/absences").text
