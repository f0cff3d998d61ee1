"""Changing the rules by which messages leave: policies, quiet hours, caps and throttles."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import attrs
from sqlalchemy import select, update

from crmkit import (
    UNSET,
    CrmSession,
    Input,
    InvalidInput,
    Problem,
    UnsetType,
    given,
    operation,
    texts,
)
from crmkit.errors import AlreadyExists
from crmkit_messaging.sending.models import Cap, OutgoingMessage, Policy, QuietHours, Throttle
from crmkit_messaging.sending.quiet import parse_quiet, written
from crmkit_messaging.sending.waking import wake
from crmkit_messaging.sending.words import DAYS, EVERY, PER, day_numbers

_ = texts("crmkit_messaging")

MANAGE = "messaging.policy.manage"

Purpose = Annotated[str, Input(title=_("Purpose"), max_length=60, options="consent_purpose", classified="public")]
CapPurpose = Annotated[
    str, Input(title=_("Purpose"), max_length=60, classified="public", help=_("* for all that are capped."))
]
Needs = Annotated[bool, Input(title=_("Needs consent"), classified="public")]
KeepsQuiet = Annotated[bool, Input(title=_("Keeps quiet hours"), classified="public")]
IsCapped = Annotated[bool, Input(title=_("Is capped"), classified="public")]
Passes = Annotated[bool, Input(title=_("What is urgent leaves in quiet hours"), classified="public")]
Channel = Annotated[str, Input(title=_("Channel"), max_length=30, classified="public", help=_("* for every channel."))]
Hours = Annotated[
    str,
    Input(title=_("Hours"), max_length=30, classified="public", help=_("Such as 21:00-08:00, in the customer's zone.")),
]
Days = Annotated[
    tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...],
    Input(
        title=_("Days"),
        max_length=7,
        classified="public",
        choices=DAYS,
        help=_("On which they begin; all where none is given."),
    ),
]
Number = Annotated[int, Input(title=_("At most"), minimum=0, maximum=1_000_000, classified="public")]
Rate = Annotated[int, Input(title=_("At most"), minimum=1, maximum=1_000_000, classified="public")]
Seconds = Annotated[int, Input(title=_("In seconds"), minimum=1, maximum=86_400, classified="public")]
Per = Annotated[
    Literal["day", "week", "month", "hours"], Input(title=_("Counted over"), choices=PER, classified="public")
]
Length = Annotated[int | None, Input(title=_("Hours"), minimum=1, maximum=8_760, classified="public")]
MailboxName = Annotated[str, Input(title=_("Mailbox"), max_length=60, classified="public")]


# --- policies ---------------------------------------------------------------------------------------------------------


@operation("messaging.policy.create", title=_("Add a policy"), permission=MANAGE, effect="create")
def create_policy(
    session: CrmSession,
    *,
    purpose: Purpose,
    needs_consent: Needs = True,
    quiet: KeepsQuiet = True,
    capped: IsCapped = True,
    urgent_passes: Passes = False,
) -> Policy:
    """Say what a purpose asks of each message. Raises AlreadyExists for a purpose that has a policy."""
    if not purpose.strip():
        raise _refused("purpose", _("This cannot be empty."), purpose)
    if session.scalar(select(Policy.id).where(Policy.purpose == purpose)) is not None:
        raise AlreadyExists(_('The purpose "{purpose}" has a policy.'), purpose=purpose)
    made = Policy(purpose=purpose, needs_consent=needs_consent, quiet=quiet, capped=capped, urgent_passes=urgent_passes)
    session.add(made)
    _look_again(session)
    return made


@attrs.frozen(kw_only=True)
class PolicyUpdate:
    """What to change of a policy; what is not given stays."""

    needs_consent: Needs | UnsetType = UNSET
    quiet: KeepsQuiet | UnsetType = UNSET
    capped: IsCapped | UnsetType = UNSET
    urgent_passes: Passes | UnsetType = UNSET


@operation("messaging.policy.update", title=_("Change the policy"), permission=MANAGE, effect="update")
def update_policy(session: CrmSession, policy: Policy, changes: PolicyUpdate) -> Policy:
    """Change what a purpose asks; it holds for messages that wait, too."""
    return _changed(session, policy, given(changes))


@operation("messaging.policy.delete", title=_("Remove the policy"), permission=MANAGE, effect="delete")
def delete_policy(session: CrmSession, policy: Policy) -> None:
    """Remove a policy. The purpose then asks for everything: consent, quiet hours and caps."""
    session.delete(policy)
    _look_again(session)


# --- quiet hours ------------------------------------------------------------------------------------------------------


@operation("messaging.quiet_hours.create", title=_("Add quiet hours"), permission=MANAGE, effect="create")
def create_quiet_hours(session: CrmSession, *, hours: Hours, channel: Channel = EVERY, days: Days = ()) -> QuietHours:
    """Let nothing leave by a channel in some hours of the customer's day. Raises InvalidInput."""
    _check_channel(session, channel)
    made = QuietHours(channel=channel, **_hours(hours, days))
    session.add(made)
    _look_again(session)
    return made


@attrs.frozen(kw_only=True)
class QuietHoursUpdate:
    """What to change of quiet hours; what is not given stays."""

    hours: Hours | UnsetType = UNSET
    channel: Channel | UnsetType = UNSET
    days: Days | UnsetType = UNSET


@operation("messaging.quiet_hours.update", title=_("Change the quiet hours"), permission=MANAGE, effect="update")
def update_quiet_hours(session: CrmSession, quiet: QuietHours, changes: QuietHoursUpdate) -> QuietHours:
    """Change quiet hours; it holds for messages that wait, too. Raises InvalidInput."""
    values = given(changes)
    if "channel" in values:
        _check_channel(session, values["channel"])
    values.update(_hours(values.get("hours", quiet.hours), values.get("days", quiet.days)))
    return _changed(session, quiet, values)


@operation("messaging.quiet_hours.delete", title=_("Remove the quiet hours"), permission=MANAGE, effect="delete")
def delete_quiet_hours(session: CrmSession, quiet: QuietHours) -> None:
    """Remove quiet hours. What they hold is looked at anew."""
    session.delete(quiet)
    _look_again(session)


def _hours(hours: str, days: Any) -> dict[str, Any]:
    parsed = parse_quiet(hours, day_numbers(days))
    return {"hours": written(parsed), "days": [day for day in DAYS if day in days]}


# --- caps and throttles -----------------------------------------------------------------------------------------------


@operation("messaging.cap.create", title=_("Add a cap"), permission=MANAGE, effect="create")
def create_cap(
    session: CrmSession,
    *,
    number: Number,
    per: Per,
    channel: Channel = EVERY,
    purpose: CapPurpose = EVERY,
    hours: Length = None,
) -> Cap:
    """Say how many messages a customer gets at most. Raises InvalidInput."""
    _check_channel(session, channel)
    _check_length(per, hours)
    made = Cap(channel=channel, purpose=purpose or EVERY, number=number, per=per, hours=hours)
    session.add(made)
    _look_again(session)
    return made


@attrs.frozen(kw_only=True)
class CapUpdate:
    """What to change of a cap; what is not given stays."""

    number: Number | UnsetType = UNSET
    per: Per | UnsetType = UNSET
    channel: Channel | UnsetType = UNSET
    purpose: CapPurpose | UnsetType = UNSET
    hours: Annotated[int | UnsetType | None, Input(title=_("Hours"), minimum=1, maximum=8_760, classified="public")] = (
        UNSET
    )


@operation("messaging.cap.update", title=_("Change the cap"), permission=MANAGE, effect="update")
def update_cap(session: CrmSession, cap: Cap, changes: CapUpdate) -> Cap:
    """Change a cap; it holds for messages that wait, too. Raises InvalidInput."""
    values = given(changes)
    if "channel" in values:
        _check_channel(session, values["channel"])
    if values.get("per", cap.per) != "hours":
        values["hours"] = None
    _check_length(values.get("per", cap.per), values.get("hours", cap.hours))
    return _changed(session, cap, values)


@operation("messaging.cap.delete", title=_("Remove the cap"), permission=MANAGE, effect="delete")
def delete_cap(session: CrmSession, cap: Cap) -> None:
    """Remove a cap. What it holds is looked at anew."""
    session.delete(cap)
    _look_again(session)


def _check_length(per: str, hours: int | None) -> None:
    if per == "hours" and hours is None:
        raise _refused("hours", _("Say over how many hours."), None)
    if per != "hours" and hours is not None:
        raise _refused("hours", _("Only a cap over hours has a number of them."), hours)


@operation("messaging.throttle.create", title=_("Add a throttle"), permission=MANAGE, effect="create")
def create_throttle(
    session: CrmSession, *, channel: Channel, number: Rate, seconds: Seconds, mailbox: MailboxName = ""
) -> Throttle:
    """Say how many messages leave at most by a channel, or by a mailbox of it, in some seconds. Raises InvalidInput,
    AlreadyExists."""
    _check_channel(session, channel, every=False)
    same = select(Throttle.id).where(Throttle.channel == channel, Throttle.mailbox == mailbox)
    if session.scalar(same) is not None:
        raise AlreadyExists(_("There is a throttle for this already."))
    made = Throttle(channel=channel, mailbox=mailbox, number=number, seconds=seconds)
    session.add(made)
    return made


@attrs.frozen(kw_only=True)
class ThrottleUpdate:
    """What to change of a throttle; what is not given stays."""

    number: Rate | UnsetType = UNSET
    seconds: Seconds | UnsetType = UNSET


@operation("messaging.throttle.update", title=_("Change the throttle"), permission=MANAGE, effect="update")
def update_throttle(session: CrmSession, throttle: Throttle, changes: ThrottleUpdate) -> Throttle:
    """Change how many messages leave at most."""
    for name, value in given(changes).items():
        setattr(throttle, name, value)
    return throttle


@operation("messaging.throttle.delete", title=_("Remove the throttle"), permission=MANAGE, effect="delete")
def delete_throttle(session: CrmSession, throttle: Throttle) -> None:
    """Let messages leave as fast as they can."""
    session.delete(throttle)


def _changed(session: CrmSession, record: Any, values: dict[str, Any]) -> Any:
    for name, value in values.items():
        setattr(record, name, value)
    _look_again(session)
    return record


def _look_again(session: CrmSession) -> None:
    """Have what is held by quiet hours and caps looked at anew, as they are others now."""
    session.flush()
    held = (OutgoingMessage.state == "waiting", OutgoingMessage.reason.in_(["quiet_hours", "capped"]))
    for channel, mailbox in session.execute(
        select(OutgoingMessage.channel, OutgoingMessage.mailbox).where(*held).distinct()
    ).all():
        wake(session, channel, mailbox)
    session.execute(
        update(OutgoingMessage)
        .where(*held)
        .values(due_at=session.gate.clock.now())
        .execution_options(synchronize_session=False)
    )


def _check_channel(session: CrmSession, channel: str, *, every: bool = True) -> None:
    if not (every and channel == EVERY) and channel not in session.gate.registry.tables["channel"]:
        raise _refused("channel", _("There is no such channel."), channel)


def _refused(name: str, message: Any, value: object) -> InvalidInput:
    return InvalidInput([Problem(InvalidInput.code, message, field=name, value=value)])


OPERATIONS = [
    create_policy,
    update_policy,
    delete_policy,
    create_quiet_hours,
    update_quiet_hours,
    delete_quiet_hours,
    create_cap,
    update_cap,
    delete_cap,
    create_throttle,
    update_throttle,
    delete_throttle,
]
