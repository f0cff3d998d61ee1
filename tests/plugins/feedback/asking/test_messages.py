"""Messages of distributions: consent, reminders, expiry, what is not delivered, and anonymous surveys."""

from __future__ import annotations

from tests.plugins.feedback.asking.studio import SYSTEM, Studio


def test_a_mail_carries_the_link_in_the_customers_language(studio: Studio) -> None:
    """Everybody gets a link in a text of their language."""
    studio.survey()
    studio.customer("Lin", language="zh-Hans")
    studio.customer("Bob", language="en")
    studio.distribution(way="mail")
    studio.work()
    with studio.crm.session(SYSTEM) as session:
        from crmkit_messaging.api import OutgoingMessage
        from sqlalchemy import select

        bodies = [str(each.body) for each in session.scalars(select(OutgoingMessage))]
    assert all("https://ask.example" in each for each in bodies)
    assert sum("how did we do" in each for each in bodies) == 1
    assert sum("我们做得怎么样" in each for each in bodies) == 1


def test_who_has_no_address_is_not_asked(studio: Studio) -> None:
    """A customer without an address is withheld, with the reason, and does not count as asked."""
    studio.survey()
    person = studio.customer("Lin", contact_points=[])
    studio.distribution(way="mail")
    studio.work()
    found = studio.of(person)
    assert (found.state, found.reason, found.sent_at) == ("withheld", "no_address", None)


def test_reminders_go_to_who_has_not_answered(both: Studio) -> None:
    """Each reminder goes once, and to nobody who has answered."""
    both.survey()
    people = both.customers(2)
    both.distribution(way="mail", reminders=[3, 7])
    both.work()
    both.answer(both.of(people[0]).id)
    for _turn in range(3):
        both.wait(days=1, hours=2)
    assert [each.customer_id for each in both.messages()].count(people[1]) == 2
    both.wait(days=10)
    counted = [each.customer_id for each in both.messages()]
    assert (counted.count(people[0]), counted.count(people[1])) == (1, 3)


def test_what_nobody_answers_expires(studio: Studio) -> None:
    """An invitation ends when it can be answered no more."""
    studio.survey()
    studio.customers(1)
    found = studio.distribution(expires_days=5)
    studio.work()
    studio.wait(days=6)
    assert studio.states(found) == {"expired": 1}


def test_an_anonymous_survey_never_says_who_answered(both: Studio) -> None:
    """Its invitations stay as they were sent, and reminders go to all who were asked."""
    both.survey(anonymous=True)
    people = both.customers(2)
    found = both.distribution(way="mail", reminders=[3])
    both.work()
    before = both.of(people[0])
    both.answer(before.id)
    both.wait(days=4)
    both.wait(days=40)
    assert both.states(found) == {"sent": 2}
    assert both.of(people[0]).answered_at is None
    assert sorted(each.customer_id for each in both.messages()) == sorted([*people, *people])


def test_a_mail_that_comes_back_was_not_asked(studio: Studio) -> None:
    """What failed for good is noted, and is no reason for a rest."""
    studio.survey()
    person = studio.customer()
    studio.distribution(way="mail")
    studio.work()
    studio.run("feedback.invitation.settle", {"reason": "bounced"}, target=studio.of(person).id)
    found = studio.of(person)
    assert (found.state, found.sent_at) == ("failed", None)
