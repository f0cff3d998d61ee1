"""Random histories: whatever happens, no message leaves to somebody without consent, who is suppressed, capped, or in
quiet hours; and none is held that may leave.

What may leave is judged by an oracle that knows the ledger of what happened, kept beside the database as plain lists,
and reads clocks on the wall. It shares no code with the gate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from attrs import define, field
from crmkit_messaging.sending.dispatching import dispatch
from crmkit_messaging.sending.models import Cap, OutgoingMessage, Policy, QuietHours
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from crmkit import Delivery, Message
from tests.conftest import ENGINES, Scale, Templates
from tests.plugins.messaging.sending.conftest import SYSTEM, Base, fill, opened

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
WAYS = ("sms", "email")
PURPOSES = ("marketing", "newsletter", "service")
ABOUT_PERSON = ("complaint", "unsubscribed", "manual")


@define(eq=False)
class Person:
    """A customer as the oracle knows it."""

    id: UUID
    zone: str
    addresses: dict[str, list[str]]
    ledger: list[tuple[datetime, int, str, str, bool, datetime | None]] = field(factory=list)
    """When, its place in the order of recording, purpose, channel, granted, until when."""
    left: list[tuple[datetime, UUID, str, str]] = field(factory=list)
    """When what left, by which channel and for which purpose."""
    gone: bool = False


@define(eq=False)
class Ledger:
    """Everything that has happened, and the rules as they stand."""

    people: list[Person] = field(factory=list)
    suppressed: dict[str, str] = field(factory=dict)
    policies: dict[str, tuple[bool, bool, bool, bool]] = field(factory=dict)
    quiet: list[tuple[str, int, int]] = field(factory=list)
    caps: list[tuple[str, str, int, str, int]] = field(factory=list)
    sent: dict[UUID, tuple[Person, dict[str, Any]]] = field(factory=dict)

    def why_not(self, person: Person, wanted: dict[str, Any], identity: UUID, now: datetime) -> str:
        """Return why a message must not leave now, or nothing where it may."""
        needs_consent, keeps_quiet, capped, urgent_passes = self.policies[wanted["purpose"]]
        if person.gone:
            return "gone"
        addresses = person.addresses[wanted["channel"]]
        if not any(each not in self.suppressed for each in addresses):
            return "suppressed"
        if any(self.suppressed.get(each) in ABOUT_PERSON for each in addresses):
            return "suppressed"
        entries = [
            entry
            for entry in person.ledger
            if entry[2] == wanted["purpose"] and entry[3] in ("*", wanted["channel"]) and entry[0] <= now
        ]
        last = max(entries, key=lambda entry: entry[:2], default=None)
        if last is not None and not last[4]:
            return "withdrawn"
        if needs_consent and (last is None or (last[5] is not None and last[5] <= now)):
            return "no consent"
        if wanted.get("not_before") and now < wanted["not_before"]:
            return "too early"
        wall = now.astimezone(ZoneInfo(person.zone))
        if keeps_quiet and not (wanted["urgent"] and urgent_passes):
            minute = wall.hour * 60 + wall.minute
            for channel, start, end in self.quiet:
                inside = start <= minute < end if start < end else minute >= start or minute < end
                if channel in ("*", wanted["channel"]) and inside:
                    return "quiet"
        if capped:
            for cap in self.caps:
                if self._full(person, wanted, identity, cap, now):
                    return "capped"
        return ""

    def _full(
        self, person: Person, wanted: dict[str, Any], identity: UUID, cap: tuple[str, str, int, str, int], now: datetime
    ) -> bool:
        channel, purpose, number, per, hours = cap
        if channel not in ("*", wanted["channel"]) or purpose not in ("*", wanted["purpose"]):
            return False
        zone = ZoneInfo(person.zone)

        def mark(at: datetime) -> Any:
            day = at.astimezone(zone).date()
            return {"day": day, "week": day.isocalendar()[:2], "month": (day.year, day.month)}[per]

        def counts(entry: tuple[datetime, UUID, str, str]) -> bool:
            at, which, by, why = entry
            if which == identity or not self.policies[why][2]:
                return False
            fits = channel in ("*", by) and purpose in ("*", why)
            return fits and (at > now - timedelta(hours=hours) if per == "hours" else mark(at) == mark(now))

        return sum(counts(entry) for entry in person.left) >= number


class Histories(RuleBasedStateMachine):
    """What people and machines may do, in any order. ``base`` is set for each engine."""

    base: Base

    def __init__(self) -> None:
        super().__init__()
        self.known = Ledger()
        self.wrong: list[str] = []
        self.taken: Counter[UUID] = Counter()
        self.again: Counter[UUID] = Counter()
        self.order = 0

    # --- what there is at first ---------------------------------------------------------------------------------

    @initialize(zones=st.lists(st.sampled_from(ZONES), min_size=2, max_size=3), hour=st.integers(0, 23))
    def begin(self, zones: list[str], hour: int) -> None:
        """A few customers, and the rules of a new installation."""
        base = self.base
        base.time.now += timedelta(days=40 + hour, hours=hour)
        base.carrier.channels = WAYS
        with base.crm.session(SYSTEM) as session:
            rules = [
                *(("quiet_hours", each) for each in session.scalars(select(QuietHours.id))),
                *(("cap", each) for each in session.scalars(select(Cap.id))),
            ]
            left = session.scalars(select(OutgoingMessage.id).where(OutgoingMessage.state == "waiting")).all()
        for noun, identity in rules:
            base.crm.run(SYSTEM, f"messaging.{noun}.delete", target=identity)
        for identity in left:
            base.crm.run(SYSTEM, "messaging.message.cancel", target=identity)
        for purpose in PURPOSES:
            strict = purpose != "service"
            self.policy(purpose, needs_consent=strict, quiet=True, capped=strict, urgent_passes=not strict)
        self.night("*", 21, 8)
        for zone in zones:
            number = base.time.now.timestamp() + len(self.known.people)
            phone, mails = f"+86138{int(number) % 10**8:08}", [f"{number:.0f}-{each}@example.net" for each in range(2)]
            points = [{"kind": "phone", "value": phone}, *({"kind": "email", "value": each} for each in mails)]
            who = base.crm.run(SYSTEM, "customer.create", {"name": "X", "time_zone": zone, "contact_points": points}).id
            self.known.people.append(Person(id=who, zone=zone, addresses={"sms": [phone], "email": mails}))
        for place in range(len(zones)):
            self.say(place, "marketing", "*", granted=True, hours=None)
        self.add_cap("*", "*", 1, ("day", 0))

    # --- rules --------------------------------------------------------------------------------------------------

    def policy(self, purpose: str, **values: bool) -> None:
        """Change a policy."""
        with self.base.crm.session(SYSTEM) as session:
            target = session.scalars(select(Policy.id).where(Policy.purpose == purpose)).one()
        self.base.crm.run(SYSTEM, "messaging.policy.update", values, target=target)
        self.known.policies[purpose] = (
            values["needs_consent"],
            values["quiet"],
            values["capped"],
            values["urgent_passes"],
        )

    @rule(purpose=st.sampled_from(PURPOSES), flags=st.tuples(*[st.booleans()] * 4))
    def change_policy(self, purpose: str, flags: tuple[bool, bool, bool, bool]) -> None:
        """A purpose asks for something else."""
        names = ("needs_consent", "quiet", "capped", "urgent_passes")
        self.policy(purpose, **dict(zip(names, flags, strict=True)))

    @rule(channel=st.sampled_from(("*", *WAYS)), start=st.integers(0, 23), length=st.integers(1, 14))
    def add_night(self, channel: str, start: int, length: int) -> None:
        """More quiet hours."""
        if len(self.known.quiet) < 3:
            self.night(channel, start, (start + length) % 24)

    def night(self, channel: str, start: int, end: int) -> None:
        """Add quiet hours."""
        given = {"channel": channel, "hours": f"{start:02}:00-{end:02}:00"}
        self.base.crm.run(SYSTEM, "messaging.quiet_hours.create", given)
        self.known.quiet.append((channel, start * 60, end * 60))

    @rule(
        channel=st.sampled_from(("*", *WAYS)),
        purpose=st.sampled_from(("*", *PURPOSES)),
        number=st.integers(1, 2),
        per=st.sampled_from((("day", 0), ("week", 0), ("month", 0), ("hours", 7), ("hours", 30))),
    )
    def add_cap(self, channel: str, purpose: str, number: int, per: tuple[str, int]) -> None:
        """One more cap."""
        given = {"channel": channel, "purpose": purpose, "number": number, "per": per[0], "hours": per[1] or None}
        self.base.crm.run(SYSTEM, "messaging.cap.create", given)
        self.known.caps.append((channel, purpose, number, *per))

    # --- customers ----------------------------------------------------------------------------------------------

    @rule(
        who=st.integers(0, 2),
        purpose=st.sampled_from(PURPOSES),
        channel=st.sampled_from(("*", "*", *WAYS)),
        granted=st.sampled_from((True, True, True, False)),
        hours=st.sampled_from((None, None, 5, 50)),
    )
    def say(self, who: int, purpose: str, channel: str, granted: bool, hours: int | None) -> None:
        """Somebody agrees, for a while or for good, or withdraws."""
        person = self.person(who)
        if person is None:
            return
        now = self.base.time.now
        until = now + timedelta(hours=hours) if hours and granted else None
        given = {"purpose": purpose, "channel": channel, "granted": granted, "occurred_at": now, "expires_at": until}
        self.base.crm.run(SYSTEM, "consent.record", given, target=person.id)
        self.order += 1
        person.ledger.append((now, self.order, purpose, channel, granted, until))
        self.base.time.pass_(seconds=1)

    @rule(who=st.integers(0, 2), way=st.sampled_from(WAYS), reason=st.sampled_from(("hard_bounce", *ABOUT_PERSON)))
    def suppress(self, who: int, way: str, reason: str) -> None:
        """An address is to get nothing any more."""
        person = self.person(who)
        if person is None:
            return
        address = person.addresses[way][0]
        given = {"kind": "phone" if way == "sms" else "email", "address": address, "reason": reason}
        self.base.crm.run(SYSTEM, "messaging.suppression.add", given)
        before = self.known.suppressed.get(address)
        self.known.suppressed[address] = reason if before in (None, "hard_bounce") else before

    @rule(who=st.integers(0, 2), other=st.integers(0, 2))
    def merge(self, who: int, other: int) -> None:
        """Two turn out to be one."""
        one, two = self.person(who), self.person(other)
        if one is None or two is None or one is two:
            return
        self.base.crm.run(SYSTEM, "customer.merge", {"absorb": two.id}, target=one.id)
        for way in WAYS:
            one.addresses[way] += two.addresses[way]
        one.ledger += two.ledger
        one.left += two.left
        for identity, (person, wanted) in list(self.known.sent.items()):
            if person is two:
                self.known.sent[identity] = one, wanted
        self.known.people.remove(two)

    @rule(who=st.integers(0, 2), now=st.booleans())
    def delete(self, who: int, now: bool) -> None:
        """Somebody is deleted, now and then."""
        person = self.person(who)
        if person is not None and now and len(self.known.people) > 1:
            self.base.crm.run(SYSTEM, "customer.delete", target=person.id)
            person.gone = True

    def person(self, place: int) -> Person | None:
        """Return a customer who is there."""
        there = [each for each in self.known.people if not each.gone]
        return there[place % len(there)] if there else None

    # --- messages -----------------------------------------------------------------------------------------------

    @rule(
        who=st.integers(0, 2),
        purpose=st.sampled_from(PURPOSES),
        channel=st.sampled_from(WAYS),
        urgent=st.booleans(),
        wait=st.sampled_from((None, None, 3, 30)),
    )
    def send(self, who: int, purpose: str, channel: str, urgent: bool, wait: int | None) -> None:
        """A message is accepted."""
        person = self.person(who)
        if person is None:
            return
        when = None if wait is None else self.base.time.now + timedelta(hours=wait)
        wanted = {"purpose": purpose, "channel": channel, "urgent": urgent, "not_before": when}
        message = self.base.crm.run(
            SYSTEM, "messaging.send", {"customer_id": person.id, "subject": "S", "body": "x", **wanted}
        )
        self.known.sent[message.id] = person, wanted

    @rule(who=st.integers(0, 2), purpose=st.sampled_from(PURPOSES), channel=st.sampled_from(WAYS), urgent=st.booleans())
    def write_at_once(self, who: int, purpose: str, channel: str, urgent: bool) -> None:
        """A message is accepted, and everything that is due handed over."""
        self.send(who, purpose, channel, urgent, None)
        self.carry("accepted")

    @rule(minutes=st.one_of(st.integers(1, 180), st.integers(200, 3000)))
    def pass_time(self, minutes: int) -> None:
        """Time passes."""
        self.base.time.pass_(minutes=minutes)

    @rule(outcome=st.sampled_from(("accepted", "accepted", "accepted", "later", "refused", "broken")))
    def carry(self, outcome: str) -> None:
        """What is due is handed over, and the other side does something with it."""

        def answer(message: Message) -> Delivery:
            self.judge(message)
            if outcome == "broken":
                self.note_left(message)
                raise OSError("line broken")
            if outcome == "accepted":
                self.note_left(message)
            known: Any = outcome
            return Delivery(outcome=known)

        self.base.carrier.answers = answer
        for way in WAYS:
            dispatch(self.base.crm, SYSTEM, way)

    @rule()
    def look_again(self) -> None:
        """Somebody has what is uncertain, refused or failed sent again."""
        with self.base.crm.session(SYSTEM) as session:
            over = session.scalars(
                select(OutgoingMessage.id)
                .where(
                    OutgoingMessage.state.in_(["uncertain", "refused", "failed"]),
                    OutgoingMessage.id.in_(list(self.known.sent)),
                )
                .limit(2)
            ).all()
        for identity in over:
            self.again[identity] += 1
            self.base.crm.run(SYSTEM, "messaging.message.send_again", target=identity)

    # --- judging ------------------------------------------------------------------------------------------------

    def judge(self, message: Message) -> None:
        """Note what is wrong with a message that is just leaving."""
        person, wanted = self.known.sent[message.id]
        reason = self.known.why_not(person, wanted, message.id, self.base.time.now)
        if reason:
            self.wrong.append(f"{reason}: {wanted}")
        if message.address in self.known.suppressed or message.address not in person.addresses[wanted["channel"]]:
            self.wrong.append(f"went to {message.address}")

    def note_left(self, message: Message) -> None:
        """Note that a message has left, or may have."""
        person, wanted = self.known.sent[message.id]
        self.taken[message.id] += 1
        person.left = [entry for entry in person.left if entry[1] != message.id]
        person.left.append((self.base.time.now, message.id, wanted["channel"], wanted["purpose"]))

    @invariant()
    def nothing_has_left_wrongly(self) -> None:
        """Whatever has left might leave, and has left once, unless somebody has had it sent again."""
        assert self.wrong == []
        assert all(number <= 1 + self.again[identity] for identity, number in self.taken.items())

    @rule()
    def nothing_is_held_needlessly(self) -> None:
        """What still waits once everything that is due has left has a reason to."""
        self.carry("accepted")
        now = self.base.time.now
        with self.base.crm.session(SYSTEM) as session:
            waiting = session.execute(
                select(OutgoingMessage.id, OutgoingMessage.reason, OutgoingMessage.due_at).where(
                    OutgoingMessage.state == "waiting", OutgoingMessage.id.in_(list(self.known.sent))
                )
            ).all()
        for identity, reason, due_at in waiting:
            assert due_at > now
            if reason != "busy":
                assert self.known.why_not(*self.known.sent[identity], identity, now) != ""


@pytest.fixture(params=ENGINES)
def engine_base(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Base]:
    """A base with messaging, once for each engine."""
    url, _nothing = templates.copy_filled(request.param, tmp_path, fill)
    yield from opened(url)


def test_no_history_lets_a_message_out_that_must_stay(engine_base: Base, scale: Scale) -> None:
    """In any order of consents, withdrawals, suppressions, merges, deletions, rules that change, time that passes,
    carriers that take, refuse, ask for patience and break off."""

    class Here(Histories):
        base = engine_base

    sqlite = engine_base.crm.engines.dialect == "sqlite"
    examples = scale(small=15 if sqlite else 8, full=200)
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            derandomize=not scale.full,
            database=None,
            phases=[Phase.generate],  # each history goes on where the last one ended: none can be played again
            suppress_health_check=list(HealthCheck),
        ),
    )
