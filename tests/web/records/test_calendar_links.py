"""The page of links to the own calendar: made, shown once, revoked; and the file; and the card of a customer."""

from __future__ import annotations

import re

from tests.web.conftest import Web


def test_a_link_is_made_shown_once_and_revoked(sqlite_web: Web) -> None:
    """A new link opens the calendar; afterwards the page only says that it is there; revoked it opens nothing."""
    client = sqlite_web.client("mia", language="zh_Hans")
    assert client.get("/account/calendar").status_code == 200
    page = client.post("/account/calendar")
    link = re.search(r"(/p/calendar/[\w-]+)\.ics", page.text)
    assert link
    assert client.get(link[1]).headers["content-type"].startswith("text/calendar")
    again = client.get("/account/calendar").text
    assert link[1] not in again
    revoke = re.search(r'action="[^"]*(/account/calendar/[\w-]+/revoke)"', again)
    assert revoke
    client.post(revoke[1])
    assert client.get(link[1]).status_code == 404


def test_the_own_calendar_is_a_file(sqlite_web: Web) -> None:
    """It is handed out to who is signed in, and to nobody else."""
    answer = sqlite_web.client("mia").get("/calendar.ics")
    assert (answer.status_code, answer.content[:15]) == (200, b"BEGIN:VCALENDAR")
    assert not sqlite_web.client().get("/calendar.ics").content.startswith(b"BEGIN:VCALENDAR")
