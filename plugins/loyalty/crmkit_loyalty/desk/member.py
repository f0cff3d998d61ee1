"""The page of a member: what they have and what expires when, what happened with every lot, the tier and what is
missing, vouchers and redemptions, with the buttons for what may be done.

Must not change anything; everything that can be done there is an operation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Customer, Page, User, texts
from crmkit_loyalty.challenges.showing import challenges_shown
from crmkit_loyalty.desk.common import HOME, MEMBER, PROGRAMME, TONES, found, may, names
from crmkit_loyalty.ledger.models import Hold, Lot, Posting
from crmkit_loyalty.ledger.reading import Movement, history_of, standing_of
from crmkit_loyalty.ledger.words import HOLD_STATES, KINDS, OWN, SIDES, SOURCES
from crmkit_loyalty.programs.finding import accounts_of, types_of
from crmkit_loyalty.programs.models import Account, Member, Program
from crmkit_loyalty.programs.words import ACCOUNT_KINDS, ACCOUNT_STATES, ROLES
from crmkit_loyalty.rewards.models import Redemption, Reward, Voucher
from crmkit_loyalty.rewards.redeeming import offers_of
from crmkit_loyalty.rewards.words import STATES, VOUCHERS, WHY_NOT
from crmkit_loyalty.tiers.models import MemberTier, Tier, TierChange, TierMetric
from crmkit_loyalty.tiers.moving import prospect_of
from crmkit_loyalty.tiers.words import REASONS

_ = texts("crmkit_loyalty")

SHOWN = 50
MOST = 500


@frozen(kw_only=True)
class Piece:
    """What a movement did to one lot: on which side of the member, how many points; no lot for what is owed."""

    lot: Lot | None
    side: str
    points: int


def member_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return everything that the page of a member shows; ``most`` is how many movements. Raises NotFound."""
    member = found(session, Member, query.get("id", ""))
    program = session.get_one(Program, member.program_id)
    accounts = _accounts(session, member)
    kinds = types_of(session, program.id)
    most = _number(query.get("most", ""))
    history = history_of(session, [each.id for each in accounts], most + 1) if accounts else []
    lots = _lots(session, accounts)
    customer = session.get(Customer, member.customer_id)
    return {
        "member": member,
        "customer": customer,
        "program": program,
        "accounts": accounts,
        "here": f"{MEMBER}?id={member.id}",
        "home": HOME,
        "programme": PROGRAMME,
        "standings": standing_of(session, accounts, kinds),
        "titles": {each.id: each.title for each in kinds},
        "transferable": any(each.transferable for each in kinds),
        "lots": lots[:SHOWN],
        "more_lots": len(lots) > SHOWN,
        "history": _with_pieces(session, history[:most], accounts),
        "more": len(history) > most and most < MOST,
        "next_most": min(most * 4, MOST),
        "sharing": _sharing(session, accounts),
        "holds": session.scalars(
            select(Hold)
            .where(Hold.account_id.in_([each.id for each in accounts]), Hold.state == "held")
            .order_by(Hold.expires_at)
            .limit(SHOWN)
        ).all(),
        **_tier(session, program, member),
        **_rewards(session, program, member, accounts),
        **_rights(session),
        **_words(),
        **challenges_shown(session, member),
    }


def _accounts(session: CrmSession, member: Member) -> list[Account]:
    """Return the accounts that a customer has a part in, blocked ones and those of a member who left as well."""
    own = list(accounts_of(session, member.program_id, member.customer_id))
    account = session.get(Account, member.account_id)
    if account is not None and account.id not in {each.id for each in own}:
        own.insert(0, account)
    return own


def _lots(session: CrmSession, accounts: Iterable[Account]) -> Sequence[Lot]:
    """Return the lots of which something is left, what is spent first first."""
    query = select(Lot).where(Lot.account_id.in_([each.id for each in accounts]), Lot.left > 0)
    ordered = query.order_by(Lot.expires_at.is_(None), Lot.expires_at, Lot.earned_at, Lot.id)
    return session.scalars(ordered.limit(SHOWN + 1)).all()


def _with_pieces(
    session: CrmSession, history: Sequence[Movement], accounts: Iterable[Account]
) -> list[tuple[Movement, list[Piece]]]:
    """Return movements with what each of them did to which lot."""
    ids = {each.transaction.id for each in history}
    own = {each.id for each in accounts}
    query = select(Posting).where(Posting.transaction_id.in_(ids), Posting.side.in_(OWN))
    rows = [each for each in session.scalars(query.order_by(Posting.line_no)) if each.account_id in own]
    wanted = {each.lot_id for each in rows if each.lot_id is not None}
    lots = {each.id: each for each in session.scalars(select(Lot).where(Lot.id.in_(wanted)))}
    pieces: dict[tuple[UUID, UUID], list[Piece]] = {}
    for each in rows:
        lot = lots.get(each.lot_id) if each.lot_id is not None else None
        piece = Piece(lot=lot, side=each.side, points=each.points)
        pieces.setdefault((each.transaction_id, each.type_id), []).append(piece)
    return [(each, pieces.get((each.transaction.id, each.type_id), [])) for each in history]


def _sharing(session: CrmSession, accounts: Iterable[Account]) -> list[tuple[Member, str]]:
    """Return who shares an account, with their names; nobody where it is one's own."""
    shared = [each.id for each in accounts if each.kind == "pool"]
    query = select(Member).where(Member.account_id.in_(shared), Member.left_at.is_(None))
    members = session.scalars(query.order_by(Member.joined_at, Member.id)).all()
    known = names(session, Customer, (each.customer_id for each in members))
    return [(each, known.get(each.customer_id, "–")) for each in members]


def _tier(session: CrmSession, program: Program, member: Member) -> dict[str, Any]:
    metrics = select(TierMetric).where(TierMetric.program_id == program.id)
    changes = select(TierChange).where(TierChange.member_id == member.id)
    titles = {each.name: each.title for each in session.scalars(select(Tier).where(Tier.program_id == program.id))}
    held = session.scalars(select(MemberTier).where(MemberTier.member_id == member.id)).first()
    found_changes = session.scalars(changes.order_by(TierChange.at.desc(), TierChange.id.desc()).limit(SHOWN)).all()
    return {
        "held": held,
        "prospect": prospect_of(session, program, member) if held is not None else None,
        "metrics": {each.name: each.title for each in session.scalars(metrics)},
        "changes": found_changes,
        "tier_titles": titles,
        "people": names(session, User, (each.user_id for each in found_changes)),
        "reasons": REASONS,
    }


def _rewards(session: CrmSession, program: Program, member: Member, accounts: Sequence[Account]) -> dict[str, Any]:
    redeemed = (
        select(Redemption, Reward)
        .join(Reward, Reward.id == Redemption.reward_id)
        .where(Redemption.customer_id == member.customer_id, Reward.program_id == program.id)
        .order_by(Redemption.number.desc())
        .limit(SHOWN)
    )
    vouchers = (
        select(Voucher)
        .join(Redemption, Redemption.id == Voucher.redemption_id)
        .join(Reward, Reward.id == Redemption.reward_id)
        .where(Voucher.customer_id == member.customer_id, Reward.program_id == program.id)
        .order_by(Voucher.good_through.desc(), Voucher.number)
        .limit(SHOWN)
    )
    open_ones = [each for each in accounts if each.state == "open"]
    here = member.left_at is None
    return {
        "offers": offers_of(session, program, member.customer_id, open_ones)[:SHOWN] if here else [],
        "redeemed": session.execute(redeemed).all(),
        "vouchers": session.scalars(vouchers).all(),
        "today": session.today(),
    }


def _rights(session: CrmSession) -> dict[str, bool]:
    return {
        "may_spend": may(session, "loyalty.points", "spend"),
        "may_adjust": may(session, "loyalty.points", "adjust"),
        "may_change": may(session, "loyalty.member", "update"),
        "may_join": may(session, "loyalty.member", "create"),
        "may_grant": may(session, "loyalty.tier", "grant"),
        "may_redeem": may(session, "loyalty.redemption", "create"),
        "may_send": may(session, "loyalty.redemption", "update"),
        "may_use": may(session, "loyalty.voucher", "use"),
    }


def _words() -> dict[str, Any]:
    return {
        "happened": KINDS,
        "sides": SIDES,
        "sources": SOURCES,
        "roles": ROLES,
        "account_kinds": ACCOUNT_KINDS,
        "account_states": ACCOUNT_STATES,
        "hold_states": HOLD_STATES,
        "states": STATES,
        "voucher_states": VOUCHERS,
        "why": WHY_NOT,
        "tones": TONES,
    }


def _number(text: str) -> int:
    return min(max(int(text), 1), MOST) if text.isascii() and text.isdigit() and len(text) < 6 else SHOWN


PAGES = [
    Page(
        name="loyalty.member",
        title=_("Member"),
        path="/member",
        template="loyalty/desk/member.html",
        context=member_page,
        permission="loyalty.member.read",
        menu=False,
    )
]
