"""Writing promotions: a draft is changed until it is published; then it counts, and the version before retires."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import func, select

from crmkit import CrmkitError, CrmSession, Input, given, new_id, operation, random_text, texts
from crmkit_loyalty.programs.errors import problem
from crmkit_loyalty.programs.finding import ALPHABET, check_sign, program_named
from crmkit_loyalty.programs.money import digits_of
from crmkit_loyalty.promotions.asking import ask, condition_of, plain, shown
from crmkit_loyalty.promotions.errors import PromotionNotADraft
from crmkit_loyalty.promotions.inputs import AskedCart, CartPrice, NewPromotion, PromotionUpdate
from crmkit_loyalty.promotions.models import Promotion, PromotionCode
from crmkit_loyalty.promotions.words import STATES

_ = texts("crmkit_loyalty")

MANAGE, READ = "loyalty.program.manage", "loyalty.promotion.read"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_SAME = (
    "kind", "percent", "buy", "get", "added", "condition", "own_codes", "position", "last", "since", "until", "most",
    "most_each",
)  # fmt: skip
_COPIED = (
    *_SAME, "program_id", "name", "title", "gift", "skus", "categories", "number", "stack", "amount_minor",
    "minimum_minor",
)  # fmt: skip


@operation("loyalty.promotion.create", title=_("Add a promotion"), permission=MANAGE, effect="create")
def create(session: CrmSession, new: NewPromotion) -> Promotion:
    """Write a promotion: a draft, the first of its name or a version that is to take the place of another. Raises
    InvalidInput for what cannot be, NotFound."""
    program = program_named(session, new.program)
    if not _NAME.fullmatch(new.name):
        raise problem("name", _("A name has small letters, digits and _, and begins with a letter."))
    last = session.scalar(
        select(func.max(Promotion.version_no)).where(Promotion.program_id == program.id, Promotion.name == new.name)
    )
    made = Promotion(
        id=new_id(),
        program_id=program.id,
        name=new.name,
        version_no=(last or 0) + 1,
        title=new.title.strip() or new.name,
        gift=new.gift.strip() or None,
        skus=_words(new.skus),
        categories=_words(new.categories),
        number=plain(new.number) or None,
        stack=new.stack.strip() or None,
        amount_minor=_minor(session, "amount", new.amount),
        minimum_minor=_minor(session, "minimum", new.minimum),
        **{name: getattr(new, name) for name in _SAME},
    )
    _check(session, made)
    session.add(made)
    return made


@operation("loyalty.promotion.draft", title=_("Begin a new version"), permission=MANAGE, effect="update")
def draft(session: CrmSession, promotion: Promotion) -> Promotion:
    """Begin a new version of a promotion with what this one says; a draft that is there is returned."""
    same = select(Promotion).where(Promotion.program_id == promotion.program_id, Promotion.name == promotion.name)
    latest = session.scalars(same.order_by(Promotion.version_no.desc())).first()
    assert latest is not None
    if latest.state == "draft":
        return latest
    values: dict[str, Any] = {name: getattr(promotion, name) for name in _COPIED}
    made = Promotion(id=new_id(), version_no=latest.version_no + 1, **values)
    session.add(made)
    return made


@operation("loyalty.promotion.update", title=_("Change the promotion"), permission=MANAGE, effect="update")
def update(session: CrmSession, promotion: Promotion, changes: PromotionUpdate) -> Promotion:
    """Change a draft. Raises PromotionNotADraft, InvalidInput."""
    _require_draft(promotion)
    said: dict[str, Any] = dict(given(changes))
    for name in ("amount", "minimum"):
        if name in said:
            setattr(promotion, f"{name}_minor", _minor(session, name, said.pop(name)))
    for name, value in said.items():
        match name:
            case "skus" | "categories":
                setattr(promotion, name, _words(value))
            case "number":
                promotion.number = plain(value) or None
            case "gift" | "stack":
                setattr(promotion, name, value.strip() or None)
            case _:
                setattr(promotion, name, value)
    _check(session, promotion)
    return promotion


@operation("loyalty.promotion.publish", title=_("Publish the promotion"), permission=MANAGE, effect="update")
def publish(session: CrmSession, promotion: Promotion) -> Promotion:
    """Have a draft count from now on, in place of the version before; how often that was used counts on. Raises
    PromotionNotADraft, InvalidInput for a code that another promotion has."""
    _require_draft(promotion)
    _check(session, promotion)
    now = session.gate.clock.business_now()
    others = select(Promotion).where(Promotion.program_id == promotion.program_id, Promotion.state == "published")
    used = select(func.max(Promotion.used)).where(
        Promotion.program_id == promotion.program_id, Promotion.name == promotion.name
    )
    promotion.used = session.scalar(used) or 0
    for each in session.scalars(others.with_for_update()):
        if each.name == promotion.name:
            promotion.used = max(promotion.used, each.used)
            each.state, each.retired_at = "retired", now
        elif promotion.number and each.number == promotion.number and not each.own_codes and not promotion.own_codes:
            raise problem("number", _('Promotion "{name}" has this code already.'), name=each.name)
    promotion.state, promotion.published_at = "published", now
    return promotion


@operation("loyalty.promotion.retire", title=_("End the promotion"), permission=MANAGE, effect="update")
def retire(session: CrmSession, promotion: Promotion) -> Promotion:
    """End a promotion, or give a draft up. One that has ended stays so."""
    if promotion.state != "retired":
        promotion.state, promotion.retired_at = "retired", session.gate.clock.business_now()
    return promotion


@operation("loyalty.promotion.issue", title=_("Make codes"), permission=MANAGE, effect="update")
def issue(
    session: CrmSession,
    promotion: Promotion,
    *,
    quantity: Annotated[int, Input(title=_("How many"), minimum=1, maximum=1000, classified="internal")],
) -> tuple[str, ...]:
    """Make codes of a promotion's own, each good for one order, and return them. Raises InvalidInput for a promotion
    that has none."""
    if not promotion.own_codes:
        raise problem("quantity", _("This promotion has no codes of its own."))
    numbers = tuple(_number() for _one in range(quantity))
    session.add_all(
        PromotionCode(id=new_id(), program_id=promotion.program_id, promotion=promotion.name, number=number)
        for number in numbers
    )
    return numbers


@operation("loyalty.promotion.apply", title=_("Ask for the price of a cart"), permission=READ, hidden=True)
def apply(session: CrmSession, cart: AskedCart) -> CartPrice:
    """Say what a cart costs by the promotions that count, with every promotion's part; nothing is written. Raises
    NotFound."""
    found = ask(session, cart.program, cart.lines, cart.numbers, cart.customer_id, cart.at, drafts=cart.drafts)
    return shown(session, found)


def _number() -> str:
    signs = random_text(11, ALPHABET)
    whole = signs + check_sign(signs)
    return "-".join(whole[at : at + 4] for at in range(0, 12, 4))


def _words(words: Any) -> list[str]:
    return list(dict.fromkeys(each.strip() for each in words if each.strip()))


def _minor(session: CrmSession, name: str, amount: Decimal) -> int:
    exact = amount.scaleb(digits_of(session))
    if exact != int(exact):
        raise problem(name, _("This has too many decimal places."))
    return int(exact)


def _require_draft(promotion: Promotion) -> None:
    if promotion.state != "draft":
        raise PromotionNotADraft(promotion.name, STATES[promotion.state])


def _check(session: CrmSession, made: Promotion) -> None:
    if made.kind == "percent" and not made.percent:
        raise problem("percent", _("Say how many percent."))
    if made.kind == "amount" and not made.amount_minor:
        raise problem("amount", _("Say how much."))
    if made.kind == "free" and (made.buy < 1 or made.get < 1):
        raise problem("buy", _("Say how many are bought, and how many are free: 1 or more."))
    if made.since is not None and made.until is not None and made.until < made.since:
        raise problem("until", _("This is before its first day."))
    if made.condition.strip():
        try:
            condition_of(session, made.condition)
        except CrmkitError as error:
            raise problem("condition", _("{reason}"), reason=error.render()) from error


OPERATIONS = [create, draft, update, publish, retire, issue, apply]
