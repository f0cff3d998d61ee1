"""Mails that become cases, and answers that go out as mails."""

from __future__ import annotations

import pytest
from crmkit_service.channels.codes import code_of

from tests.plugins.service.channels.conftest import SYSTEM, Desk


def test_a_mail_becomes_a_case_and_is_acknowledged(desk: Desk) -> None:
    """Once, with its number and the address of its page, marked as written by a machine."""
    desk.mail("It leaks.", subject="AW: Kettle")
    (case,) = desk.cases()
    assert (case.subject, case.channel, case.state, case.customer_id) == ("Kettle", "mail", "new", desk.customer_id)
    (direction, text, automatic), (out, said, machine) = desk.said(case)
    assert (direction, text, automatic) == ("in", "It leaks.", False)
    assert (out, machine) == ("out", True)
    assert f"number {case.number}" in said
    (mail,) = desk.outgoing()
    # Whoever has the link has the page: it goes to the customer, and does not stand in the case.
    assert ("/p/service.case/" in said, "https://help.shop.example/p/service.case/" in str(mail.body)) == (False, True)
    assert (mail.automatic, mail.reply_to_id is not None, mail.subject) == (True, True, f"Re: Kettle {code(desk)}")
    assert desk.intakes() == [("settled", None)]
    assert desk.happened(case) == ["opened", "team", "customer_message", "auto_message", "acknowledged"]


def test_a_thread_is_one_case(desk: Desk) -> None:
    """What we answer carries the thread, and what comes back to it goes into the case, and lets it be open again."""
    desk.mail()
    (case,) = desk.cases()
    desk.run("service.case.reply", {"body": "Which one?", "state": "waiting_customer"}, target=case.id)
    answer = desk.leave()[-1]
    headers = desk.interaction(answer.interaction_id).payload
    assert (headers["in_reply_to"], answer.reply_to_id is not None) == ("<1@customer.example>", True)
    desk.mail("The blue one.", subject="Something else", In_Reply_To=str(answer.message_id))
    (case,) = desk.cases()
    assert case.state == "open"
    assert [each[:2] for each in desk.said(case) if not each[2]] == [
        ("in", "The kettle leaks."),
        ("out", "Which one?"),
        ("in", "The blue one."),
    ]


def test_what_became_of_an_answer_is_known(small: Desk) -> None:
    """It waits, it was sent and is an interaction of the customer, or it came back."""
    small.mail()
    (case,) = small.cases()
    message = small.run("service.case.reply", {"body": "Sorry."}, target=case.id)
    assert message.delivery == "waiting"
    left = small.leave()[-1]
    message = small.message(message.id)
    assert (message.delivery, message.interaction_id) == ("sent", left.interaction_id)
    small.mail(
        "This is an automatically generated report.\n\nFinal-Recipient: rfc822; ada@customer.example\nAction: failed\n"
        f"Status: 5.1.1\n\n{left.message_id}",
        subject="Undelivered Mail Returned to Sender",
        sender="mailer-daemon@mx.example",
        Return_Path="<>",
        In_Reply_To=str(left.message_id),
    )
    assert small.intakes()[-1] == ("left", "report")
    assert (len(small.cases()), small.message(message.id).delivery) == (1, "failed")


def test_an_answer_that_nobody_may_get_is_marked(small: Desk) -> None:
    """Who is suppressed gets nothing, and whoever answered sees that."""
    small.mail()
    (case,) = small.cases()
    small.crm.run(SYSTEM, "messaging.suppression.add", {"kind": "email", "address": "ada@customer.example"})
    message = small.run("service.case.reply", {"body": "Sorry."}, target=case.id)
    assert small.message(message.id).delivery == "failed"


def test_the_code_in_the_subject_finds_the_case(small: Desk) -> None:
    """Where a mail program has lost the thread; the number alone, or a wrong code, finds nothing."""
    small.mail(subject="Kettle broken")
    (case,) = small.cases()
    said = code(small)
    small.mail("Any news?", subject=f"A new mail {said}")
    assert [each.number for each in small.cases()] == [case.number]
    small.mail("Any news?", subject=f"Guessing [#{case.number}-aaaaaaaa]")
    small.mail("Any news?", subject=f"Guessing again #{case.number}")
    assert [each.subject for each in small.cases()] == ["Kettle broken", "Guessing", f"Guessing again #{case.number}"]


def test_nobody_gets_into_somebody_elses_case(small: Desk) -> None:
    """Whoever copies Message-ID and code opens a case of their own; both cases say so."""
    small.mail()
    copied = f"Re: Kettle {code(small)}"
    small.mail("Me too", subject=copied, sender="eve@evil.example", In_Reply_To="<1@customer.example>")
    first, second = small.cases()
    assert (second.customer_id != first.customer_id, len(small.said(first))) == (True, 2)
    assert "linked" in small.happened(first)
    assert "linked" in small.happened(second)


@pytest.mark.parametrize(
    ("headers", "subject", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, "Out of office", "automatic"),
        ({"Precedence": "bulk"}, "News", "automatic"),
        ({"List_Id": "<news.example>"}, "News", "automatic"),
        ({"X_Spam_Flag": "YES"}, "You have won", "spam"),
    ],
)
def test_machines_and_spam_open_no_case(small: Desk, headers: dict[str, str], subject: str, reason: str) -> None:
    """And are not answered; the mail itself stays in the timeline."""
    small.mail("I am away.", subject=subject, **headers)
    assert (small.cases(), small.outgoing(), small.intakes()) == ([], [], [("left", reason)])


def test_an_absence_notice_in_a_case_changes_nothing(small: Desk) -> None:
    """It stands in the thread, and the case still waits for the customer."""
    small.mail()
    (case,) = small.cases()
    small.run("service.case.reply", {"body": "Which one?", "state": "waiting_customer"}, target=case.id)
    answer = small.leave()[-1]
    small.mail("I am away.", subject="Auto: Kettle", Auto_Submitted="auto-replied", In_Reply_To=str(answer.message_id))
    (case,) = small.cases()
    assert case.state == "waiting_customer"
    assert small.said(case)[-1] == ("in", "I am away.", True)


def test_two_machines_do_not_write_to_each_other_for_ever(small: Desk) -> None:
    """So much in an hour becomes cases, and far less is acknowledged."""
    for number in range(24):
        small.mail(f"Alert {number}", subject=f"Alert number {number}", sender="robot@customer.example")
    assert len(small.cases()) == 20
    assert len(small.outgoing()) == 5
    assert small.intakes()[-1] == ("left", "loop")


def test_the_null_sender_gets_no_acknowledgement(small: Desk) -> None:
    """RFC 3834: its case is opened, and nothing is sent."""
    small.mail(Return_Path="<>")
    assert (len(small.cases()), small.outgoing()) == (1, [])


def test_whoever_sent_nothing_but_spam_opens_no_case(small: Desk) -> None:
    """What an agent has said of the first mail holds for the next ones."""
    small.mail("Buy this", sender="sam@spam.example")
    (case,) = small.cases()
    small.crm.run(SYSTEM, "service.case.set_state", {"state": "spam"}, target=case.id)
    small.mail("Buy that", subject="More", sender="sam@spam.example")
    assert len(small.cases()) == 1
    assert small.intakes()[-1] == ("left", "spam")


def test_a_mail_of_nobody_known_waits_for_its_sender(small: Desk) -> None:
    """Once somebody says who it was, it is a case."""
    small.crm.run(SYSTEM, "messaging.mailbox.update", {"unknown_senders": "unresolved"}, target=mailbox(small))
    found = small.mail(sender="new@nowhere.example")
    assert (small.cases(), small.intakes()) == ([], [("waiting", "unknown")])
    small.crm.run(SYSTEM, "interaction.resolve", {"customer_id": str(small.customer_id)}, target=found.interaction_id)
    small.work()
    assert [each.customer_id for each in small.cases()] == [small.customer_id]
    assert small.intakes() == [("settled", None)]


def test_a_mail_about_a_solved_case_opens_it_again(small: Desk) -> None:
    """Within the window of its type."""
    small.mail()
    (case,) = small.cases()
    small.run("service.case.set_state", {"state": "resolved"}, target=case.id)
    small.mail("It leaks again.", In_Reply_To="<1@customer.example>")
    (case,) = small.cases()
    assert (case.state, case.reopened) == ("reopened", 1)


def mailbox(desk: Desk) -> object:
    """Return the id of the mailbox."""
    from crmkit_messaging.mail.models import Mailbox
    from sqlalchemy import select

    with desk.crm.session(SYSTEM) as session:
        return session.scalars(select(Mailbox.id)).one()


def code(desk: Desk) -> str:
    """Return the code of the first case."""
    (case, *_others) = desk.cases()
    with desk.crm.session(SYSTEM) as session:
        return code_of(session, case)
