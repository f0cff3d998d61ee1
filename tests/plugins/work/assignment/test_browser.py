"""The pages of assignment in a real browser: one says whether one is there, and sees who has what, on a phone too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Templates
from tests.plugins.work.assignment.conftest import BOSS, away, give, queue
from tests.web.conftest import Visit, Web, behind_doors, served, visit

__all__ = ["served", "visit"]

Visitor = Callable[..., Visit]
PAGES = ("queues", "people", "absences", "assignments")


def fill(web: Web) -> None:
    """Two queues, an absence, and work that was given out."""
    crm, users = web.crm, web.users
    sam, sue, mia = (users[login] for login in ("sam", "sue", "mia"))
    spare = queue(crm, mia, name="spare", strategy="least_loaded")
    queue(crm, sam, sue, name="desk", weights=(3, 1), strategy="weighted", fallback_queue_id=spare, max_per_day=9)
    for login, level in (("sam", 3), ("sue", 8)):
        crm.run(BOSS, "work.person.set_skill", {"user_id": users[login], "skill": "billing", "level": level})
    crm.run(BOSS, "work.person.set", {"user_id": sue, "capacity": 4, "languages": ["zh", "en"]})
    about = crm.run(BOSS, "customer.create", {"name": "Li Lei", "owner_id": mia}).id
    for number in range(5):
        give(crm, number, queue="desk", customer_id=about, skills=("billing:2",))
    away(crm, sam, deputy=mia)
    give(crm, 9, queue="desk", customer_id=about, skills=("billing:9",))


@pytest.fixture
def sqlite_web(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """What is served: a customer base with people, and with these queues."""
    with behind_doors(templates, "sqlite", tmp_path, "work", fill=fill) as web:
        yield web


def test_one_says_that_one_is_busy(visit: Visitor) -> None:
    """By one button; colleagues see it."""
    seen = visit("sue")
    seen.go("/modules/work/people")
    seen.page.get_by_role("button", name="Busy").click()
    seen.page.wait_for_url("**/modules/work/people*")
    row = seen.page.locator("tbody tr").filter(has_text="You")
    assert "Busy" in row.inner_text()
    other = visit("mia")
    other.go("/modules/work/queues")
    assert "Busy" in other.page.locator("#queue-desk").inner_text()


@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_runs_out_of_the_page(visit: Visitor, width: int) -> None:
    """Neither on a phone nor on a desk; tables scroll within their frame."""
    seen = visit("mia", width=width, language="zh_Hans")
    for path in PAGES:
        seen.go(f"/modules/work/{path}")
        assert seen.page.locator("h1").is_visible()
        over = seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, path
    seen.go("/modules/work/assignments?ref=test.work:9")
    assert "没有人能接手" in seen.page.locator("main").inner_text()


def test_a_manager_makes_a_queue(visit: Visitor) -> None:
    """By the form that the page leads to."""
    seen = visit("mia")
    seen.go("/modules/work/queues")
    seen.page.get_by_role("link", name="Add a queue").click()
    seen.page.locator("input[name=name]").fill("night")
    seen.page.locator("input[name=title]").fill("Night desk")
    seen.page.get_by_role("button", name="Add a queue").click()
    seen.page.wait_for_url("**/records/work.queue/*")
    seen.go("/modules/work/queues")
    assert "Nobody gets work out of this queue." in seen.page.locator("#queue-night").inner_text()
