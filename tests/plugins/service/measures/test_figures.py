"""What the log of a case says, and what the cases of a span of time come to: by hand, line by line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from crmkit_service.measures.figures import Tally, add, middle, ninetieth
from crmkit_service.measures.stories import Happened, Story, story
from hypothesis import given, settings, strategies as st

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(hours: float) -> datetime:
    """Return an instant so many hours after the start."""
    return START + timedelta(hours=hours)


def line(hours: float, kind: str, after: str = "", before: str = "") -> Happened:
    """Return a line of the log."""
    return Happened(at=at(hours), kind=kind, before=before, after=after, actor="sue")


LOG = [
    line(0, "opened", "new"),
    line(0, "queue", "q1"),
    line(0, "owner", "sue"),
    line(0, "customer_message", "mail"),
    line(2, "agent_message", "mail"),
    line(2, "state", "open", "new"),
    line(3, "customer_message", "mail"),
    line(4, "customer_message", "mail"),
    line(5, "owner", "tom", "sue"),
    line(5, "queue", "q2", "q1"),
    line(6, "agent_message", "mail"),
    line(8, "state", "resolved", "open"),
    line(9, "rated", "2"),
    line(50, "customer_message", "mail"),
    line(50, "state", "reopened", "resolved"),
    line(51, "agent_message", "mail"),
    line(52, "state", "resolved", "reopened"),
    line(53, "rated", "5"),
    line(60, "state", "closed", "resolved"),
]


def told(until: float = 1000) -> Story:
    """Return the story of the log until some hours after its start."""
    found = story(LOG, at(until))
    assert found is not None
    return found


def test_the_story_of_a_case() -> None:
    """Waits, solutions, owners and moves, as the log has them."""
    found = told()
    assert (found.opened_at, found.state, found.is_open) == (START, "closed", False)
    assert (found.first.since, found.first.until) == (at(0), at(2))
    assert [(each.since, each.until) for each in found.next] == [(at(3), at(6)), (at(50), at(51))]
    assert [(each.at, each.owner, each.answers, each.reopened_at) for each in found.resolutions] == [
        (at(8), "tom", 2, at(50)),
        (at(52), "tom", 1, None),
    ]
    assert (found.owners, found.moves, found.transfers, found.contacts) == (("sue", "tom"), 1, 2, 4)
    assert [each for _at, each in found.scores] == [2, 5]
    assert found.resolved_at == at(52)


def test_what_comes_later_is_not_known_yet() -> None:
    """As of the past a case is what it was: open, and the customer waits."""
    assert story(LOG, at(-1)) is None
    early = told(3.5)
    assert (early.state, early.is_open, early.resolved_at) == ("open", True, None)
    assert [(each.since, each.until) for each in early.next] == [(at(3), None)]
    assert told(20).resolved_at == at(8)
    assert told(50.5).resolved_at is None


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 70), st.floats(0, 70))
def test_a_figure_of_the_past_stays_what_it_was(first: float, second: float) -> None:
    """Whatever happens afterwards, the story until an instant is the same."""
    earlier, later = sorted((first, second))
    known = [each for each in LOG if each.at <= at(later)]
    assert story(known, at(earlier)) == story(LOG, at(earlier))


def tally(first: float, last: float, until: float = 1000, holds: int = 7) -> Tally:
    """Return what the case comes to within some hours; each hour is one of work."""
    found = Tally()

    def elapsed(since: datetime, end: datetime) -> float:
        return (end - since).total_seconds() / 2

    add(found, told(until), at(first), at(last), at(until), elapsed, holds=timedelta(days=holds))
    return found


def test_a_case_counts_when_it_happened() -> None:
    """Opened and answered on the first day, solved on both."""
    first, second = tally(0, 24), tally(24, 72)
    assert (first.opened, first.answered, first.first, first.first_worked) == (1, 1, [7200], [3600])
    assert (first.later, first.solved, first.reopened, first.solving) == ([10800], 1, 1, [28800])
    assert (second.opened, second.answered, second.later, second.solved, second.reopened) == (0, 0, [3600], 1, 0)
    assert (first.backlog, tally(24, 51).backlog, second.backlog) == (0, 1, 0)
    assert (first.ratings, first.satisfied, second.ratings, second.satisfied) == (1, 0, 1, 1)


def test_first_contact_is_one_answer_that_held() -> None:
    """Two answers are not one contact; what may still come back is not judged yet."""
    assert (tally(0, 24).settled, tally(0, 24).once, tally(0, 24).one_touch) == (1, 0, 0)
    assert tally(0, 24, until=23).settled == 0
    log = [line(0, "opened"), line(1, "agent_message"), line(2, "state", "resolved", "new")]
    found, soon = Tally(), Tally()
    whole = story(log, at(900))
    assert whole is not None
    add(found, whole, at(0), at(24), at(900), lambda since, until: 0)
    add(soon, whole, at(0), at(24), at(48), lambda since, until: 0)
    assert (found.once, found.settled, found.one_touch, found.untouched) == (1, 1, 1, 1)
    assert (soon.once, soon.settled, soon.one_touch) == (0, 0, 1)


def test_spam_and_what_was_merged_count_nowhere() -> None:
    """Neither opened nor open."""
    for state in ("spam", "merged"):
        found = Tally()
        whole = story([line(0, "opened"), line(1, "state", state, "new")], at(100))
        assert whole is not None
        add(found, whole, at(0), at(24), at(100), lambda since, until: 0)
        assert (found.opened, found.backlog) == (0, 0)


def test_medians_and_nine_of_ten() -> None:
    """By linear interpolation, as R and NumPy do by default."""
    assert (middle([]), ninetieth([]), middle([3, 1, 2]), ninetieth([5])) == (None, None, 2, 5)
    assert ninetieth(list(range(1, 11))) == pytest.approx(9.1)


def test_a_question_that_came_over_waits_from_the_merge_on() -> None:
    """It counts as no contact of its own; when the merge is undone nothing waits."""
    log = [line(0, "opened", "new"), line(1, "agent_message", "mail"), line(3, "unanswered", before="7")]
    answered = story([*log, line(5, "agent_message", "mail")], at(9))
    back = story([*log, line(4, "unmerged", before="7"), line(5, "agent_message", "mail")], at(9))
    assert answered is not None
    assert back is not None
    assert ([(each.since, each.until) for each in answered.next], answered.contacts) == ([(at(3), at(5))], 0)
    assert back.next == ()
