"""Boards: cards in columns, moved by operations; what is refused stays where it was."""

from __future__ import annotations

from typing import Any

from tests.web.conftest import Browsing, Web
from tests.web.records.making import opportunity, stage_of

BOARD = "/records/sales.opportunity/board/sales.pipeline"


def moved(client: Browsing, record: Any, to: str, *, scripted: bool = True, **more: str) -> Any:
    """Send the move of a card."""
    client.get(BOARD)
    headers = {"X-Board": "1"} if scripted else {}
    return client.post(f"{BOARD}/move", {"id": str(record.id), "to": to, **more}, headers=headers)


def test_cards_stand_in_their_columns_with_totals(plugins_web: Web) -> None:
    """Each column says how many cards it has, and what they are worth by currency."""
    opportunity(plugins_web, title="Green tea", amount_minor=10000, currency="EUR")
    opportunity(plugins_web, title="Black tea", amount_minor=5000, currency="EUR")
    opportunity(plugins_web, title="Cups", stage="proposal", amount_minor=700, currency="JPY")
    text = plugins_web.client("sam").get(BOARD).text
    first = text.partition('aria-label="Qualification"')[2].partition("</section>")[0]
    assert (True, True, False) == ("€150.00" in first, "Green tea" in first, "Cups" in first)
    assert "¥700" in text.partition('aria-label="Proposal"')[2].partition("</section>")[0]


def test_a_card_is_moved(plugins_web: Web) -> None:
    """By the operation of the board, or that of the column; the answer has the board as it is then."""
    record = opportunity(plugins_web)
    client = plugins_web.client("sam")
    answer = moved(client, record, "proposal", version=str(record.version)).json()
    assert ("proposal", "Moved to Proposal.") == (stage_of(plugins_web, record), answer["said"])
    there = answer["board"].partition('data-column="proposal"')[2].partition("</ul>")[0]
    assert str(record.id) in there
    moved(client, record, "won")
    assert "won" == stage_of(plugins_web, record)


def test_a_move_that_is_refused_changes_nothing_and_says_why(plugins_web: Web) -> None:
    """A closed opportunity, a card that somebody moved meanwhile, and one that somebody may not move go back."""
    record = opportunity(plugins_web)
    client = plugins_web.client("sam")
    moved(client, record, "won")
    closed = moved(client, record, "proposal").json()
    assert ("danger", True, "won") == (closed["level"], "closed" in closed["said"], stage_of(plugins_web, record))
    other = opportunity(plugins_web)
    stale = moved(client, other, "proposal", version=str(other.version + 7)).json()
    assert ("danger", "qualification") == (stale["level"], stage_of(plugins_web, other))
    analyst = moved(plugins_web.client("ann"), other, "proposal").json()
    assert ("danger", "qualification") == (analyst["level"], stage_of(plugins_web, other))


def test_a_column_that_asks_leads_to_its_form(plugins_web: Web) -> None:
    """Why an opportunity was lost is asked for first; afterwards one is on the board again."""
    record = opportunity(plugins_web)
    client = plugins_web.client("sam")
    go = moved(client, record, "lost").json()["go"]
    assert ("qualification", True) == (stage_of(plugins_web, record), "Reason" in client.get(go).text)
    response = client.post(go, {"reason": "Too dear"})
    assert (303, BOARD, "lost") == (response.status_code, response.headers["location"], stage_of(plugins_web, record))


def test_a_card_is_moved_without_script(plugins_web: Web) -> None:
    """The menu of a card is a form: it leads back to the board, which says what happened."""
    record = opportunity(plugins_web)
    client = plugins_web.client("sam")
    response = moved(client, record, "negotiation", scripted=False)
    assert (303, BOARD) == (response.status_code, response.headers["location"])
    assert "Moved to Negotiation." in client.get(BOARD).text
    assert "negotiation" == stage_of(plugins_web, record)


def test_a_card_of_others_cannot_be_moved(plugins_web: Web) -> None:
    """A card that one cannot see is one that there is not, and neither is a column that there is not."""
    foreign = opportunity(plugins_web, customer="Sofia Rossi", owner="sue")
    client = plugins_web.client("sam")
    assert (404, "qualification") == (moved(client, foreign, "proposal").status_code, stage_of(plugins_web, foreign))
    mine = opportunity(plugins_web)
    assert 422 == moved(client, mine, "no-such-column").status_code
    assert 404 == client.get("/records/sales.opportunity/board/no.such").status_code
    assert 404 == client.get("/records/warranty.warranty/board/sales.pipeline").status_code


def test_mine_are_mine(plugins_web: Web) -> None:
    """A board can be narrowed to what one owns."""
    opportunity(plugins_web, title="Of Sam")
    opportunity(plugins_web, title="Of Ada", owner="ada")
    client = plugins_web.client("ada")
    everything, own = client.get(BOARD).text, client.get(f"{BOARD}?mine=1").text
    assert (True, True) == ("Of Sam" in everything, "Of Ada" in everything)
    assert (False, True) == ("Of Sam" in own, "Of Ada" in own)
