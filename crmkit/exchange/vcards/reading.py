"""Reads a file of address cards as a table: one row for each card, a column for each thing that any card says.

Must not know databases. The file is read twice: the columns are those that its cards use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen

from crmkit.errors import UnreadableFile
from crmkit.exchange.rows import MAX_COLUMNS, Row, problem
from crmkit.exchange.sources import Lines
from crmkit.exchange.vcards.cards import Card, cards
from crmkit.exchange.vcards.columns import BASE, FIELDS, is_group, values_of
from crmkit.exchange.vcards.rejected import NAMES
from crmkit.exchange.writers import META_COLUMNS
from crmkit.i18n import texts

_ = texts("crmkit")


@frozen(kw_only=True)
class CardTable:
    """The cards of a file as a table. ``rows`` makes a new iterator each time."""

    headings: list[str]
    meta: tuple[str, ...] = ()
    rows: Callable[[], Iterator[Row]]
    cards: int = 0


def card_table(lines: Callable[[], Lines], name: str) -> CardTable:
    """Return the table of a file of cards. Raises `UnreadableFile` when it has no card."""
    used: dict[str, None] = dict.fromkeys(BASE)
    count = 0
    meta: tuple[str, ...] = ()
    for card in cards(lines()):
        count += bool(card.properties)
        meta = META_COLUMNS if card.about else meta
        if card.problem is None and len(used) < MAX_COLUMNS:
            used.update(dict.fromkeys(values_of(card)))
    if not count:
        raise UnreadableFile(
            _('"{file}" has no address card.'),
            fix=_("A card stands between BEGIN:VCARD and END:VCARD."),
            file=name,
        )
    order = {column: place for place, column in enumerate(FIELDS)}
    headings = sorted(used, key=lambda column: (order.get(column, len(order)), column))[:MAX_COLUMNS]
    return CardTable(headings=headings, meta=meta, rows=lambda: _rows(lines(), headings, bool(meta)), cards=count)


def _rows(lines: Lines, headings: list[str], meta: bool) -> Iterator[Row]:
    for index, card in enumerate(cards(lines)):
        yield _row(card, index, headings, meta)


def _row(card: Card, index: int, headings: list[str], meta: bool) -> Row:
    wrong = card.problem
    values: dict[str, Any] = {}
    if wrong is None and is_group(card):
        hint = _("Give its members a tag instead; leave the card out.")
        wrong = problem(_("The card is that of a list of people."), field="KIND", hint=hint)
    elif wrong is None:
        values = values_of(card)
    cells = tuple(values.get(column) for column in headings)
    if wrong is not None and wrong.value is None:
        # Not the whole card: it stands in the file of rejected cards anyway.
        wrong.value = ""
    about = tuple(card.about.get(name, "") for name in NAMES) if meta else ()
    return Row(line=card.line, index=index, cells=cells, raw=card.raw, problem=wrong, meta=about)
