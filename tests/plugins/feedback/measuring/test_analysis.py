"""Trends, drivers, recovery, money, gaming and own history: against worked examples and by hand."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from crmkit_feedback.improving.models import Annotation
from crmkit_feedback.measuring.benchmarking import standings
from crmkit_feedback.measuring.driving import drivers
from crmkit_feedback.measuring.earning import Person, adjusted, money
from crmkit_feedback.measuring.ewma import ewma_chart
from crmkit_feedback.measuring.gaming import chance_of_run, longest_run, suspicions
from crmkit_feedback.measuring.reading import survey_of
from crmkit_feedback.measuring.recovering import recovery
from crmkit_feedback.measuring.shapley import lmg
from crmkit_feedback.measuring.trending import spans_of, trend
from hypothesis import given, settings, strategies as st

from crmkit import CRM, moment_of
from tests.plugins.feedback.measuring.poll import START, SYSTEM, answer, customers, invite, put, respond, survey

# Montgomery (2013), table 9.1: thirty observations, the last ten of a mean one higher.
MONTGOMERY = (
    9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34, 9.03, 11.47, 10.51, 9.40, 10.08,
    9.37, 10.62, 10.31, 8.52, 10.84, 10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31, 10.52,
)  # fmt: skip
# Correlations of R's data set swiss: fertility with agriculture, examination, education, catholic, infant mortality.
SWISS = (
    (1.0, 0.353079, -0.645883, -0.663789, 0.463685, 0.416556),
    (0.353079, 1.0, -0.686542, -0.639523, 0.401095, -0.060859),
    (-0.645883, -0.686542, 1.0, 0.698415, -0.572742, -0.114022),
    (-0.663789, -0.639523, 0.698415, 1.0, -0.153859, -0.099322),
    (0.463685, 0.401095, -0.572742, -0.153859, 1.0, 0.175496),
    (0.416556, -0.060859, -0.114022, -0.099322, 0.175496, 1.0),
)  # fmt: skip


def test_ewma_of_montgomery() -> None:
    """Example 9.2: the first means and limits; the first twenty, whose mean is 10, give no signal, the last ten do."""
    chart = ewma_chart(MONTGOMERY, [1.0] * 30, centre=10, weight=0.1, width=2.7)
    assert [round(each.value, 5) for each in chart.points[:3]] == [9.945, 9.7495, 9.70355]
    assert (round(chart.points[0].high, 2), round(chart.points[1].high, 2)) == (10.27, 10.36)
    assert round(chart.points[-1].high, 2) == 10.62
    assert chart.signals
    assert min(chart.signals) >= 20


def test_weeks_and_months() -> None:
    """Weeks begin on Mondays, months on their first day."""
    assert spans_of(date(2026, 3, 4), date(2026, 3, 10), "week") == [
        (date(2026, 3, 2), date(2026, 3, 8)),
        (date(2026, 3, 9), date(2026, 3, 15)),
    ]
    assert spans_of(date(2026, 12, 31), date(2027, 1, 1), "month")[1][0] == date(2027, 1, 1)


def test_a_fall_is_an_alarm_and_what_happened_stands_beside_it(crm: CRM) -> None:
    """Eleven even weeks, then a fall: the last week is outside, and its annotation is there."""
    of = survey(crm)
    for week in range(12):
        scores = [10] * 20 + [7] * 10 + [3] * 10 if week < 11 else [0] * 38 + [10] * 2
        respond(crm, of, scores, at=START + timedelta(weeks=week))
    day = (START + timedelta(weeks=11, days=1)).date()
    put(crm, Annotation, [{"day": day, "title": "New prices"}])
    with crm.session(SYSTEM) as session:
        found = trend(session, survey_of(session, "relation"), "week", until=day, base=8)
    assert len(found.points) == 12
    assert found.centre == pytest.approx(0.25)
    assert [each.alarm for each in found.points[:11]] == [""] * 11
    assert found.points[-1].alarm == "value-"
    assert found.points[-1].events == ("New prices",)
    assert found.points[-1].bad == pytest.approx(0.95)


def test_orthogonal_ratings_share_squared_correlations() -> None:
    """Where ratings do not go together, each one's share is its squared correlation."""
    matrix = np.eye(4)
    matrix[0, 1:] = matrix[1:, 0] = (0.5, 0.3, 0.1)
    assert lmg(matrix) == pytest.approx([0.25, 0.09, 0.01])


def test_two_ratings_by_hand() -> None:
    """Of two the share is half of what it explains alone and half of what it adds to the other."""
    r1, r2, r = 0.6, 0.5, 0.4
    whole = (r1**2 + r2**2 - 2 * r1 * r2 * r) / (1 - r**2)
    matrix = [[1, r1, r2], [r1, 1, r], [r2, r, 1]]
    assert lmg(matrix) == pytest.approx([(r1**2 + whole - r2**2) / 2, (r2**2 + whole - r1**2) / 2])


def test_shares_of_swiss_fertility() -> None:
    """The shares that R's package relaimpo gives for the data set swiss, from its correlations."""
    expected = [0.05709122, 0.17117303, 0.26013468, 0.10557015, 0.11276592]
    assert lmg(SWISS) == pytest.approx(expected, abs=2e-6)


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 6), st.integers(0, 10_000))
def test_shares_add_up_whatever_the_ratings(number: int, seed: int) -> None:
    """The shares add up to R², and drawn orders add up to the same."""
    random = np.random.default_rng(seed)
    rows = random.normal(size=(60, number + 1)) @ random.normal(size=(number + 1, number + 1))
    matrix = np.corrcoef(rows, rowvar=False)
    whole = matrix[0, 1:] @ np.linalg.solve(matrix[1:, 1:], matrix[1:, 0])
    shares = lmg(matrix)
    assert sum(shares) == pytest.approx(whole, abs=1e-6)
    assert min(shares) > -1e-9


def test_drivers_of_a_survey(lite: CRM) -> None:
    """What decides comes first; what is important and rated badly is to be improved first."""
    of = survey(lite)
    random = np.random.default_rng(4)
    speed, price = random.integers(1, 5, 150), random.integers(3, 6, 150)
    scores = [int(each) for each in np.clip(2 * speed + random.integers(0, 2, 150), 0, 10)]
    made = respond(lite, of, scores)
    answer(lite, of, made, "speed", [int(each) for each in speed])
    answer(lite, of, made, "price", [int(each) for each in price])
    answer(lite, of, made, "why", ["because"] * 150)
    with lite.session(SYSTEM) as session:
        found = drivers(session, survey_of(session, "relation"))
    assert [(each.key, each.quadrant) for each in found.drivers] == [("speed", "improve"), ("price", "enough")]
    assert (found.n, found.of) == (150, 150)
    first = found.drivers[0]
    assert first.low is not None
    assert first.high is not None
    assert first.low < first.share < first.high + 1e-9
    assert sum(each.part for each in found.drivers) == pytest.approx(1)


def test_too_few_answers_have_no_drivers(lite: CRM) -> None:
    """With fewer than ten answers for each rating nothing is said."""
    of = survey(lite)
    made = respond(lite, of, [1, 2, 3])
    answer(lite, of, made, "speed", [5, 4, 3])
    with lite.session(SYSTEM) as session:
        assert drivers(session, survey_of(session, "relation")).drivers == ()


def test_recovery_from_first_to_last(crm: CRM) -> None:
    """Each customer counts once, from the first answer to the last; those with one answer do not."""
    of = survey(crm)
    people = customers(crm, 5)
    for person, scores in zip(people, ([0, 9], [3, 8, 10], [2, 2], [10, 1], [5]), strict=True):
        for turn, score in enumerate(scores):
            respond(crm, of, [score], customer_id=person, at=START + timedelta(days=turn))
    with crm.session(SYSTEM) as session:
        found = recovery(session, survey_of(session, "relation"))
    assert found.table == ((1, 0, 2), (0, 0, 0), (1, 0, 0))
    assert (found.n, found.recovered.value, found.lost.value) == (4, pytest.approx(2 / 3), 1.0)
    assert found.test.p_value == pytest.approx(1.0)


def test_money_within_strata_by_hand() -> None:
    """Two strata by hand: 30/40 against 20/40 and 5/10 against 6/30 give 0.2636."""
    people = [
        Person(band=band, stratum=stratum, stayed=place < stayed, spent=100 if band == "good" else 50)
        for stratum, band, stayed, n in (
            ("a", "good", 30, 40),
            ("a", "bad", 20, 40),
            ("b", "good", 5, 10),
            ("b", "bad", 6, 30),
        )
        for place in range(n)
    ]
    found = adjusted(people)
    assert found is not None
    assert found.stayed == pytest.approx((20 * 0.25 + 7.5 * 0.3) / 27.5)
    assert found.spent == pytest.approx(50)
    assert found.plain == pytest.approx(0.7 - 26 / 70)
    assert found.low < found.stayed < found.high
    assert adjusted([each for each in people if each.band == "good"]) is None


def test_money_after_the_score(crm: CRM) -> None:
    """Bands are those of then, staying and spend those since; who bought nothing has not stayed."""
    of = survey(crm)
    now = crm.gate.clock.business_now()
    crm.run(SYSTEM, "business.configure", {"base_currency": "CNY", "zone": "UTC"})
    happy, sad = customers(crm, 2)
    long_ago = now - timedelta(days=300)
    for person, score in ((happy, 10), (sad, 1)):
        respond(crm, of, [score], customer_id=person, at=long_ago, created_at=long_ago)
    bought = {"kind": "purchase", "customer_id": happy, "amount": "50", "currency": "CNY"}
    crm.run(SYSTEM, "interaction.record", {**bought, "occurred_at": now - timedelta(days=3)})
    with crm.session(SYSTEM) as session:
        found = {each.band: (each.n, each.stayed, each.mean) for each in money(session, 180).bands}
    assert found == {"bad": (1, 0, 0), "middling": (0, 0, None), "good": (1, 1, 5000)}


def test_chance_of_a_run() -> None:
    """Of tosses of a coin: three heads in a row among four are 3 of 16; five among twenty 0.2499 (Feller)."""
    assert chance_of_run(4, 3, 0.5) == pytest.approx(3 / 16)
    assert chance_of_run(20, 5, 0.5) == pytest.approx(0.249870, abs=1e-6)
    assert (chance_of_run(3, 4, 0.5), chance_of_run(3, 0, 0.5), chance_of_run(3, 3, 1)) == (0.0, 1.0, 1.0)
    assert longest_run([True, False, True, True, False]) == 2


def test_owners_who_ask_the_satisfied_and_runs_and_devices(crm: CRM) -> None:
    """One asks few, all of them satisfied, in one run; three answers came from one device."""
    of = survey(crm)
    ids = {name: crm.run(SYSTEM, "user.create", {"login": name, "name": name.title()}).id for name in ("sam", "eva")}
    theirs = customers(crm, 30, owner_id=ids["eva"])
    mine = customers(crm, 40, owner_id=ids["sam"])
    invite(crm, of, theirs)
    invite(crm, of, mine[:12])
    for place, each in enumerate(theirs):
        at = START + timedelta(hours=place)
        respond(crm, of, [(0, 10, 5, 8)[place % 4]], customer_id=each, owner_id=ids["eva"], at=at)
    for place, each in enumerate(mine[:12]):
        device = "phone" if place < 3 else None
        respond(crm, of, [10], customer_id=each, owner_id=ids["sam"], device=device, at=START + timedelta(hours=place))
    with crm.session(SYSTEM) as session:
        found = suspicions(session, survey_of(session, "relation"))
    assert [(each.kind, each.title, each.count, each.of) for each in found] == [
        ("asking", "Sam", 12, 40),
        ("streak", "Sam", 12, 12),
        ("device", "phone", 3, 3),
    ]


def test_own_history(lite: CRM) -> None:
    """The last ninety days beside the year before, with a test."""
    of = survey(lite)
    today = date(2026, 3, 2)
    respond(lite, of, [10] * 30 + [0] * 10, at=START)
    respond(lite, of, [10] * 10 + [0] * 30, at=START - timedelta(days=200))
    with lite.session(SYSTEM) as session:
        (found,) = standings(session, survey_of(session, "relation"), until=today)
    assert found.gap is not None
    assert (found.now.value, found.gap.delta) == (0.5, 1.0)
    assert (found.gap.adjusted or 1) < 0.001


def test_facts_are_those_of_the_day(crm: CRM) -> None:
    """The last answers of each measure, as of now and of a day before the last; the label follows."""
    from crmkit import catalogue_of, values_of

    nps, csat = survey(crm, "a", "nps"), survey(crm, "b", "csat")
    (who,) = customers(crm, 1)
    now = crm.gate.clock.business_now()
    for of, score, days in ((nps, 3, 30), (csat, 4, 20), (nps, 10, 5)):
        at = now - timedelta(days=days)
        respond(crm, of, [score], customer_id=who, at=at, created_at=at)
    names = ("score", "nps", "csat", "ces", "answers", "satisfaction", "band")
    with crm.session(SYSTEM) as session:
        refs = [catalogue_of(session).ref(f"feedback.{name}") for name in names]
        present = values_of(session, refs, [who], moment_of(session))[who]
        past = values_of(session, refs, [who], moment_of(session, now - timedelta(days=10)))[who]
    assert [present[ref] for ref in refs] == [10, 10, 4, None, 3, 100, "good"]
    assert [past[ref] for ref in refs] == [4, 3, 4, None, 2, 75, "good"]
