"""Reading pools: what is free, what is one's own and until when, and how fairly customers are spread.

Must not change anything.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import func, select

from crmkit import Chart, Column, CrmSession, Customer, Note, Period, Report, Table, TeamMember, User, texts
from crmkit_sales.pool.limits import Allowance, allowance
from crmkit_sales.pool.models import Holding, HoldingMove, Pool
from crmkit_sales.pool.running import dues
from crmkit_sales.pool.terms import Due
from crmkit_sales.pool.words import RECYCLED

_ = texts("crmkit_sales")

SHOWN = 100


@frozen(kw_only=True)
class Held:
    """A customer whom somebody holds, and when it goes back, if ever."""

    holding: Holding
    due: Due | None


@frozen(kw_only=True)
class Shown:
    """A pool as whoever reads it sees it."""

    pool: Pool
    allowance: Allowance | None
    free_count: int
    free: Sequence[Holding]
    mine: Sequence[Held]


def pools_of(session: CrmSession) -> list[Shown]:
    """Return the active pools of one's teams, or all of them to whoever may assign out of them, each with what is free
    and what is one's own, what goes back soonest first."""
    rights = session.guarding.rights
    query = select(Pool).where(Pool.active.is_(True)).order_by(Pool.position, Pool.name)
    if not rights.unrestricted and rights.scope("sales.holding", "assign") == "none":
        query = query.where(Pool.team_id.in_(sorted(rights.team_ids)))
    return [_shown(session, pool, rights.user_id) for pool in session.scalars(query).all()]


def _shown(session: CrmSession, pool: Pool, user_id: UUID | None) -> Shown:
    here = Holding.pool_id == pool.id
    number = session.scalar(select(func.count(Holding.id)).where(here, Holding.state == "free"))
    free = select(Holding).where(here, Holding.state == "free").order_by(Holding.since.desc(), Holding.id).limit(SHOWN)
    mine = session.scalars(
        select(Holding).where(here, Holding.owner_id == user_id, Holding.state != "free").order_by(Holding.id)
    ).all()
    falls = dues(session, pool, mine)
    listed = [Held(holding=each, due=falls.get(each.id) if each.state == "held" else None) for each in mine]
    return Shown(
        pool=pool,
        allowance=allowance(session, pool, user_id) if user_id is not None else None,
        free_count=number or 0,
        free=session.scalars(free).all(),
        mine=sorted(listed, key=lambda each: (each.due is None, each.due.at if each.due else each.holding.since)),
    )


def customers_in(session: CrmSession, shown: Sequence[Shown]) -> dict[UUID, Customer]:
    """Return the customers that are shown in pools, as far as whoever reads may see them."""
    ids = [each.customer_id for one in shown for each in one.free]
    ids += [each.holding.customer_id for one in shown for each in one.mine]
    return {each.id: each for each in session.scalars(select(Customer).where(Customer.id.in_(ids)))}


def rows(session: CrmSession, parameters: Period, moment: object) -> Table:
    """Return for each member of a pool's team what they got, gave back and lost within the period, and hold now."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    start = datetime.combine(parameters.first, time(), tzinfo=zone)
    end = datetime.combine(parameters.last + timedelta(days=1), time(), tzinfo=zone)
    done: dict[tuple[UUID, UUID], Counter[str]] = defaultdict(Counter)
    moves = select(HoldingMove.pool_id, HoldingMove.user_id, HoldingMove.what, func.count(HoldingMove.id)).where(
        HoldingMove.at >= start, HoldingMove.at < end, HoldingMove.user_id.is_not(None)
    )
    for pool_id, user_id, what, number in session.execute(
        moves.group_by(HoldingMove.pool_id, HoldingMove.user_id, HoldingMove.what)
    ):
        done[pool_id, user_id][what] += number
    held = select(Holding.pool_id, Holding.owner_id, func.count(Holding.id)).where(Holding.owner_id.is_not(None))
    now = {
        (pool_id, user_id): number
        for pool_id, user_id, number in session.execute(held.group_by(Holding.pool_id, Holding.owner_id))
    }
    pools = {each.id: each for each in session.scalars(select(Pool))}
    members = session.execute(
        select(Pool.id, TeamMember.user_id).join(TeamMember, TeamMember.team_id == Pool.team_id)
    ).all()
    keys = sorted({(pool, user) for pool, user in members} | set(done) | set(now), key=str)
    names = {
        each.id: each.name for each in session.scalars(select(User).where(User.id.in_({user for _pool, user in keys})))
    }
    listed = [
        _row(pools[pool], names.get(user, "–"), user, done[pool, user], now.get((pool, user), 0)) for pool, user in keys
    ]
    listed.sort(key=lambda row: (str(row["pool"]), -int(str(row["claimed"])), str(row["person"])))
    return Table(rows=listed, notes=_notes(listed))


def _row(pool: Pool, name: str, user_id: UUID, done: Counter[str], held: int) -> dict[str, object]:
    return {
        "key": f"{pool.id}:{user_id}",
        "pool": pool.title,
        "person": name,
        "claimed": done["claimed"],
        "assigned": done["assigned"],
        "released": done["released"],
        "lost": sum(done[each] for each in RECYCLED),
        "held": held,
    }


def gini(numbers: Sequence[int]) -> float | None:
    """Return the Gini coefficient of numbers: 0 where all have the same, towards 1 where one has everything; None
    where there is nothing to share.

    Source: Gini, Variabilità e mutabilità (1912), by the ordered form (2 Σ i·x_i) ÷ (n Σ x) − (n + 1) ÷ n.
    """
    total, count = sum(numbers), len(numbers)
    if not total:
        return None
    ranked = sum(place * number for place, number in enumerate(sorted(numbers), start=1))
    return 2 * ranked / (count * total) - (count + 1) / count


def _notes(rows: Sequence[dict[str, object]]) -> list[Note]:
    """Say how evenly each pool's customers came to people."""
    by_pool: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        by_pool[str(row["pool"])].append(int(str(row["claimed"])) + int(str(row["assigned"])))
    return [
        Note(
            text=_("{pool}: unevenness {gini} (Gini: 0 is even, 1 means that one has all)."),
            values={"pool": pool, "gini": f"{value:.2f}"},
        )
        for pool, numbers in sorted(by_pool.items())
        if (value := gini(numbers)) is not None
    ]


REPORTS = [
    Report(
        name="sales.pool_fairness",
        title=_("Pools: who gets customers, and keeps them"),
        rows=rows,
        parameters=Period,
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="pool", title=_("Pool")),
            Column(name="person", title=_("Person")),
            Column(name="claimed", title=_("Claimed"), kind="integer"),
            Column(name="assigned", title=_("Assigned"), kind="integer"),
            Column(name="released", title=_("Given back"), kind="integer"),
            Column(name="lost", title=_("Went back by themselves"), kind="integer"),
            Column(name="held", title=_("Held now"), kind="integer"),
        ],
        charts=[Chart.bars("person", "claimed")],
        temporal=False,
        doc=_("How evenly the customers of pools are spread among the team, and who lets them go."),
    )
]
