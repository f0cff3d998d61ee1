"""The index by hand, and what has to hold of it whatever happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from crmkit_experience.effort.counting import Said, contacts_in, measure, repeats_in, transfers_in, waits_in
from crmkit_experience.effort.index import PARTS, Measures, index_of, level_of, parts_by
from crmkit_experience.effort.touchpoints import step_of
from crmkit_experience.effort.validating import ranks, spearman
from hypothesis import given, strategies as st

START = datetime(2027, 3, 1, 9, tzinfo=UTC)
END = START + timedelta(days=7)


def said(hours: float, channel: str = "mail", *, out: bool = False, given_: tuple[str, ...] = ()) -> Said:
    """Return something that was said some hours after the start."""
    return Said(at=START + timedelta(hours=hours), channel=channel, out=out, given=frozenset(given_))


def test_what_every_issue_takes_is_free() -> None:
    assert index_of(Measures(contacts=1)).value == 0


def test_the_index_by_hand() -> None:
    # 25 * (3-1)/5 + 15 * 1/3 + 20 * 2/3 + 20 * 1/3 + 10 * 8/16 + 10 * 7/14 = 10 + 5 + 13.33 + 6.67 + 5 + 5 = 45
    found = index_of(Measures(contacts=3, switches=1, transfers=2, repeats=1, wait_hours=8, elapsed_days=7))
    assert found.value == pytest.approx(45)
    assert {each.name: round(each.points, 2) for each in found.parts} == {
        "contacts": 10,
        "switches": 5,
        "transfers": 13.33,
        "repeats": 6.67,
        "wait_hours": 5,
        "elapsed_days": 5,
    }
    assert level_of(found.value, 30, 60) == "medium"


def test_each_part_counts_to_its_cap() -> None:
    assert index_of(Measures(contacts=99)).value == pytest.approx(25)
    everything = Measures(contacts=99, switches=99, transfers=99, repeats=99, wait_hours=999, elapsed_days=999)
    assert index_of(everything).value == pytest.approx(100)


def test_weights_and_caps_are_those_of_the_settings() -> None:
    parts = parts_by({each.name: 0 for each in PARTS} | {"transfers": 1}, {"transfers": 4})
    assert index_of(Measures(contacts=9, transfers=1), parts).value == pytest.approx(25)
    nothing = {each.name: 0.0 for each in PARTS}
    wrong: list[tuple[dict[str, float], dict[str, float]]] = [
        ({"nothing": 1}, {}),
        ({"contacts": -1}, {}),
        ({}, {"contacts": 1}),
        (nothing, {}),
    ]
    for weights, caps in wrong:
        with pytest.raises(ValueError, match=r"nothing|contacts|weights"):
            parts_by(weights, caps)


def test_what_is_said_together_is_one_contact() -> None:
    talk = [said(0), said(0.2), said(0.4, out=True), said(0.6), said(5), said(6, "phone")]
    assert [each.channel for each in contacts_in(talk)] == ["mail", "phone"]
    answered = [said(0), said(1, out=True), said(5), said(6, out=True), said(7, "phone")]
    assert len(contacts_in(answered)) == 3
    assert measure(answered, start=START, end=END).switches == 1


def test_what_is_given_again_is_counted_in_later_contacts() -> None:
    talk = [said(0, given_=("order=1", "?when")), said(1, out=True), said(5, given_=("order=1", "zip=2"))]
    assert repeats_in(contacts_in(talk)) == 1
    talk += [said(6, out=True), said(9, "phone", given_=("order=1", "zip=2", "?when"))]
    assert repeats_in(contacts_in(talk)) == 4


def test_the_first_giving_is_no_transfer_and_what_belongs_together_is_one() -> None:
    minute = timedelta(minutes=1)
    assert transfers_in([(START, "", "sam")]) == 0
    moves = [(START, "", "sam"), (START + 9 * minute, "sam", "sid"), (START + 9 * minute, "one", "two")]
    assert transfers_in(moves) == 1
    assert transfers_in([*moves, (START + 20 * minute, "sid", "sue")]) == 2


def test_customers_wait_until_a_person_answers() -> None:
    auto = Said(at=START + timedelta(hours=1), channel="mail", out=True, automatic=True)
    talk = [said(0), auto, said(1.5), said(2, out=True), said(4)]
    spans = waits_in(talk, START + timedelta(hours=7))
    assert [(last - first) / timedelta(hours=1) for first, last in spans] == [2, 3]
    worked = measure(talk, start=START, end=START + timedelta(hours=7), between=lambda first, last: (last - first) / 2)
    assert worked.wait_hours == pytest.approx(2.5)


messages = st.lists(
    st.builds(
        said,
        st.floats(0, 160),
        st.sampled_from(["mail", "phone", "chat"]),
        out=st.booleans(),
        given_=st.lists(st.sampled_from(["a", "b", "c"]), max_size=3).map(tuple),
    ),
    max_size=10,
).map(lambda found: sorted(found, key=lambda each: each.at))


@given(messages, st.sampled_from(["mail", "phone"]), st.lists(st.sampled_from(["a", "b"]), max_size=2))
def test_another_contact_never_lowers_the_index(talk: list[Said], channel: str, again: list[str]) -> None:
    before = index_of(measure(talk, start=START, end=END)).value
    more = [*talk, said(165, channel, given_=tuple(again))]
    after = index_of(measure(more, start=START, end=END)).value
    assert 0 <= before <= after + 1e-9 <= 100 + 1e-6


@given(
    st.sampled_from([each.name for each in PARTS]),
    st.builds(
        Measures,
        contacts=st.integers(0, 9),
        switches=st.integers(0, 9),
        transfers=st.integers(0, 9),
        repeats=st.integers(0, 9),
        wait_hours=st.floats(0, 99),
        elapsed_days=st.floats(0, 99),
    ),
)
def test_more_of_anything_never_lowers_the_index(name: str, measures: Measures) -> None:
    more = evolve(measures, **{name: getattr(measures, name) + 1})
    found = index_of(measures)
    assert found.value <= index_of(more).value + 1e-9
    assert found.value == pytest.approx(sum(each.points for each in found.parts))


def test_spearman_by_hand() -> None:
    assert ranks([10, 20, 20, 5]) == [2, 3.5, 3.5, 1]
    assert spearman([(1, 4), (2, 3), (3, 2), (4, 1)]).value == pytest.approx(-1)
    # IQ and hours of television, as in many textbooks: rho = -29/165.
    pairs = [(106, 7), (100, 27), (86, 2), (101, 50), (99, 28), (103, 29), (97, 20), (113, 12), (112, 6), (110, 17)]
    found = spearman(pairs)
    assert found.value == pytest.approx(-29 / 165)
    assert found.low is not None
    assert found.high is not None
    assert found.low < -29 / 165 < found.high
    assert spearman([(1, 1)] * 3).value is None
    assert spearman([(1, 1)] * 9).value is None


def test_the_step_is_what_was_said_or_what_it_is_about() -> None:
    assert step_of({"step": "checkout"}, "service.case:1") == "checkout"
    assert step_of({}, "service.case:1") == "service.case"
    assert step_of(None, None) == "–"
