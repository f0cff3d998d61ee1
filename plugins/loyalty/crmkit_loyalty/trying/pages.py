"""The pages on which rules are tried: what a purchase would earn, and past months under other rules.

Must not change anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, Page, texts
from crmkit_loyalty.desk.drawing import bars
from crmkit_loyalty.earning.models import RuleSet
from crmkit_loyalty.earning.words import OUTCOMES, SET_STATES
from crmkit_loyalty.programs.models import Program
from crmkit_loyalty.trying.dry import Try, TryLine, try_out
from crmkit_loyalty.trying.whatif import what_if

_ = texts("crmkit_loyalty")

LINES = 5
MONTHS = (1, 3, 6, 12, 24)
SERIES = [_("Rules that count"), _("Rules that are tried")]


def versions(session: CrmSession) -> list[tuple[str, str, int, str]]:
    """Return the versions that can be tried: id, programme, number and state."""
    query = select(RuleSet, Program.title).join(Program, Program.id == RuleSet.program_id)
    rows = session.execute(query.order_by(Program.title, RuleSet.number.desc()).limit(200))
    return [(str(each.id), title, each.number, each.state) for each, title in rows]


def try_page(session: CrmSession, query: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """Return the form, and what the purchase in it would earn."""
    found, error = None, None
    lines = [
        {name: query.get(f"{name}{at}", "") for name in ("sku", "quantity", "amount")} for at in range(1, LINES + 1)
    ]
    if query.get("version"):
        try:
            found = try_out(session, _said(query, lines))
        except CrmkitError as failure:
            error = failure.render(language)
    return {
        "versions": versions(session),
        "chosen": query.get("version", ""),
        "customer": query.get("customer", ""),
        "event": query.get("event", "") or "purchase",
        "lines": lines,
        "found": found,
        "error": error,
        "outcomes": OUTCOMES,
        "set_states": SET_STATES,
        "path": "/modules/loyalty/try",
        "replay": "/modules/loyalty/what-if",
    }


def _said(query: Mapping[str, str], lines: list[dict[str, str]]) -> Try:
    return Try(
        version=query["version"],
        customer_id=_id(query.get("customer", "")),
        event=query.get("event", "") or "purchase",
        lines=tuple(
            TryLine(
                sku=line["sku"].strip(),
                quantity=_number("quantity", line["quantity"] or "1"),
                amount=_number("amount", line["amount"] or "0"),
            )
            for line in lines
            if line["sku"].strip() or line["amount"].strip()
        ),
    )


def _id(text: str) -> UUID | None:
    from crmkit_loyalty.programs.errors import problem

    try:
        return UUID(text.strip()) if text.strip() else None
    except ValueError:
        raise problem("customer", _("There is nothing like this.")) from None


def _number(name: str, text: str) -> Decimal:
    from crmkit_loyalty.programs.errors import problem

    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise problem(name, _("This is not a number.")) from None
    if not number.is_finite() or abs(number) > 1_000_000_000:
        raise problem(name, _("This is not a number."))
    return number


def what_if_page(session: CrmSession, query: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """Return the form, and what past months would have given."""
    found, error, chart = None, None, None
    said = query.get("months", "")
    months = int(said) if said in {str(each) for each in MONTHS} else 6
    if query.get("version"):
        try:
            found = what_if(session, version=query["version"], months=months)
            chart = bars([(each.month[2:], [each.now, each.tried]) for each in found.by_month])
        except CrmkitError as failure:
            error = failure.render(language)
    return {
        "versions": versions(session),
        "chosen": query.get("version", ""),
        "months": months,
        "choices": MONTHS,
        "found": found,
        "chart": chart,
        "series": SERIES,
        "error": error,
        "set_states": SET_STATES,
        "path": "/modules/loyalty/what-if",
        "trying": "/modules/loyalty/try",
    }


PAGES = [
    Page(
        name="loyalty.try",
        title=_("Try the rules"),
        path="/try",
        template="loyalty/trying/try.html",
        context=try_page,
        permission="loyalty.rule_set.read",
        icon="flask",
        order=84,
    ),
    Page(
        name="loyalty.what_if",
        title=_("Past months under other rules"),
        path="/what-if",
        template="loyalty/trying/what_if.html",
        context=what_if_page,
        permission="loyalty.rule_set.read",
        icon="history",
        menu=False,
    ),
]
