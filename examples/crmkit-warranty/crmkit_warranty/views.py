"""How warranties are looked at beside their list: on a board by status, and in a calendar of the days they end on."""

from __future__ import annotations

from crmkit import Board, BoardColumn, Calendar, texts

_ = texts("crmkit_warranty")

BOARDS = [
    Board(
        name="warranty.states",
        title=_("By status"),
        resource="warranty.warranty",
        field="status",
        columns=[
            BoardColumn(value="active", title=_("Active"), operation="warranty.settle"),
            BoardColumn(value="claimed", title=_("Claimed"), operation="warranty.claim", ask=True, tone="warn"),
            BoardColumn(value="closed", title=_("Closed"), operation="warranty.close"),
        ],
        move="warranty.settle",
        card=["serial", "customer_id", "expires_on"],
        sort="expires_on",
    )
]

CALENDARS = [
    Calendar(
        name="warranty.expiries",
        title=_("Days they end on"),
        resource="warranty.warranty",
        start="expires_on",
        label=["serial", "customer_id"],
        state="status",
        states={"claimed": "warn", "closed": "good"},
    )
]
