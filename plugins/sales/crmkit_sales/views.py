"""How opportunities are looked at beside their list: on a board by stage, and in a calendar by expected close."""

from __future__ import annotations

from crmkit import Board, BoardColumn, Calendar, texts
from crmkit_sales.stages import LOST, OPEN, STAGES, WON

_ = texts("crmkit_sales")

BOARDS = [
    Board(
        name="sales.pipeline",
        title=_("Pipeline"),
        resource="sales.opportunity",
        field="stage",
        columns=[
            *(BoardColumn(value=stage, title=title) for stage, title in OPEN.items()),
            BoardColumn(value=WON, title=STAGES[WON], operation="sales.opportunity.win", tone="good"),
            # Why it was lost is asked for before the card is moved.
            BoardColumn(value=LOST, title=STAGES[LOST], operation="sales.opportunity.lose", ask=True, tone="bad"),
        ],
        move="sales.opportunity.move",
        card=["title", "customer_id", "amount_minor", "expected_close", "owner_id"],
        amount="amount_minor",
        sort="expected_close",
    )
]

CALENDARS = [
    Calendar(
        name="sales.closes",
        title=_("Expected closes"),
        resource="sales.opportunity",
        start="expected_close",
        label=["title", "customer_id", "amount_minor"],
        state="stage",
        states={WON: "good", LOST: "bad"},
    )
]
