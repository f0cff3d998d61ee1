"""Mails become interactions, once: with participants, files, threads and customers."""

from __future__ import annotations

import pytest
from crmkit_messaging.receiving.fetching import INBOUND
from crmkit_messaging.receiving.models import ReceivedMail
from sqlalchemy import select

from crmkit.core.customers.models import ContactPoint
from crmkit.core.interactions.models import Interaction
from crmkit.errors import Conflict, NotFound, Refused
from tests.plugins.messaging.receiving.conftest import SYSTEM, Office
from tests.plugins.messaging.receiving.samples import NESTED, QUOTED, bounce, mail, multipart


def test_a_mail_becomes_an_interaction_of_its_sender(office: Office) -> None:
    """With who took part, what was newly written, and the history kept apart."""
    ada = office.customer()
    found = office.receive(QUOTED)
    assert (found.customer_id, found.kind, found.duplicate) == (ada, "mail", False)
    kept = office.interaction(found.interaction_id)
    assert (kept.kind, kept.direction, kept.subject, kept.body) == ("email", "in", "A question", "Thanks, that helps.")
    assert kept.payload["message_id"] == "<one@customer.example>"
    assert sorted((each.role, each.address, each.customer_id) for each in kept.participants) == [
        ("from", "ada@customer.example", ada),
        ("to", "sales@shop.example", None),
    ]
    assert (office.mail(found.interaction_id).quoted or "").startswith("On Mon, 2 Nov 2026")


def test_a_mail_that_comes_again_is_there_once(office: Office) -> None:
    """Also into another mailbox, and with other trace headers: both mailboxes are named."""
    office.mailbox("support")
    first = office.receive(mail(Received="by mx1"))
    second = office.receive(mail(Received="by mx2", Delivered_To="support@shop.example"), "support")
    assert (second.interaction_id, second.duplicate) == (first.interaction_id, True)
    assert office.count(Interaction) == 1
    assert office.mail(first.interaction_id).mailboxes == ["sales", "support"]


def test_nobody_keeps_a_mail_away_by_its_message_id(lite: Office) -> None:
    """Another mail under the same Message-ID is another mail."""
    forged = lite.receive(mail("something else", sender="evil@bad.example"))
    real = lite.receive(mail("Hello"))
    assert (real.duplicate, forged.interaction_id != real.interaction_id) == (False, True)


def test_mails_without_a_message_id_are_told_apart_by_what_they_say(lite: Office) -> None:
    """The same one is there once, another one beside it."""
    for words in ("one", "one", "two"):
        lite.receive(mail(words, message_id=None))
    assert lite.count(Interaction) == 2


def test_an_unknown_sender_becomes_a_potential_customer(office: Office) -> None:
    """Where the mailbox says so; the next mail is of the same one."""
    first = office.receive(mail(sender="Grace Hopper <grace@navy.example>"))
    second = office.receive(mail("again", sender="GRACE@navy.example", message_id="<two@navy.example>"))
    assert first.customer_id == second.customer_id is not None
    assert office.customers() == ["Grace Hopper"]


def test_an_unknown_sender_waits_for_a_person(office: Office) -> None:
    """Where the mailbox says so. Naming the customer resolves every mail of the address, and remembers it."""
    office.mailbox("info", unknown_senders="unresolved")
    ada = office.customer(email=None)
    first = office.receive(mail(to="info@shop.example", Cc="x@y.example"), "info")
    second = office.receive(mail("again", message_id="<two@x>"), "info")
    assert (first.customer_id, office.customers()) == (None, ["Ada"])
    named = office.mail(first.interaction_id)
    assert named.unresolved
    office.crm.run(SYSTEM, "messaging.mail.name_customer", {"customer_id": ada}, target=named.id)
    office.work()
    for each in (first, second):
        assert office.interaction(each.interaction_id).customer_id == ada
        assert not office.mail(each.interaction_id).unresolved
        assert office.mail(each.interaction_id).customer_id == ada
    assert office.receive(mail("third", message_id="<three@x>"), "info").customer_id == ada
    with pytest.raises(Conflict, match="known already"):
        office.crm.run(SYSTEM, "messaging.mail.name_customer", {"customer_id": ada}, target=named.id)


def test_a_waiting_sender_can_become_a_potential_customer(lite: Office) -> None:
    """Under the name that the mail has."""
    lite.mailbox("info", unknown_senders="unresolved")
    found = lite.receive(mail(), "info")
    lite.crm.run(SYSTEM, "messaging.mail.add_customer", {}, target=lite.mail(found.interaction_id).id)
    assert lite.customers() == ["Ada"]
    assert lite.mail(found.interaction_id).customer_id is not None


def test_of_several_who_share_an_address_nobody_is_guessed(lite: Office) -> None:
    """Unless the thread says whom we wrote to."""
    ada, bob = lite.customer(), lite.customer("Bob")
    assert lite.receive(mail()).customer_id is None
    message = lite.sent(bob)
    answer = mail("yes", message_id="<two@x>", In_Reply_To=lite.message(message).message_id or "")
    assert lite.receive(answer).customer_id == bob != ada


def test_machines_do_not_become_customers(lite: Office) -> None:
    """Lists, senders whom nobody answers, bounces."""
    lite.receive(mail(List_Id="<news.example>"))
    lite.receive(mail("x", sender="noreply@bank.example", message_id="<2@x>"))
    lite.receive(bounce())
    assert lite.customers() == []


# --- threads ----------------------------------------------------------------------------------------------------------


def test_answers_belong_to_the_thread_of_what_they_answer(office: Office) -> None:
    """By In-Reply-To or References, the nearest that is known."""
    first = office.receive(mail())
    second = office.receive(mail("b", subject="other", message_id="<2@x>", In_Reply_To="<one@customer.example>"))
    third = office.receive(mail("c", subject="third", message_id="<3@x>", References="<one@customer.example> <lost@x>"))
    alone = office.receive(mail("d", subject="on its own", message_id="<4@x>"))
    threads = [office.interaction(each.interaction_id).thread for each in (first, second, third, alone)]
    assert threads[0] == threads[1] == threads[2] != threads[3]
    assert office.interaction(second.interaction_id).about_id == first.interaction_id


def test_without_references_subject_and_participants_decide(office: Office) -> None:
    """The same subject of others is another thread; marks of answering do not count."""
    first = office.receive(mail(subject="报价单 2026"))
    same = office.receive(mail("b", subject="回复：Re: 报价单 2026", message_id="<2@x>"))
    others = office.receive(mail("c", subject="报价单 2026", message_id="<3@x>", sender="bob@other.example"))
    copied = office.receive(mail("d", subject="报价单 2026", message_id="<4@x>", Cc="bob@other.example"))
    threads = [office.interaction(each.interaction_id).thread for each in (first, same, others, copied)]
    assert threads[0] == threads[1]
    assert len(set(threads)) == 3


def test_an_answer_to_what_we_sent_joins_its_thread(office: Office) -> None:
    """By its Message-ID at once, and by subject and participants once it was sent."""
    ada = office.customer()
    message = office.message(office.sent(ada, subject="Your order"))
    office.work()
    by_id = office.receive(mail("a", subject="x", message_id="<2@x>", In_Reply_To=message.message_id or ""))
    by_topic = office.receive(mail("b", subject="AW: Your order", message_id="<3@x>"))
    assert message.interaction_id is not None
    thread = office.interaction(message.interaction_id).thread
    found = [office.interaction(each.interaction_id) for each in (by_id, by_topic)]
    assert [each.thread for each in found] == [thread, thread]
    assert [each.about_id for each in found] == [message.interaction_id] * 2


def test_a_copy_of_what_we_sent_is_not_kept(lite: Office) -> None:
    """A mailbox may get copies of what leaves."""
    ada = lite.customer()
    message = lite.message(lite.sent(ada))
    before = lite.count(Interaction)
    found = lite.receive(mail(sender="sales@shop.example", message_id=message.message_id))
    assert (found.own, lite.count(Interaction)) == (True, before)


# --- files, limits, rights --------------------------------------------------------------------------------------------


def test_files_are_kept_and_what_is_dangerous_is_named(office: Office) -> None:
    """What the kernel does not accept costs itself alone."""
    found = office.receive(NESTED)
    assert "报价.pdf" in office.files(found.interaction_id)
    bad = multipart(
        [
            "Content-Type: text/plain\r\n\r\nlook",
            "Content-Type: application/octet-stream; name=invoice.pdf.exe\r\n\r\nMZ",
            "Content-Type: text/html; name=x.html\r\n\r\n<script>alert(1)</script>",
        ],
        top={"Message-ID": "<bad@x>"},
    )
    refused = office.receive(bad)
    assert office.files(refused.interaction_id) == []
    left = office.mail(refused.interaction_id).left_out or []
    assert [(each["code"], each["name"]) for each in left] == [("refused", "invoice.pdf.exe"), ("refused", "x.html")]


def test_taking_mail_in_is_all_that_its_actor_may(lite: Office) -> None:
    """It changes no customer, sends nothing, and sees nothing that is sensitive."""
    ada = lite.customer()
    for operation, values, target in (
        ("customer.update", {"name": "Eve"}, ada),
        ("customer.delete", {}, ada),
        ("messaging.send", {"customer_id": ada, "purpose": "service", "body": "x"}, None),
        ("messaging.mailbox.create", {"name": "x", "address": "x@x.example"}, None),
        ("user.create", {"login": "eve", "name": "Eve"}, None),
    ):
        with pytest.raises(Refused):
            lite.crm.run(INBOUND, operation, values, target=target)
    with lite.crm.session(INBOUND) as session:
        (point,) = session.scalars(select(ContactPoint)).all()
        assert "ada@" not in str(point.value)


def test_an_unknown_mailbox_takes_nothing(lite: Office) -> None:
    """Nor does one that is not active."""
    with pytest.raises(NotFound, match="no mailbox"):
        lite.receive(mail(), "nowhere")
    assert lite.count(ReceivedMail) == 0


def test_mails_are_gone_with_their_customer(office: Office) -> None:
    """What was kept beside them, too."""
    found = office.receive(QUOTED)
    assert (office.count(ReceivedMail), office.count(Interaction)) == (1, 1)
    office.crm.run(SYSTEM, "customer.remove", {}, target=found.customer_id)
    assert (office.count(ReceivedMail), office.count(Interaction)) == (0, 0)
