"""What would become of a row, as a rehearsal tells it: as a value, as a line of a table, in one sentence.

Must not know databases or files; attrs and texts only, so that a command line can read it without loading either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from attrs import asdict, frozen

from crmkit.i18n import texts, translate

_ = texts("crmkit")


@frozen(kw_only=True)
class FieldChange:
    """A field that a file changes: its value before and after, as the actor may see them."""

    field: str
    before: str
    after: str


@frozen(kw_only=True)
class Likely:
    """A known customer whom a row that would be added may be: score from 0 to 1, and the reason."""

    customer_id: UUID
    name: str
    score: float
    reason: str


@frozen(kw_only=True)
class RowOutcome:
    """What would become of one row: created, updated, duplicate or rejected. Texts are in the reader's language.

    ``met`` says by what it was recognised, ``met_line`` is the row of the same file that it repeats; ``changes`` are
    fields before and after; ``likely`` those known already whom it resembles; ``left_out`` and ``kept`` the cells that
    are not taken, each with the reason.
    """

    line: int
    result: str
    name: str = ""
    customer_id: UUID | None = None
    customer: str = ""
    met: str = ""
    met_line: int | None = None
    reasons: tuple[str, ...] = ()
    changes: tuple[FieldChange, ...] = ()
    likely: tuple[Likely, ...] = ()
    left_out: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return it in JSON form, without what is empty."""
        body = asdict(self)
        for one in body["likely"]:
            one["customer_id"] = str(one["customer_id"])
        body["customer_id"] = str(self.customer_id) if self.customer_id else None
        return {name: value for name, value in body.items() if value not in (None, "", (), [])}

    @classmethod
    def of_document(cls, body: Mapping[str, Any]) -> RowOutcome:
        """Return an outcome from its JSON form."""
        given = dict(body)
        given["changes"] = tuple(FieldChange(**one) for one in given.get("changes", ()))
        given["likely"] = tuple(
            Likely(**{**one, "customer_id": UUID(one["customer_id"])}) for one in given.get("likely", ())
        )
        for name in ("reasons", "left_out", "kept"):
            given[name] = tuple(given.get(name, ()))
        if given.get("customer_id"):
            given["customer_id"] = UUID(given["customer_id"])
        return cls(**given)


Sink = Callable[[RowOutcome], None]
"""Whoever wants to know of each row."""
HEADINGS = ("line", "result", "name", "customer", "customer_id", "met", "changes", "likely", "reasons", "left_out")
"""The columns of a table of outcomes."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cells_of(one: RowOutcome) -> tuple[str, ...]:
    """Return an outcome as the cells of a table; what a spreadsheet would take for a formula is guarded."""
    met = one.met if one.met_line is None else f"{one.met} (#{one.met_line})"
    cells = (
        str(one.line),
        one.result,
        one.name,
        one.customer,
        str(one.customer_id or ""),
        met,
        "; ".join(f"{change.field}: {change.before} → {change.after}" for change in one.changes),
        "; ".join(f"{each.name} {each.score:.2f} {each.reason} ({each.customer_id})" for each in one.likely),
        "; ".join(one.reasons),
        "; ".join((*one.left_out, *one.kept)),
    )
    return tuple(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)


def summary(one: RowOutcome, language: str = "en") -> str:
    """Return in one sentence or two what would become of a row."""
    parts: list[str] = []
    if one.met_line is not None and one.met:
        parts.append(translate(_("Repeats line {line}: {why}."), language, line=one.met_line, why=one.met))
    elif one.met:
        parts.append(
            translate(_("Is {customer}: {why}."), language, customer=one.customer or one.customer_id, why=one.met)
        )
    if one.result == "updated":
        told = "; ".join(f"{change.field}: {change.before or '–'} → {change.after or '–'}" for change in one.changes)
        parts.append(told or translate(_("Nothing would change."), language))
    for each in one.likely:
        text = _("May be {customer} ({percent} %): {why}.")
        percent = round(each.score * 100)
        parts.append(
            translate(text, language, customer=each.name or each.customer_id, percent=percent, why=each.reason)
        )
    parts.extend(one.reasons)
    parts.extend(translate(_("Left out: {what}"), language, what=what) for what in (*one.left_out, *one.kept))
    return " ".join(parts)
