"""Taking a history of points over: what was earned and spent before, each movement once, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from attrs import define, field, frozen
from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, Input, operation, texts
from crmkit_loyalty.ledger.errors import NotEnoughPoints
from crmkit_loyalty.ledger.inputs import Change, Reason, Ref
from crmkit_loyalty.ledger.models import Transaction
from crmkit_loyalty.ledger.operations import ADJUST
from crmkit_loyalty.ledger.replaying import Lacking, Movement, replay
from crmkit_loyalty.programs.errors import NotAMember, problem
from crmkit_loyalty.programs.finding import program_named, type_named
from crmkit_loyalty.programs.inputs import CustomerId, ProgramName, TypeName
from crmkit_loyalty.programs.models import Account, Member, PointType, Program

_ = texts("crmkit_loyalty")

LOAD = "loyalty.history.load"
CHUNK = 400


@frozen(kw_only=True)
class PastMovement:
    """Points that a member earned, or spent where they are below nought. ``at`` and ``expires_at`` are instants (UTC);
    without the latter they expire as points of the kind do that are earned at ``at``."""

    customer_id: CustomerId
    points: Change
    at: Annotated[datetime, Input(title=_("When"), classified="internal")]
    key: Annotated[
        str,
        Input(
            title=_("Key"),
            help=_("The name of the movement where it comes from: under it, it is taken once."),
            max_length=150,
            classified="internal",
        ),
    ]
    program: ProgramName = ""
    point_type: TypeName = ""
    expires_at: Annotated[datetime | None, Input(title=_("Expires at"), classified="internal")] = None
    reason: Reason = ""
    ref: Ref = ""


def load_many(session: CrmSession, items: Sequence[PastMovement]) -> list[UUID | CrmkitError]:
    """Take movements over in their order, and return the id of the transaction of each, or the error for which it was
    not taken.
    Those of one customer come in the order of their time."""
    found = _Found(session, items)
    movements: list[Movement | CrmkitError] = [found.movement(each) for each in items]
    good = [each for each in movements if isinstance(each, Movement)]
    answers = iter(replay(session, good))
    made: list[UUID | CrmkitError] = []
    for each in movements:
        if isinstance(each, CrmkitError):
            made.append(each)
            continue
        answer = next(answers)
        if isinstance(answer, Lacking):
            made.append(NotEnoughPoints(-each.points, answer.available, each.kind.title))
        else:
            made.append(answer)
    return made


@operation(LOAD, title=_("Take a history of points over"), permission=ADJUST, effect="create", bulk=load_many)
def load(session: CrmSession, past: PastMovement) -> Transaction:
    """Take over what a member earned or spent before. Nobody is told, and what is taken over counts for tiers when they
    are counted next; what came under the same key before is returned again.

    Raises NotAMember, NotEnoughPoints for more than there was then, InvalidInput, NotFound.
    """
    (answer,) = load_many(session, [past])
    if isinstance(answer, CrmkitError):
        raise answer
    return session.get_one(Transaction, answer)


@define
class _Found:
    """Programmes, kinds of points and accounts, looked up once for all items."""

    session: CrmSession
    items: Sequence[PastMovement]
    _programs: dict[str, Program] = field(factory=dict[str, Program])
    _kinds: dict[tuple[str, str], PointType] = field(factory=dict[tuple[str, str], PointType])
    _accounts: dict[UUID, dict[UUID, Account]] = field(factory=dict[UUID, dict[UUID, Account]])

    def movement(self, past: PastMovement) -> Movement | CrmkitError:
        try:
            program = self._program(past.program)
            account = self._of(program).get(past.customer_id)
            if account is None:
                raise NotAMember(program.title)
            if not past.points:
                raise problem("points", _("Say how many points."))
            if past.at > self.session.gate.clock.business_now():
                raise problem("at", _("This is in the future."))
            if not past.key.strip():
                raise problem("key", _("Say which movement it is."))
            return Movement(
                key=f"load {program.name} {past.key.strip()}",
                account=account,
                kind=self._kind(program, past),
                points=past.points,
                at=past.at,
                reason=past.reason.strip() or None,
                ref=past.ref.strip() or None,
                expires_at=past.expires_at,
            )
        except CrmkitError as error:
            return error

    def _program(self, name: str) -> Program:
        if name not in self._programs:
            self._programs[name] = program_named(self.session, name)
        return self._programs[name]

    def _kind(self, program: Program, past: PastMovement) -> PointType:
        key = program.name, past.point_type
        if key not in self._kinds:
            self._kinds[key] = type_named(self.session, program, past.point_type)
        return self._kinds[key]

    def _of(self, program: Program) -> dict[UUID, Account]:
        """Return the first open account of each customer of the items in a programme."""
        if program.id not in self._accounts:
            found: dict[UUID, Account] = {}
            wanted = sorted({each.customer_id for each in self.items})
            for start in range(0, len(wanted), CHUNK):
                query = (
                    select(Member.customer_id, Account)
                    .join(Account, Account.id == Member.account_id)
                    .where(
                        Member.program_id == program.id,
                        Member.customer_id.in_(wanted[start : start + CHUNK]),
                        Member.left_at.is_(None),
                        Account.state == "open",
                    )
                    .order_by(Member.joined_at, Member.id)
                )
                for customer_id, account in self.session.execute(query):
                    found.setdefault(customer_id, account)
            self._accounts[program.id] = found
        return self._accounts[program.id]


OPERATIONS = [load]
