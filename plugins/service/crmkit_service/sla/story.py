"""What happened to a case, as far as a clock must know. Pure; must not know tables.

Events are plain tuples: of many cases there are very many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from attrs import frozen

from crmkit_service.cases.words import PHASE_OF

ATTRIBUTES = ("state", "priority", "queue", "team")
"""What of a case a clock may depend on, each changed by events of that kind."""

GONE = ("merged", "spam")
"""States in which a case is none of its own any more."""
ENDED = tuple(state for state, phase in PHASE_OF.items() if phase in ("resolved", "closed"))
"""States in which nothing is left to do."""
_KINDS = {kind: frozenset((kind,)) for kind in ("opened", "customer_message", "agent_message", "note", *ATTRIBUTES)}
_KINDS["unanswered"] = _KINDS["customer_message"]
"""A question that came over with a merged case is a message of the customer from then on."""


class Happening(NamedTuple):
    """An event of a case: when, its kind, and for a change what was before and after."""

    at: datetime
    kind: str
    before: str = ""
    after: str = ""


class Moment(NamedTuple):
    """An event as clocks see it: what it triggers, and the state, queue and team of the case from then on."""

    at: datetime
    triggers: frozenset[str]
    state: str
    priority: str
    queue: str
    team: str
    moves: bool
    """Whether the state, the queue or the team is another one than before."""


@frozen(kw_only=True)
class Story:
    """The events of a case in order, and what it was when it was opened."""

    moments: tuple[Moment, ...]

    @classmethod
    def of(cls, happenings: Sequence[Happening], current: Mapping[str, str]) -> Story:
        """Return the story of events in the order in which they happened.

        ``current`` is what the case is now: an attribute that never changed was so from the beginning, the others began
        with what their first change names as before.
        """
        now = {name: current.get(name, "") for name in ATTRIBUTES}
        known: set[str] = set()
        for each in happenings:
            if each.kind in now and each.kind not in known:
                known.add(each.kind)
                now[each.kind] = each.before
        now["state"] = now["state"] or "new"
        moments: list[Moment] = []
        # A question that came over with a merge goes back when that is undone.
        undone = {each.before: place for place, each in enumerate(happenings) if each.kind == "unmerged"}
        for place, each in enumerate(happenings):
            if each.kind == "unanswered" and undone.get(each.before, -1) > place:
                continue
            triggers = _KINDS.get(each.kind) or frozenset((each.kind,))
            moves = False
            if each.kind in now:
                if each.kind == "state":
                    triggers = frozenset((each.after,))
                    if now["state"] in ENDED and each.after not in ENDED:
                        triggers |= {"restored" if now["state"] in GONE else "reopened"}
                now[each.kind] = each.after
                moves = each.kind != "priority"
            moments.append(Moment(each.at, triggers, now["state"], now["priority"], now["queue"], now["team"], moves))
        return cls(moments=tuple(moments))
