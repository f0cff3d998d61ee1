"""What was coded: how far the two people agree who coded most of the same feedback, and where they do not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, User
from crmkit_feedback.classifying.models import Theme
from crmkit_feedback.coding.agreeing import Kappa, kappa
from crmkit_feedback.coding.models import Coding, Drawn
from crmkit_feedback.items.models import Feedback

SHOWN = 100


@frozen(kw_only=True)
class OfTheme:
    """How far two people agree on one theme: how often both, one of them and neither said it."""

    name: str
    title: str
    both: int
    first_only: int
    second_only: int
    neither: int
    kappa: Kappa | None


@frozen(kw_only=True)
class Difference:
    """Feedback of which two people said different things."""

    feedback_id: UUID
    number: int
    first: tuple[str, ...]
    second: tuple[str, ...]


@frozen(kw_only=True)
class Agreement:
    """How far two people agree who coded ``count`` pieces of the same feedback. ``whole`` takes each set of themes as
    one category: it counts as agreement alone where both named the very same themes."""

    first: str
    second: str
    count: int
    whole: Kappa | None
    themes: tuple[OfTheme, ...]
    differences: tuple[Difference, ...]


def agreement_of(session: CrmSession) -> Agreement | None:
    """Return how far the two people agree who coded most of the same feedback, as far as the actor sees it; None where
    no two did."""
    codings: dict[UUID, dict[UUID, frozenset[str]]] = defaultdict(dict)
    for row in session.execute(select(Coding.feedback_id, Coding.user_id, Coding.themes)):
        codings[row.feedback_id][row.user_id] = frozenset(row.themes)
    together = Counter(pair for said in codings.values() for pair in combinations(sorted(said), 2))
    if not together:
        return None
    first, second = min(together, key=lambda pair: (-together[pair], pair))
    people = {each.id: each.name for each in session.scalars(select(User).where(User.id.in_([first, second])))}
    said = {key: (each[first], each[second]) for key, each in codings.items() if first in each and second in each}
    titles = {row.name: row.title for row in session.execute(select(Theme.name, Theme.title))}
    named = sorted({name for pair in said.values() for one in pair for name in one})
    return Agreement(
        first=people.get(first, "–"),
        second=people.get(second, "–"),
        count=len(said),
        whole=kappa(list(said.values())),
        themes=tuple(_of_theme(name, titles.get(name, name), list(said.values())) for name in named),
        differences=tuple(_differences(session, said)),
    )


def _of_theme(name: str, title: str, said: Sequence[tuple[frozenset[str], frozenset[str]]]) -> OfTheme:
    pairs = [(name in one, name in other) for one, other in said]
    cells = Counter(pairs)
    return OfTheme(
        name=name,
        title=title,
        both=cells[True, True],
        first_only=cells[True, False],
        second_only=cells[False, True],
        neither=cells[False, False],
        kappa=kappa(pairs),
    )


def _differences(session: CrmSession, said: Mapping[UUID, tuple[frozenset[str], frozenset[str]]]) -> list[Difference]:
    settled = set(session.scalars(select(Drawn.feedback_id).where(Drawn.settled_at.is_not(None))))
    apart = [key for key, (one, other) in said.items() if one != other and key not in settled][:SHOWN]
    query = select(Feedback.id, Feedback.number).where(Feedback.id.in_(apart)).order_by(Feedback.number)
    return [
        Difference(
            feedback_id=row.id,
            number=row.number,
            first=tuple(sorted(said[row.id][0])),
            second=tuple(sorted(said[row.id][1])),
        )
        for row in session.execute(query)
    ]
