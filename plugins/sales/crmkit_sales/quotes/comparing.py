"""What is different between two versions of a quote. Must not read anything."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from attrs import field, frozen

from crmkit import Money, texts
from crmkit_sales.quotes.models import Quote, QuoteLine

_ = texts("crmkit_sales")

Value = Money | Decimal | str | object
SAID = {
    "text": _("Text"),
    "quantity": _("Quantity"),
    "unit": _("Unit"),
    "unit_price": _("Unit price"),
    "discount": _("Discount (percent)"),
    "tax_rate": _("Tax (percent)"),
    "net": _("Net"),
    "title": _("Title"),
    "valid_until": _("Valid until"),
    "terms": _("Terms"),
    "discount_total": _("Discount of the whole"),
    "tax": _("Tax"),
    "total": _("Total"),
}
"""What can be different, with titles."""


@frozen(kw_only=True)
class Difference:
    """One thing that is another one than before; ``name`` is one of `SAID`."""

    name: str
    before: Value
    after: Value

    @property
    def title(self) -> str:
        """Return the title of what is different."""
        return SAID[self.name]


@frozen(kw_only=True)
class LineDifference:
    """A line that came, went, or is another one than before."""

    kind: Literal["added", "removed", "changed"]
    text: str
    parts: tuple[Difference, ...] = field(default=(), converter=tuple)


@frozen(kw_only=True)
class Differences:
    """All differences of two versions: of the whole, and of their lines."""

    whole: tuple[Difference, ...] = field(converter=tuple)
    lines: tuple[LineDifference, ...] = field(converter=tuple)

    def __bool__(self) -> bool:
        return bool(self.whole or self.lines)


def differences(
    older: Quote, older_lines: Sequence[QuoteLine], newer: Quote, newer_lines: Sequence[QuoteLine]
) -> Differences:
    """Return what is different in the newer version. Lines are the same where they are about the same product, else
    where they have the same text, else where they stand at the same place."""
    pairs = _paired(older_lines, newer_lines)
    lines: list[LineDifference] = []
    for before, after in pairs:
        if before is None and after is not None:
            lines.append(LineDifference(kind="added", text=after.text, parts=_line(None, after, newer.currency)))
        elif after is None and before is not None:
            lines.append(LineDifference(kind="removed", text=before.text))
        elif before is not None and after is not None:
            parts = _line(before, after, newer.currency)
            if parts:
                lines.append(LineDifference(kind="changed", text=after.text, parts=parts))
    return Differences(whole=_changed(_whole(older), _whole(newer)), lines=tuple(lines))


def _paired(older: Sequence[QuoteLine], newer: Sequence[QuoteLine]) -> list[tuple[QuoteLine | None, QuoteLine | None]]:
    left = list(older)
    found: dict[int, QuoteLine] = {}
    tests = (
        lambda a, b: a.product_id is not None and a.product_id == b.product_id and a.text == b.text,
        lambda a, b: a.product_id is not None and a.product_id == b.product_id,
        lambda a, b: a.text == b.text,
        lambda a, b: a.position == b.position and a.product_id is None and b.product_id is None,
    )
    for same in tests:
        for place, line in enumerate(newer):
            if place not in found:
                match = next((each for each in left if same(each, line)), None)
                if match is not None:
                    found[place] = match
                    left.remove(match)
    pairs: list[tuple[QuoteLine | None, QuoteLine | None]] = [
        (found.get(place), line) for place, line in enumerate(newer)
    ]
    return [*pairs, *((line, None) for line in left)]


def _whole(quote: Quote) -> dict[str, Value]:
    return {
        "title": quote.title,
        "valid_until": quote.valid_until,
        "terms": quote.terms,
        "discount_total": Money(quote.discount_total_minor, quote.currency),
        "net": quote.net,
        "tax": Money(quote.tax_minor, quote.currency),
        "total": quote.total,
    }


def _line(before: QuoteLine | None, after: QuoteLine, currency: str) -> tuple[Difference, ...]:
    return _changed({} if before is None else _parts(before, currency), _parts(after, currency))


def _parts(line: QuoteLine, currency: str) -> dict[str, Value]:
    return {
        "text": line.text,
        "quantity": line.quantity,
        "unit": line.unit,
        "unit_price": Money(line.unit_price_minor, currency),
        "discount": line.discount,
        "tax_rate": line.tax_rate,
        "net": Money(line.net_minor, currency),
    }


def _changed(before: dict[str, Value], after: dict[str, Value]) -> tuple[Difference, ...]:
    return tuple(
        Difference(name=name, before=before.get(name), after=value)
        for name, value in after.items()
        if value != before.get(name) and not (not before and not value)
    )
