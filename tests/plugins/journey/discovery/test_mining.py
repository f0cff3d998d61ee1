"""Mining, conformance, funnels and drawing: by hand, by what must hold, and against a published log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crmkit_journey.discovery.conformance import Deviation, Step, by_follows, in_order
from crmkit_journey.discovery.drawing import HEIGHT, WIDTH, Link, Node, draw
from crmkit_journey.discovery.funnels import funnel
from crmkit_journey.discovery.mining import Happening, Trace, mine, quantile
from hypothesis import given, settings, strategies as st

from tests.plugins.journey.discovery.known import RECEIPT, check, traces_of

START = datetime(2027, 3, 1, tzinfo=UTC)


def trace(names: str, case: str = "1", *, outcome: str | None = None) -> Trace:
    """Return a case with an event for each letter, an hour apart."""
    return Trace(
        case=case,
        events=[
            Happening(activity=name, at=START + timedelta(hours=place), outcome=outcome)
            for place, name in enumerate(names)
        ],
    )


LOGS = st.lists(st.text("abcd", min_size=1, max_size=9), max_size=12).map(
    lambda words: [trace(word, str(number)) for number, word in enumerate(words)]
)


def test_a_published_log_of_8577_events_gives_what_was_published() -> None:
    check(RECEIPT)


def test_what_is_found_in_a_small_log() -> None:
    found = mine([trace("abc"), trace("abc"), trace("acbb")])
    assert [(each.activities, each.count) for each in found.variants] == [(tuple("abc"), 2), (tuple("acbb"), 1)]
    assert [(each.source, each.target, each.count) for each in found.edges] == [
        ("a", "b", 2), ("b", "c", 2), ("a", "c", 1), ("b", "b", 1), ("c", "b", 1),
    ]  # fmt: skip
    assert (found.starts, found.ends) == ({"a": 3}, {"c": 2, "b": 1})
    assert found.throughput.median == 7200
    assert {each.name: each.rework for each in found.activities} == {"a": 0, "b": 1, "c": 0}


def test_nothing_gives_nothing() -> None:
    found = mine([])
    assert (found.cases, found.edges, found.throughput.median, found.first_at) == (0, (), None, None)
    assert draw([], []).boxes == ()
    assert in_order([], []).fitness is None


def test_quantiles_lie_between_values() -> None:
    assert [quantile([1.0, 2.0, 4.0], share) for share in (0, 0.25, 0.5, 0.75, 1)] == [1, 1.5, 2, 3, 4]


@settings(max_examples=100, deadline=None)
@given(LOGS)
def test_counts_add_up(log: list[Trace]) -> None:
    found = mine(log)
    assert sum(each.count for each in found.activities) == found.events
    assert sum(each.count for each in found.variants) == found.cases == len(log)
    assert sum(each.count for each in found.edges) == found.events - found.cases
    assert sum(found.starts.values()) == sum(found.ends.values()) == found.cases
    assert mine(reversed(log)) == found


@settings(max_examples=100, deadline=None)
@given(LOGS)
def test_a_log_agrees_with_itself(log: list[Trace]) -> None:
    found = mine(log)
    held = by_follows(
        log, {(each.source, each.target) for each in found.edges}, starts=found.starts, ends=found.ends
    )  # fmt: skip
    assert (held.explained, held.fitting, held.deviations) == (found.events, len(log), ())


def test_an_order_explains_the_most_that_does_not_go_back() -> None:
    steps = [Step(name="One", activities="a"), Step(name="Two", activities="b"), Step(name="Three", activities="cd")]
    found = in_order([trace("abbc"), trace("ad"), trace("bbax"), trace("a")], steps)
    assert (found.events, found.explained, found.cases, found.fitting) == (11, 9, 4, 2)
    assert found.fitness == 9 / 11
    assert found.deviations == (
        Deviation(wrong="out_of_order", what=("a",), count=1, cases=1),
        Deviation(wrong="skipped", what=("One",), count=1, cases=1),
        Deviation(wrong="skipped", what=("Two",), count=1, cases=1),
        Deviation(wrong="unexpected", what=("x",), count=1, cases=1),
    )


@settings(max_examples=100, deadline=None)
@given(LOGS)
def test_what_is_explained_never_goes_back(log: list[Trace]) -> None:
    """Against the longest subsequence that does not go back, found by trying all of them."""
    steps = [Step(name=name, activities=name) for name in "abc"]
    for each in log:
        best = 0
        for chosen in range(2 ** len(each.events)):
            kept = [name for place, name in enumerate(each.activities) if chosen >> place & 1]
            if "d" not in kept and kept == sorted(kept):
                best = max(best, len(kept))
        assert in_order([each], steps).explained == best


def test_what_may_not_follow_is_named() -> None:
    found = by_follows([trace("abc"), trace("cb")], {("a", "b")}, starts={"a"}, ends={"c"})
    assert (found.events, found.explained, found.fitting) == (5, 2, 0)
    assert {(each.wrong, each.what) for each in found.deviations} == {
        ("not_allowed", ("b", "c")), ("not_allowed", ("c", "b")), ("wrong_start", ("c",)), ("wrong_end", ("b",)),
    }  # fmt: skip


def test_a_published_log_is_held_against_its_usual_way() -> None:
    log = traces_of(RECEIPT)
    usual = [Step(name=name, activities={name}) for name in mine(log).variants[0].activities]
    found = in_order(log, usual)
    assert found.cases == 1434
    assert found.fitting >= 713 + 116
    assert found.fitness is not None
    assert 0.8 < found.fitness < 1


def test_a_funnel_says_what_those_did_who_did_not_go_on() -> None:
    log = [trace("axb"), trace("ab"), trace("ax", outcome="angry"), trace("a"), trace("b")]
    first, second = funnel(log, ["a", "b"], START + timedelta(days=1))
    assert (first.cases, first.dropped, first.silent) == (4, 2, 0)
    assert first.then == ((None, 1), ("x", 1))
    assert first.ended == (("a", 1), ("angry", 1))
    assert (second.cases, second.dropped) == (2, 0)
    assert funnel(log, ["a", "b"], START + timedelta(days=40))[0].silent == 2


@settings(max_examples=60, deadline=None)
@given(LOGS)
def test_no_two_boxes_lie_on_each_other(log: list[Trace]) -> None:
    found = mine(log)
    nodes = [Node(name=each.name, count=each.count, rank=each.place) for each in found.activities]
    links = [Link(source=each.source, target=each.target, count=each.count) for each in found.edges]
    picture = draw(nodes, links)
    assert picture == draw(nodes, links)
    assert len(picture.arrows) == len(links)
    for number, one in enumerate(picture.boxes):
        assert 0 <= one.x <= picture.width - WIDTH
        for two in picture.boxes[number + 1 :]:
            assert abs(one.x - two.x) >= WIDTH or abs(one.y - two.y) >= HEIGHT
