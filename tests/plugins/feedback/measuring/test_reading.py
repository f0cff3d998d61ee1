"""Figures from the tables: by every kind of dimension, with few answers hidden, weighted, under access filters."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from crmkit_feedback.measuring.rates import rates, weights_of
from crmkit_feedback.measuring.reading import figures, scale_of, survey_of
from crmkit_feedback.surveys.models import Survey

from crmkit import CRM, Actor, InvalidInput, NotFound
from crmkit.errors import CrmkitError
from tests.plugins.feedback.measuring.poll import (
    COUNTS,
    START,
    SYSTEM,
    answer,
    customers,
    fruit,
    invite,
    respond,
    survey,
)


def by_key(crm: CRM, name: str, by: str | None = None, **options: object) -> dict[str, object]:
    """Return the values of a survey's figures by their keys."""
    with crm.session(SYSTEM) as session:
        return {each.key: each.value for each in figures(session, survey_of(session, name), by, **options)}  # type: ignore[arg-type]


def test_by_an_attribute_in_whatever_case(crm: CRM) -> None:
    """The groups of the sample come out of either database, by the attribute's name in other letters."""
    fruit(crm)
    with crm.session(SYSTEM) as session:
        of = survey_of(session, "fruit")
        found = {each.key: each for each in figures(session, of, "bu")}
        assert figures(session, of)[0].value == pytest.approx(0.1)
    assert {
        key: (int(each.promoters), int(each.passives), int(each.detractors)) for key, each in found.items()
    } == COUNTS


def test_by_month_question_channel_and_span(crm: CRM) -> None:
    """Months are those of the company's zone; answers to another question tell apart; a span has both its days."""
    of = survey(crm, small=1)
    crm.run(SYSTEM, "business.configure", {"base_currency": "CNY", "zone": "Asia/Shanghai"})
    late = START.replace(month=3, day=31, hour=17)
    first = respond(crm, of, [10, 10], at=START)
    second = respond(crm, of, [0, 8], at=late, channel="phone")
    answer(crm, of, first, "size", ["big", "small"])
    answer(crm, of, second, "size", ["big", "big"])
    assert by_key(crm, "relation", "month") == {"2026-03": 1.0, "2026-04": -0.5}
    assert by_key(crm, "relation", "Size") == {"big": pytest.approx(0.0), "small": 1.0}
    assert by_key(crm, "relation", "channel") == {"import": 1.0, "phone": -0.5}
    assert by_key(crm, "relation", since=date(2026, 4, 1), until=date(2026, 4, 1)) == {"all": -0.5}


def test_by_a_fact_and_a_label_of_customers(lite: CRM) -> None:
    """What is known of customers tells answers apart; who is not known stands apart."""
    of = survey(lite, small=1)
    one, two = customers(lite, 2)
    lite.run(SYSTEM, "interaction.record", {"kind": "purchase", "customer_id": one, "amount": "5", "currency": "CNY"})
    for each, score in ((one, 10), (two, 0), (None, 8)):
        respond(lite, of, [score], customer_id=each)
    assert by_key(lite, "relation", "purchase.count") == {"1": 1.0, "0": -1.0, "-": 0.0}
    assert "-" in by_key(lite, "relation", "label.lifecycle")


def test_few_answers_are_hidden(lite: CRM) -> None:
    """A group below the survey's least says how many it has; of an anonymous survey it cannot be worked out either."""
    for name, anonymous in (("open", False), ("secret", True)):
        of = survey(lite, name, small=5, anonymous=anonymous)
        for channel, number in (("web", 9), ("qr", 6), ("sms", 2)):
            respond(lite, of, [10] * number, channel=channel)
    assert by_key(lite, "open", "channel") == {"web": 1.0, "qr": 1.0, "sms": None}
    assert by_key(lite, "secret", "channel") == {"web": 1.0, "qr": None, "sms": None}


def test_mistakes_are_named(lite: CRM) -> None:
    """An unknown survey, dimension, question or fact is refused with what was probably meant."""
    fruit(lite)
    with lite.session(SYSTEM) as session:
        with pytest.raises(NotFound, match="fruit"):
            survey_of(session, "friut")
        of = survey_of(session, "fruit")
        with pytest.raises(InvalidInput, match="channel"):
            figures(session, of, "chanel")
        with pytest.raises(CrmkitError, match=r"purchase\.count"):
            figures(session, of, "purchase.coutn")
        with pytest.raises(InvalidInput, match="speed"):
            figures(session, of, question="speed")


def test_another_question_has_its_own_scale(lite: CRM) -> None:
    """Numbers of an imported question are read on the smallest usual scale that holds them."""
    of = survey(lite)
    made = respond(lite, of, [10, 9, 2])
    answer(lite, of, made, "speed", [5, 4, 1])
    with lite.session(SYSTEM) as session:
        found = figures(session, survey_of(session, "relation"), question="speed")[0]
        assert (found.metric, found.value) == ("csat", pytest.approx(2 / 3))
        assert scale_of(session, session.get_one(Survey, of)).metric == "nps"


def test_weights_make_up_for_silence(crm: CRM) -> None:
    """Half of those asked are of each kind; one kind answers more often, and weighted both count the same."""
    of = survey(crm, small=1)
    mine, theirs = customers(crm, 10), customers(crm, 10)
    for each in mine:
        crm.run(SYSTEM, "customer.tag", {"names": ["mine"]}, target=each)
        crm.run(
            SYSTEM, "interaction.record", {"kind": "purchase", "customer_id": each, "amount": "5", "currency": "CNY"}
        )
    invite(crm, of, mine[:8], "completed")
    invite(crm, of, [*mine[8:], *theirs[2:]])
    invite(crm, of, theirs[:2], "completed")
    for each in mine[:8]:
        respond(crm, of, [10], customer_id=each)
    for each in theirs[:2]:
        respond(crm, of, [0], customer_id=each)
    with crm.session(SYSTEM) as session:
        found = survey_of(session, "relation")
        asked = {each.key: (each.asked, each.answered) for each in rates(session, found, "purchase.count")}
        assert asked == {"0": (10, 2), "1": (10, 8)}
        (whole,) = rates(session, found)
        assert (whole.asked, whole.answered, whole.rate.value) == (20, 10, 0.5)
        weights = weights_of(session, found, "purchase.count")
        assert weights.of == {"0": pytest.approx(2.5), "1": pytest.approx(0.625)}
        (figure,) = figures(session, found, weights=weights)
        assert figures(session, found)[0].value == pytest.approx(0.6)
    assert figure.value == pytest.approx(0)
    assert figure.size == pytest.approx(100 / (2 * 2.5**2 + 8 * 0.625**2))
    assert figure.n == 10


def test_of_an_anonymous_survey_only_the_whole_rate_is_known(lite: CRM) -> None:
    """Answers are counted in place of invitations, and nothing is told apart by customers."""
    of = survey(lite, anonymous=True)
    invite(lite, of, customers(lite, 4))
    respond(lite, of, [9, 3])
    respond(lite, of, [None], state="partial")
    with lite.session(SYSTEM) as session:
        found = survey_of(session, "relation")
        (whole,) = rates(session, found)
        assert (whole.asked, whole.begun, whole.answered) == (4, 3, 2)
        with pytest.raises(InvalidInput):
            rates(session, found, "label.lifecycle")


def test_readers_see_figures_of_their_own_customers(crm: CRM) -> None:
    """A seller's figures are made of the answers of the seller's customers."""
    user = crm.run(SYSTEM, "user.create", {"login": "sam", "name": "Sam"}).id
    crm.run(SYSTEM, "user.assign_role", {"role": "seller"}, target=user)
    of = survey(crm, small=1)
    (mine,) = customers(crm, 1, owner_id=user)
    (other,) = customers(crm, 1)
    respond(crm, of, [10], customer_id=mine)
    respond(crm, of, [0], customer_id=other, at=START + timedelta(days=1))
    with crm.session(Actor.user(user, "Sam")) as session:
        assert figures(session, survey_of(session, "relation"))[0].value == 1.0
    assert by_key(crm, "relation") == {"all": 0.0}
