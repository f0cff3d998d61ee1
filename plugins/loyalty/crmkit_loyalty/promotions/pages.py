"""The page of promotions: which there are, what they have done, and what a cart would cost.

Must not change anything; everything that can be done there is an operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import func, select

from crmkit import CrmkitError, CrmSession, Page, texts
from crmkit_loyalty.desk.common import HOME, TONES, may
from crmkit_loyalty.programs.errors import problem
from crmkit_loyalty.programs.models import Program
from crmkit_loyalty.promotions.asking import ask, shown
from crmkit_loyalty.promotions.inputs import AskedLine
from crmkit_loyalty.promotions.models import Promotion, PromotionUse
from crmkit_loyalty.promotions.words import KINDS, OUTCOMES, STATES

_ = texts("crmkit_loyalty")

PATH = "/modules/loyalty/promotions"
LINES, SHOWN = 4, 200


def promotions_page(session: CrmSession, query: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """Return the promotions of a programme, the first unless said, and the price of the cart in the form."""
    programs = session.scalars(select(Program).order_by(Program.active.desc(), Program.title)).all()
    program = next((each for each in programs if each.name == query.get("program")), programs[0] if programs else None)
    lines = [
        {name: query.get(f"{name}{at}", "") for name in ("sku", "quantity", "price")} for at in range(1, LINES + 1)
    ]
    found, error = None, None
    if program is not None and any(line["price"].strip() for line in lines):
        try:
            made = [_line(line) for line in lines if line["price"].strip()]
            numbers = query.get("number", "").split(",")[:20]
            asked = ask(session, program.name, made, numbers, None, drafts=query.get("drafts") == "yes")
            found = shown(session, asked)
        except CrmkitError as failure:
            error = failure.render(language)
    return {
        "programs": programs,
        "program": program,
        "promotions": [] if program is None else _promotions(session, program),
        "uses": {} if program is None else _uses(session, program),
        "lines": lines,
        "number": query.get("number", ""),
        "drafts": query.get("drafts") == "yes",
        "found": found,
        "error": error,
        "kinds": KINDS,
        "states": STATES,
        "outcomes": OUTCOMES,
        "tones": TONES,
        "may_manage": may(session, "loyalty.program", "manage"),
        "here": PATH if program is None else f"{PATH}?program={program.name}",
        "path": PATH,
        "home": HOME,
    }


def _promotions(session: CrmSession, program: Program) -> list[Promotion]:
    query = select(Promotion).where(Promotion.program_id == program.id, Promotion.state != "retired")
    return list(session.scalars(query.order_by(Promotion.position, Promotion.name, Promotion.version_no).limit(SHOWN)))


def _uses(session: CrmSession, program: Program) -> dict[str, tuple[int, int]]:
    """Return for each promotion for how many orders it was used, among those that the reader sees, and what that took
    off."""
    query = (
        select(PromotionUse.promotion, func.count(), func.sum(PromotionUse.discount_minor))
        .where(PromotionUse.program_id == program.id, PromotionUse.returned_at.is_(None))
        .group_by(PromotionUse.promotion)
    )
    return {name: (int(count), int(off)) for name, count, off in session.execute(query)}


def _line(line: Mapping[str, str]) -> AskedLine:
    return AskedLine(
        sku=line["sku"].strip()[:120],
        quantity=_number("quantity", line["quantity"] or "1"),
        price=_number("price", line["price"]),
    )


def _number(name: str, text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise problem(name, _("This is not a number.")) from None
    if not number.is_finite() or abs(number) > 1_000_000_000:
        raise problem(name, _("This is not a number."))
    return number


PAGES = [
    Page(
        name="loyalty.promotions",
        title=_("Promotions"),
        path="/promotions",
        template="loyalty/promotions/promotions.html",
        context=promotions_page,
        permission="loyalty.promotion.read",
        icon="tag",
        order=83,
    )
]
