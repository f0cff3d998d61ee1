"""Points that another system kept, and points for many at once, taken from files: one row, one lot.

Each row is taken once for its system and external id, with the day until which its points are good. Must not know the
files themselves.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Customer, ImportField, Imports, Input, NotFound, new_id, operation, texts
from crmkit_loyalty.granting.models import Grant
from crmkit_loyalty.ledger.books import About, Books
from crmkit_loyalty.ledger.expiry import start_of
from crmkit_loyalty.ledger.giving import Earned, expiry_of, new_lot
from crmkit_loyalty.ledger.inputs import Points, Reason
from crmkit_loyalty.ledger.operations import ADJUST, tell
from crmkit_loyalty.programs.errors import problem
from crmkit_loyalty.programs.finding import accounts_of, membership_of, program_named, type_named
from crmkit_loyalty.programs.inputs import CustomerId, ProgramName, TypeName
from crmkit_loyalty.programs.joining import enrol
from crmkit_loyalty.programs.models import Account, Program

_ = texts("crmkit_loyalty")

IMPORT = "loyalty.grant.import"


@frozen(kw_only=True)
class PastPoints:
    """Points of a customer, as a row of a file says it. Without ``good_through`` they expire as points of the kind do
    that are earned at ``earned_at``, without that as if they were earned now."""

    customer_id: CustomerId
    points: Points
    program: ProgramName = ""
    point_type: TypeName = ""
    earned_at: Annotated[datetime | None, Input(title=_("Earned at"), classified="internal")] = None
    good_through: Annotated[date | None, Input(title=_("Good through"), classified="internal")] = None
    reason: Reason = ""
    external_source: Annotated[str | None, Input(title=_("System"), max_length=60, classified="internal")] = None
    external_id: Annotated[str | None, Input(title=_("External id"), max_length=120, classified="internal")] = None


@operation(IMPORT, title=_("Take points over"), permission=ADJUST, effect="create")
def import_points(session: CrmSession, past: PastPoints) -> Grant:
    """Give a customer points that another system kept, or that many get at once; who does not take part yet joins.
    What came under the same external id before is returned again. Raises NotFound for a customer, a programme or
    points that there are not, InvalidInput for points whose time is over or that were earned in the future, and for a
    customer without an open account."""
    before = _before(session, past)
    if before is not None:
        return before
    program = program_named(session, past.program)
    kind = type_named(session, program, past.point_type)
    now = session.gate.clock.business_now()
    at = past.earned_at or now
    if at > now:
        raise problem("earned_at", _("This is in the future."))
    account = _account(session, program, past)
    expires = expiry_of(session, kind, at)
    if past.good_through is not None:
        expires = start_of(past.good_through + timedelta(days=1), session.business().zone)
    if expires is not None and expires <= now:
        raise problem("good_through", _("The time of these points is over. Say until when they are good."))
    identity = past.external_id and f"{past.external_source or ''} {past.external_id}"
    about = About(key=f"import {identity or new_id()}", kind="adjust", at=at, source="import", reason=past.reason)
    books = Books(session, [account], [kind.id])
    # Not by the way of earning: that puts the expiry of points off that expire after the last activity.
    earned = Earned(kind=kind, points=past.points, pending_days=0, expires_at=expires)
    books.issue(new_lot(session, account, about, earned, at))
    done = books.write(account, about)
    grant = Grant(
        customer_id=past.customer_id,
        owner_id=account.owner_id,
        team_id=account.team_id,
        program_id=program.id,
        type_id=kind.id,
        transaction_id=done.id,
        points=past.points,
        good_through=past.good_through,
        reason=past.reason.strip() or None,
        external_source=past.external_source,
        external_id=past.external_id,
    )
    session.add(grant)
    session.flush()
    tell(session, done, kind, past.points)
    return grant


def _before(session: CrmSession, past: PastPoints) -> Grant | None:
    if not past.external_id:
        return None
    query = select(Grant).where(Grant.external_id == past.external_id)
    source = Grant.external_source
    query = query.where(source == past.external_source if past.external_source else source.is_(None))
    return session.scalars(query).first()


def _account(session: CrmSession, program: Program, past: PastPoints) -> Account:
    customer = session.get(Customer, past.customer_id)
    if customer is None:
        raise NotFound(_("There is no customer {id}."), id=past.customer_id)
    if not program.active:
        raise problem("program", _("This programme is not active."))
    if membership_of(session, program, customer.id) is None:
        enrol(session, program, [customer])
    found = accounts_of(session, program.id, customer.id)
    if not found:
        raise problem("customer_id", _("The customer has no open account."))
    return found[0]


POINTS = Imports(
    operation=IMPORT,
    customer="required",
    known=(("external_source", "external_id"),),
    fields=[
        ImportField(name="external_id", title=_("External id"), headings="id|编号"),
        ImportField(
            name="points", title=_("Points"), type="integer", required=True, headings="balance|amount|积分|余额"
        ),
        ImportField(name="program", title=_("Programme"), headings="programme|会员计划"),
        ImportField(name="point_type", title=_("Kind of points"), headings="type|kind|积分类型"),
        ImportField(
            name="earned_at", title=_("Earned at"), type="instant", headings="earned|created|date|获得时间|日期"
        ),
        ImportField(
            name="good_through",
            title=_("Good through"),
            type="date",
            headings="expires|expires on|expiry|expiry date|有效期至|到期日",
        ),
        ImportField(name="reason", title=_("Reason"), headings="note|comment|原因|备注"),
    ],
)
"""How points are filled from files."""
OPERATIONS = [import_points]
