"""Pages of segments: who may do what, what comes back when something is wrong, and what a reader is told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Web
from tests.web.deciding.conftest import plain

GOOD = {"title": "Good ones", "where": "purchase.count >= 3"}
ATTACKS = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='x' \"")


def save(web: Web, login: str = "max", **values: str) -> Any:
    """Send the form of a new segment."""
    return web.client(login).post("/segments/save", {**GOOD, **values})


def test_a_segment_is_named_by_its_title(bought: Web) -> None:
    """Nobody has to think of a name; of two with the same title the second is told apart."""
    assert ["/segments/good_ones", "/segments/good_ones_2"] == [save(bought).headers["location"] for _n in range(2)]
    assert "/segments/%E8%8C%B6%E5%AE%A2" == save(bought, title="茶客").headers["location"]
    assert 200 == bought.client("max").get("/segments/茶客").status_code


def test_what_was_typed_stays_when_it_is_wrong(bought: Web) -> None:
    """A broken condition comes back with everything that was typed, and the problem beside it."""
    response = save(bought, where="purchase.cuont >= 3", doc="For tea & <b>cake</b>")
    assert 422 == response.status_code
    for typed in ("Good ones", "purchase.cuont &gt;= 3", "For tea &amp; &lt;b&gt;cake&lt;/b&gt;"):
        assert typed in response.text
    assert "Did you mean purchase.count?" in plain(response.text)
    assert "There is no segment yet" in plain(bought.client("max").get("/segments").text)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_is_typed_becomes_markup(bought: Web, attack: str) -> None:
    """Titles and literals of conditions are shown as they are, on every page that shows them."""
    quoted = attack.replace("\\", "\\\\").replace('"', '\\"')
    where = f'customer.source == "{quoted}"'
    location = save(bought, title=attack, doc=attack, where=where).headers["location"]
    client = bought.client("max")
    pages = [client.get(path).text for path in ("/segments", location, f"{location}?figures=1", f"{location}/edit")]
    pages.append(client.post("/segments/preview", {"where": where}).text)
    assert not [page for page in pages if attack in page]


def test_who_may_not_change_segments_sees_why(bought: Web) -> None:
    """The buttons are there with the reason, the editor and its form are no pages."""
    save(bought)
    client = bought.client("sam")
    text = plain(client.get("/segments/good_ones").text)
    assert "Changing segments needs the right segment.update." in text
    assert [404, 404] == [client.get("/segments/new").status_code, save(bought, "sam").status_code]
    assert 403 == client.post("/segments/good_ones/disable").status_code
    assert 404 == client.get("/segments/no_such").status_code


def test_everybody_counts_the_customers_that_are_theirs(bought: Web) -> None:
    """Two have bought three times, both are Sam's; who sees none of them counts none."""
    save(bought)
    found = {
        login: plain(bought.client(login).get("/segments/good_ones?figures=1").text).count("2 Customers")
        for login in ("max", "sam")
    }
    assert {"max": 1, "sam": 1} == found
    save(bought, title="Rome", where='customer.city == "Roma"')
    assert "0 Customers" in plain(bought.client("sam").get("/segments/rome?figures=1").text)
    assert "Sofia" not in bought.client("sam").get("/segments/rome?figures=1").text


def test_the_preview_tells_how_many_and_some_of_them(bought: Web) -> None:
    """While it is typed: a number, names, what it says in words; and what is not finished yet."""
    client = bought.client("max")
    text = plain(client.post("/segments/preview", {"where": "purchase.count >= 3"}).text)
    for told in ("2 Customers", "50.0% of all", "Wang Lin", "李秀英", "Purchases is at least 3"):
        assert told in text
    more = plain(client.post("/segments/preview/more", {"where": "purchase.count >= 3", "title": "x"}).text)
    assert "Have bought 2" in more
    assert "Not finished yet" in plain(client.post("/segments/preview", {"where": "purchase.count >="}).text)


def test_it_is_said_why_somebody_is_in_it_or_not(bought: Web) -> None:
    """Each part of the condition with what the customer has."""
    save(bought, where="purchase.count >= 3 and days_since(purchase.last_at) > 60")
    client = bought.client("max")
    assert "is in it" in plain(client.part("/segments/good_ones?customer=Wang Lin").text)
    text = plain(client.part("/segments/good_ones?customer=李秀英").text)
    assert ("is not in it" in text, "Purchases is at least 3 it is 3" in text) == (True, True)
    assert "No customer is found" in plain(client.part("/segments/good_ones?customer=Nobody").text)


def test_versions_say_what_changed(bought: Web) -> None:
    """Each saving is a version with its author, its note, and the lines that came and went."""
    save(bought)
    client = bought.client("max")
    changed = {"known": "true", "name": "good_ones", **GOOD, "where": "purchase.count >= 4", "note": "stricter"}
    client.post("/segments/save", changed)
    text = plain(client.get("/segments/good_ones").text)
    assert "Version 2 · Max Marketer" in text
    assert "- where: purchase.count >= 3" in text
    assert "+ where: purchase.count >= 4" in text


def test_a_segment_is_turned_off_frozen_and_removed(bought: Web) -> None:
    """Each act shows its effect; a frozen one is thawed before it can be removed."""
    save(bought)
    client = bought.client("max")
    states: list[str] = []
    for act in ("disable", "enable", "freeze"):
        client.post(f"/segments/good_ones/{act}")
        text = plain(client.get("/segments/good_ones").text)
        states.append(next(word for word in ("frozen", "off", "on") if f"State {word}" in text))
    assert ["off", "on", "frozen"] == states
    assert 409 == client.post("/segments/good_ones/reset").status_code
    client.post("/segments/good_ones/thaw")
    assert "/segments" == client.post("/segments/good_ones/reset").headers["location"]
    assert 404 == client.get("/segments/good_ones").status_code
    assert 404 == client.post("/segments/good_ones/explode").status_code


def test_taking_customers_out_needs_the_right(bought: Web) -> None:
    """Who may export gets those customers whom he may export, with facts; who may not sees why, and is refused."""
    save(bought)
    response = bought.client("mia").post("/segments/good_ones/export", {"fact": "purchase.count"})
    rows = response.content.decode("utf-8-sig").splitlines()
    assert ('"customer_id","purchase.count"', "attachment") == (
        rows[0],
        response.headers["content-disposition"].partition(";")[0],
    )
    assert "Exporting needs the rights" in bought.client("max").get("/segments/good_ones").text
    assert 403 == bought.client("max").post("/segments/good_ones/export").status_code


def test_beginnings_are_offered_that_can_be_used(bought: Web) -> None:
    """Each of them is understood; who sees nothing personal is not offered birthdays."""
    text = bought.client("mia").get("/segments/new").text
    assert "Birthday in the next 7 days" in text
    for name in ("silent_good", "new", "birthday", "late", "once", "no_contact", "reachable"):
        page = bought.client("mia").get(f"/segments/new?start={name}")
        assert 200 == page.status_code
        where = page.text.partition('name="where"')[2].partition(">")[2].partition("</textarea>")[0]
        assert where.strip()
