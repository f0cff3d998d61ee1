"""Messages on their way: accepted, held, handed over, and what becomes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from crmkit_messaging.api import decide, is_suppressed
from sqlalchemy import select

from crmkit import Actor, ContactPoint, Delivery, Interaction, catalogue_of, moment_of, new_id, values_of
from crmkit.errors import Conflict, InvalidInput, KeyReused, NotFound, Refused
from tests.plugins.messaging.sending.conftest import NOON, SYSTEM, Base

NIGHT = datetime(2026, 6, 10, 14, 0, tzinfo=UTC)
"""Ten in the evening in Shanghai."""
MORNING = datetime(2026, 6, 11, 0, 0, tzinfo=UTC)
"""Eight in the morning after."""


def suppress(base: Base, address: str = "+8613800138000", kind: str = "phone", reason: str = "manual") -> None:
    """Suppress an address."""
    given = {"kind": kind, "address": address, "reason": reason}
    base.crm.run(SYSTEM, "messaging.suppression.add", given)


def cap(base: Base, **values: Any) -> None:
    """Add a cap, by default one message a day."""
    base.crm.run(SYSTEM, "messaging.cap.create", {"number": 1, "per": "day", **values})


def act(base: Base, message: UUID, verb: str) -> Any:
    """Do something with a message."""
    return base.crm.run(SYSTEM, f"messaging.message.{verb}", target=message)


# --- leaving ----------------------------------------------------------------------------------------------------------


def test_a_message_leaves_and_is_recorded(base: Base) -> None:
    """What may leave is handed over once, with a stable id, and becomes an interaction of the customer's."""
    who = base.customer()
    sent = base.send(who, subject="Hi", body="Your table is ready.")
    assert sent.state == "waiting"
    base.work()
    (taken,) = base.carrier.taken
    assert (taken.id, taken.address, taken.body) == (sent.id, "+8613800138000", "Your table is ready.")
    assert taken.headers["Message-ID"] == f"<{sent.id.hex}@example.org>"
    found = base.message(sent.id)
    assert (found.state, found.sent_at, found.attempts) == ("sent", NOON, 1)
    with base.crm.session(SYSTEM) as session:
        recorded = session.get_one(Interaction, found.interaction_id)
        assert (recorded.kind, recorded.direction, recorded.customer_id) == ("sms", "out", who)
        assert (recorded.body, recorded.thread) == ("Your table is ready.", found.message_id)


def test_without_consent_nothing_leaves(base: Base) -> None:
    """Marketing needs consent, also at the moment of leaving; what was refused is kept with the reason."""
    who = base.customer()
    refused = base.send(who, "marketing")
    assert (refused.state, refused.reason) == ("refused", "no_consent")
    base.agree(who)
    assert base.send(who, "marketing").state == "waiting"
    base.agree(who, granted=False)
    base.work()
    assert base.states() == ["refused", "refused"]
    assert base.carrier.taken == []


def test_quiet_hours_hold_until_they_end(base: Base) -> None:
    """To the instant; what is urgent service leaves at once."""
    who = base.customer()
    base.time.now = NIGHT
    held = base.send(who)
    assert (held.state, held.reason, held.due_at) == ("waiting", "quiet_hours", MORNING)
    base.send(who, urgent=True)
    base.work()
    assert base.states() == ["waiting", "sent"]
    base.time.now = MORNING - timedelta(seconds=1)
    base.work()
    assert base.states() == ["waiting", "sent"]
    base.time.now = MORNING
    base.work()
    assert base.states() == ["sent", "sent"]


def test_caps_count_what_has_left(base: Base) -> None:
    """The second message of a day waits for the next morning; service is not capped."""
    cap(base)
    who = base.customer()
    base.agree(who)
    base.send(who, "marketing")
    base.send(who, "marketing")
    base.send(who)
    base.work()
    assert base.states() == ["sent", "waiting", "sent"]
    with base.crm.session(SYSTEM) as session:
        found = decide(session, who, "sms", "marketing")
    assert (found.outcome, found.reason, found.at) == ("later", "capped", MORNING)
    base.time.now = MORNING
    base.work()
    assert base.states() == ["sent", "sent", "sent"]


def test_other_rules_are_heard_at_once(base: Base) -> None:
    """What quiet hours hold leaves when they are changed."""
    from crmkit_messaging.sending.models import QuietHours

    base.time.now = NIGHT
    base.send(base.customer())
    with base.crm.session(SYSTEM) as session:
        night = session.scalars(select(QuietHours.id)).one()
    base.crm.run(SYSTEM, "messaging.quiet_hours.update", {"hours": "23:00-07:00"}, target=night)
    base.work()
    assert base.states() == ["sent"]


def test_a_suppressed_address_gets_nothing(base: Base) -> None:
    """Whoever has it, and however it is written."""
    suppress(base, "+86 138 0013 8000")
    refused = base.send(base.customer())
    assert (refused.state, refused.reason, refused.reason_values) == (
        "refused",
        "suppressed",
        {"suppression": "manual"},
    )
    with base.crm.session(SYSTEM) as session:
        assert is_suppressed(session, "phone", "+8613800138000")
        assert not is_suppressed(session, "phone", "+8613800138001")


def test_who_is_deleted_gets_nothing(base: Base) -> None:
    """Also what was accepted before."""
    who = base.customer()
    base.send(who)
    base.crm.run(SYSTEM, "customer.delete", target=who)
    base.work()
    assert (base.states(), base.carrier.taken) == (["refused"], [])


def test_a_message_waits_for_its_time_and_dies_of_age(lite: Base) -> None:
    """Not before the one, and never after the other."""
    who = lite.customer()
    later = lite.send(who, not_before=NOON + timedelta(hours=2), expires_at=NOON + timedelta(hours=3))
    assert (later.reason, later.held_at) == ("not_before", None)
    lite.time.pass_(hours=4)
    lite.work()
    assert (lite.message(later.id).state, lite.message(later.id).reason) == ("refused", "expired")


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"template": "no/such", "body": None}, "template"),
        ({"purpose": "nonsense"}, "purpose"),
        ({"channel": "pigeon"}, "channel"),
        ({"body": " "}, "body"),
        ({"template": "no/such"}, "template"),
        ({"mailbox": "nobody"}, "mailbox"),
        ({"reply_to_id": new_id()}, "reply_to_id"),
        ({"attachments": [new_id()]}, "attachments.0"),
        ({"not_before": NIGHT, "expires_at": NOON}, "expires_at"),
    ],
)
def test_what_cannot_be_sent_is_told_at_its_field(lite: Base, values: dict[str, Any], where: str) -> None:
    """And nothing is kept."""
    with pytest.raises(InvalidInput) as told:
        lite.send(lite.customer(), **values)
    assert where in {problem.field for problem in told.value.problems}
    assert lite.states() == []


def test_the_preferred_channel_is_taken(lite: Base) -> None:
    """Where none is named: by what the customer prefers, then by what may be used."""
    mail = {"kind": "email", "value": "li@example.net", "preferred": True}
    phone = {"kind": "phone", "value": "+8613800138000"}
    who = lite.customer(phone=None, contact_points=[mail, phone])
    assert lite.send(who, channel=None).channel == "email"
    suppress(lite, "li@example.net", "email", "hard_bounce")
    assert lite.send(who, channel=None).channel == "sms"
    lite.crm.run(SYSTEM, "customer.update", {"preferences": {"channel": "sms"}}, target=who)
    assert lite.send(who, channel=None).channel == "sms"
    nobody = lite.send(lite.customer(phone=None, contact_points=[]), channel=None)
    assert (nobody.state, nobody.reason) == ("refused", "no_channel")


# --- once -------------------------------------------------------------------------------------------------------------


def test_the_same_key_is_the_same_message(base: Base) -> None:
    """In one call after the other, and within a batch."""
    who, other = base.customer(), base.customer("Bo", "+8613800138001")
    first = base.send(who, key="a")
    assert base.send(who, key="a").id == first.id
    with pytest.raises(KeyReused):
        base.send(other, key="a")
    given = {"customer_id": who, "purpose": "service", "channel": "sms", "body": "x", "key": "b"}
    outcomes = base.crm.run_many(SYSTEM, "messaging.send", [given, given, {**given, "purpose": "nonsense", "key": "c"}])
    assert [outcome.ok for outcome in outcomes] == [True, True, False]
    assert outcomes[0].result.id == outcomes[1].result.id
    base.work()
    assert len(base.carrier.taken) == 2


def test_what_broke_off_is_uncertain_and_left_to_somebody(base: Base) -> None:
    """It is never sent again by itself; somebody says that it has arrived, lets it be, or sends it again."""

    def broken(message: Any) -> Delivery:
        raise OSError("line broken")

    base.carrier.answers = broken
    who = base.customer()
    ids = [base.send(who).id for _each in range(3)]
    base.work()
    assert base.states() == ["uncertain"] * 3
    base.time.pass_(days=1)
    base.work()
    assert len(base.carrier.taken) == 3
    base.carrier.answers = lambda message: Delivery(outcome="accepted")
    act(base, ids[0], "confirm")
    act(base, ids[1], "drop")
    act(base, ids[2], "send_again")
    base.work()
    assert base.states() == ["sent", "cancelled", "sent"]
    assert len(base.carrier.taken) == 4
    with pytest.raises(Conflict):
        act(base, ids[0], "send_again")


def test_a_worker_that_is_gone_leaves_an_uncertain_message(base: Base) -> None:
    """Once its lease is over; one whose carrier takes a message once only is handed over again."""
    who = base.customer()
    one, other = base.send(who), base.send(who, channel="pager.call")
    for channel in ("sms", "pager.call"):
        base.crm.run(SYSTEM, "messaging.message.depart", {"channel": channel})
    assert base.states() == ["sending", "sending"]
    base.time.pass_(seconds=61)
    base.work()
    assert (base.message(one.id).state, base.message(other.id).state) == ("uncertain", "waiting")
    base.time.pass_(minutes=2)
    base.work()
    assert base.states() == ["uncertain", "sent"]
    assert [taken.id for taken in base.carrier.taken] == [other.id]


def test_a_late_answer_is_heard(lite: Base) -> None:
    """A worker that was slow and not gone says in the end what became of it; one of an earlier attempt does not."""
    sent = lite.send(lite.customer())
    step = lite.crm.run(SYSTEM, "messaging.message.depart", {"channel": "sms"})
    lite.time.pass_(seconds=61)
    lite.crm.run(SYSTEM, "messaging.message.tidy")
    given = {"ending": "accepted", "token": step.token}
    lite.crm.run(SYSTEM, "messaging.message.settle", {**given, "token": step.token - 1}, target=sent.id)
    assert lite.states() == ["uncertain"]
    lite.crm.run(SYSTEM, "messaging.message.settle", given, target=sent.id)
    lite.crm.run(SYSTEM, "messaging.message.settle", given, target=sent.id)
    assert lite.states() == ["sent"]


def test_the_other_side_may_ask_for_patience(lite: Base) -> None:
    """Then a message is handed over again, after longer and longer pauses, and given up in the end."""
    lite.carrier.answers = lambda message: Delivery(outcome="later", reason="450 try later")
    sent = lite.send(lite.customer(), urgent=True)
    pauses: list[float] = []
    for _attempt in range(12):
        lite.work()
        due = lite.message(sent.id).due_at
        if due is None:
            break
        pauses.append((due - lite.time.now).total_seconds())
        lite.time.now = due
    found = lite.message(sent.id)
    assert (found.state, found.reason, found.attempts, found.left_at) == ("failed", "too_many_attempts", 12, None)
    assert all(later * 1.1 >= earlier for earlier, later in pairwise(pauses))
    assert 60 <= pauses[0] <= 66
    assert len({taken.id for taken in lite.carrier.taken}) == 1


def test_an_address_that_is_none_is_suppressed(base: Base) -> None:
    """A refusal that is about the address; any other leaves it alone."""
    who, other = base.customer(), base.customer("Bo", "+8613800138001")
    bad = {"+8613800138000": True, "+8613800138001": False}
    base.carrier.answers = lambda message: Delivery(outcome="refused", reason="550", bad_address=bad[message.address])
    one, two = base.send(who), base.send(other)
    base.work()
    assert (base.message(one.id).reason, base.message(two.id).reason) == ("bounced", "carrier_refused")
    assert (base.send(who).reason, base.send(other).state) == ("suppressed", "waiting")


def test_what_nobody_carries_fails(lite: Base) -> None:
    """And says so."""
    lite.carrier.channels = ()
    sent = lite.send(lite.customer())
    lite.work()
    assert (lite.message(sent.id).state, lite.message(sent.id).reason) == ("failed", "no_carrier")


def test_throttles_space_messages_out(lite: Base) -> None:
    """By channel: two in ten minutes."""
    lite.crm.run(SYSTEM, "messaging.throttle.create", {"channel": "sms", "number": 2, "seconds": 600})
    who = lite.customer()
    for _each in range(3):
        lite.send(who)
    lite.work()
    assert sorted(lite.states()) == ["sent", "sent", "waiting"]
    lite.time.pass_(minutes=9)
    lite.work()
    assert sorted(lite.states()) == ["sent", "sent", "waiting"]
    lite.time.pass_(minutes=1)
    lite.work()
    assert lite.states() == ["sent"] * 3


# --- what belongs to it -----------------------------------------------------------------------------------------------


def test_files_go_with_a_message(lite: Base, tmp_path: Any) -> None:
    """Those of the customer's alone; what is gone by then stops it."""
    files: dict[str, bytes] = {}

    class Store:
        def put(self, key: str, data: bytes) -> None:
            files[key] = data

        def get(self, key: str) -> bytes:
            return files[key]

        def delete(self, key: str) -> None:
            files.pop(key, None)

    lite.crm.__dict__["files"] = Store()
    who, other = lite.customer(), lite.customer("Bo", "+8613800138001")

    def attached(customer: UUID) -> UUID:
        upload = {"filename": "offer.txt", "content": b"ten percent"}
        added: UUID = lite.crm.run(SYSTEM, "attachment.add", {"upload": upload, "customer_id": customer}).id
        return added

    with pytest.raises(InvalidInput):
        lite.send(who, attachments=[attached(other)])
    lite.send(who, attachments=[attached(who)])
    lite.work()
    ((file,),) = [taken.files for taken in lite.carrier.taken]
    assert (file.name, file.media_type, file.content) == ("offer.txt", "text/plain", b"ten percent")


def test_an_answer_goes_into_the_thread(lite: Base) -> None:
    """With the headers of one, at night too, as who has just written is awake."""
    who = lite.customer(contact_points=[{"kind": "email", "value": "li@example.net"}], phone=None)
    lite.carrier.channels = ("email",)
    asked = lite.crm.run(
        SYSTEM,
        "interaction.record",
        {
            "kind": "email",
            "customer_id": who,
            "subject": "Where is it?",
            "thread": "<one@example.net>",
            "payload": {"message_id": "<two@example.net>", "references": ["<one@example.net>"]},
            "occurred_at": NOON,
        },
    )
    lite.time.now = NIGHT
    sent = lite.send(who, channel="email", reply_to_id=asked.id, body="On its way.")
    lite.work()
    (taken,) = lite.carrier.taken
    assert taken.subject == "Re: Where is it?"
    assert (taken.headers["In-Reply-To"], taken.headers["References"]) == (
        "<two@example.net>",
        "<one@example.net> <two@example.net>",
    )
    with lite.crm.session(SYSTEM) as session:
        recorded = session.get_one(Interaction, lite.message(sent.id).interaction_id)
        assert (recorded.thread, recorded.about_id) == ("<one@example.net>", asked.id)


def test_merged_customers_have_one_history(base: Base) -> None:
    """What left to either counts, what waits goes to the survivor; an unmerge gives each its own back."""
    cap(base)
    one, other = base.customer(), base.customer("Li N.", "+8613800138001")
    for each in (one, other):
        base.agree(each)
    base.send(one, "marketing")
    base.work()
    waiting = base.send(other, "marketing", not_before=NOON + timedelta(hours=1))
    merged = base.crm.run(SYSTEM, "customer.merge", {"absorb": other, "reason": "the same"}, target=one)
    assert base.message(waiting.id).customer_id == one
    assert base.send(other).customer_id == one
    assert base.send(one, "marketing").reason == "capped"
    base.crm.run(SYSTEM, "customer.unmerge", {"merge": merged.merge_id, "reason": "not the same"}, target=one)
    assert base.message(waiting.id).customer_id == other
    base.time.pass_(hours=2)
    base.work()
    assert base.message(waiting.id).state == "sent"


def test_an_erasure_takes_messages_and_leaves_suppression(base: Base) -> None:
    """Nobody is written to again by coming back."""
    who = base.customer()
    base.send(who)
    suppress(base)
    base.crm.run(SYSTEM, "privacy.erase", {"reason": "asked for"}, target=who)
    assert base.states() == []
    base.work()
    assert base.carrier.taken == []
    assert base.send(base.customer()).reason == "suppressed"


# --- rights -----------------------------------------------------------------------------------------------------------


def test_only_who_may_sends(lite: Base) -> None:
    """And to whom they see alone; the steps of the gate are nobody's."""

    def person(login: str, role: str) -> Actor:
        user = lite.crm.run(SYSTEM, "user.create", {"login": login, "name": login})
        lite.crm.run(SYSTEM, "user.assign_role", {"role": role}, target=user.id)
        return Actor.user(user.id)

    analyst, seller, manager = person("ann", "analyst"), person("sam", "seller"), person("mia", "manager")
    who = lite.customer(owner_id=manager.user_id)
    given = {"customer_id": who, "purpose": "service", "channel": "sms", "body": "x"}
    with pytest.raises(Refused):
        lite.crm.run(analyst, "messaging.send", given)
    with pytest.raises(NotFound):
        lite.crm.run(seller, "messaging.send", given)
    sent = lite.crm.run(manager, "messaging.send", given)
    with pytest.raises(Refused):
        lite.crm.run(manager, "messaging.message.depart", {"channel": "sms"})
    lite.crm.run(manager, "messaging.message.cancel", target=sent.id)
    assert lite.states() == ["cancelled"]


def test_who_sees_no_addresses_learns_whether_one_is_suppressed(lite: Base) -> None:
    """A decision for who may not see telephone numbers goes by what they have in common."""
    user = lite.crm.run(SYSTEM, "user.create", {"login": "ann", "name": "Ann"})
    lite.crm.run(SYSTEM, "user.assign_role", {"role": "analyst"}, target=user.id)
    who = lite.customer()
    suppress(lite)
    with lite.crm.session(Actor.user(user.id)) as session:
        (point,) = session.scalars(select(ContactPoint).where(ContactPoint.customer_id == who)).all()
        assert point.value != "+8613800138000"
        assert decide(session, who, "sms", "service").reason == "suppressed"


# --- facts, rules, reports, checks ------------------------------------------------------------------------------------


def test_facts_say_what_was_sent(base: Base) -> None:
    """And what was not, with the reason."""
    who = base.customer()
    base.send(who)
    base.send(who, "marketing")
    base.work()
    with base.crm.session(SYSTEM) as session:
        catalogue = catalogue_of(session)
        names = ("sent_count", "last_sent_at", "refused_count", "last_refused_reason", "suppressed", "waiting_count")
        refs = {name: catalogue.ref(f"messaging.{name}") for name in names}
        row = values_of(session, refs.values(), [who], moment_of(session))[who]
    found = {name: row.get(ref) for name, ref in refs.items()}
    assert (found["sent_count"], found["last_sent_at"]) == (1, NOON)
    assert (found["refused_count"], found["last_refused_reason"]) == (1, "no_consent")
    assert (found["suppressed"] or False, found["waiting_count"]) == (False, 0)


def test_reports_count_outcomes_and_reasons(base: Base) -> None:
    """By channel and purpose."""
    from crmkit_messaging.sending.reports import outcome_rows, reason_rows

    from crmkit import Period

    who = base.customer()
    base.send(who)
    base.send(who, "marketing")
    base.work()
    period = Period(first=NOON.date(), last=NOON.date())
    with base.crm.session(SYSTEM) as session:
        rows = {row["key"]: row for row in outcome_rows(session, period, None)}
        reasons = [(row["key"], row["messages"]) for row in reason_rows(session, period, None)]
    assert (rows["sms/service"]["sent"], rows["sms/marketing"]["refused"]) == (1, 1)
    assert reasons == [("refused/no_consent", 1)]


def test_doctor_notices_what_nobody_sends(lite: Base) -> None:
    """Messages that are due and wait, those that are uncertain, and purposes without a policy."""
    from crmkit_messaging.sending.checks import backlog, policies, uncertain_messages

    with lite.crm.session(SYSTEM) as session:
        found = [*backlog(session), *policies(session), *uncertain_messages(session)]
    assert {finding.level for finding in found} == {"ok"}
    lite.send(lite.customer())
    lite.time.pass_(hours=1)
    with lite.crm.session(SYSTEM) as session:
        assert [finding.level for finding in backlog(session)] == ["error"]
