"""Mails that come in: each becomes a case, goes into one, or is left, with the reason.

Plugin messaging takes mails in; it is heard by the name of its event, and never imported. What a machine wrote, a
server reports, or was marked as spam opens no case and is not answered.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Input, Interaction, Refused, Subscription, operation, texts
from crmkit.i18n import translate
from crmkit_service.cases.history import note
from crmkit_service.cases.models import Case, CaseType
from crmkit_service.cases.teams import team_of_queue
from crmkit_service.channels.codes import plain_subject
from crmkit_service.channels.events import IntakeSettled
from crmkit_service.channels.finding import MOST_IN_AN_HOUR, case_of_mail, is_known_for_spam, lately
from crmkit_service.channels.models import Intake, ServiceChannel
from crmkit_service.channels.queues import name_of_queue
from crmkit_service.channels.writing import NO_SUBJECT

_ = texts("crmkit_service")

SOURCE = "mail"
Plain = Annotated[str, Input(max_length=200, classified="internal")]


@operation("service.mail.take", title=_("Take a mail in"), permission="service.case.receive", effect="create",
           hidden=True)  # fmt: skip
def take_mail(
    session: CrmSession,
    *,
    interaction_id: Annotated[UUID, Input(title=_("Interaction"), classified="internal")],
    mailbox: Plain,
    kind: Plain = "mail",
    automatic: Annotated[bool, Input(classified="internal")] = False,
) -> Intake | None:
    """Put a mail that plugin messaging has taken in into a case, or keep why it went into none; once, however often it
    is asked for. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    channel = session.scalar(select(ServiceChannel).where(ServiceChannel.mailbox == mailbox))
    interaction = session.get(Interaction, interaction_id)
    if channel is None or interaction is None:
        return None
    intake = session.scalar(select(Intake).where(Intake.interaction_id == interaction_id).with_for_update())
    if intake is None:
        intake = Intake(
            way="mail",
            channel_id=channel.id,
            interaction_id=interaction.id,
            external_source=SOURCE,
            external_id=str(interaction.id),
            received_at=session.gate.clock.business_now(),
            state="waiting",
        )
        session.add(intake)
        session.flush()
    if intake.state in ("settled", "left"):
        return intake
    intake.customer_id = interaction.customer_id
    _settle(session, intake, interaction, channel, kind=kind, automatic=automatic)
    return intake


def _settle(
    session: CrmSession,
    intake: Intake,
    interaction: Interaction,
    channel: ServiceChannel,
    *,
    kind: str,
    automatic: bool,
) -> None:
    if kind in ("bounce", "complaint", "receipt"):
        _leave(intake, "report")
        return
    if interaction.customer_id is None:
        # Somebody says who it was, or nobody ever does: a machine nobody knows needs no case.
        intake.reason = "unknown"
        if automatic:
            _leave(intake, "automatic")
        return
    subject = interaction.subject if type(interaction.subject) is str else ""
    about = case_of_mail(session, interaction.thread, subject)
    own = about is not None and about.customer_id == interaction.customer_id
    if _is_spam(interaction):
        _leave(intake, "spam")
    elif automatic:
        # What a machine answers in a case stands there, and changes nothing.
        if own and about is not None:
            given = {"interaction_id": interaction.id, "channel": "mail", "automatic": True}
            intake.case_id = session.run("service.case.receive", given, target=about).id
        _leave(intake, "automatic")
    elif own and about is not None:
        given = {"interaction_id": interaction.id, "channel": "mail", "subject": plain_subject(subject) or None}
        case = session.run("service.case.receive", given, target=about)
        settled(session, intake, case, opened=case.id != about.id)
    elif not channel.active:
        _leave(intake, "inactive")
    elif lately(session, interaction.customer_id, "mail") > MOST_IN_AN_HOUR:
        _leave(intake, "loop")
    elif is_known_for_spam(session, interaction.customer_id):
        _leave(intake, "spam")
    else:
        _open(session, intake, interaction, channel, plain_subject(subject), about)


def _open(
    session: CrmSession,
    intake: Intake,
    interaction: Interaction,
    channel: ServiceChannel,
    subject: str,
    about: Case | None,
) -> None:
    language = session.crm.config.get(session).language
    case = session.run(
        "service.case.create",
        {
            "customer_id": interaction.customer_id,
            "subject": (subject or translate(NO_SUBJECT, channel.language or language))[:300],
            "interaction_id": interaction.id,
            "channel": "mail",
            **shared(session, channel),
        },
    )
    if about is not None:
        # Somebody else has answered what was sent to a customer: both cases say so, neither shows the other.
        note(session, about, "linked", after=f"answered_by {case.number}")
        note(session, case, "linked", after=f"answers {about.number}")
    settled(session, intake, case, opened=True)


def shared(session: CrmSession, channel: ServiceChannel) -> dict[str, Any]:
    """Return what the cases of a channel have in common, as opening one takes it."""
    kind = session.get(CaseType, channel.type_id) if channel.type_id is not None else None
    return {
        "type": kind.name if kind is not None and kind.active else None,
        "queue": name_of_queue(session, channel.queue_id),
        "team_id": team_of_queue(session, channel.queue_id) or channel.team_id,
        "language": channel.language,
    }


def settled(session: CrmSession, intake: Intake, case: Case, *, opened: bool) -> None:
    """Keep in which case something is that came in, and tell of it."""
    intake.state, intake.reason, intake.problem, intake.answers = "settled", None, None, None
    intake.case_id, intake.customer_id = case.id, case.customer_id
    session.flush()
    session.emit(
        IntakeSettled(intake_id=intake.id, case_id=case.id, customer_id=case.customer_id, way=intake.way, opened=opened)
    )


def _leave(intake: Intake, reason: str) -> None:
    intake.state, intake.reason = "left", reason


def _is_spam(interaction: Interaction) -> bool:
    headers: Any = interaction.payload.get("headers")
    said = headers.get("x-spam-flag") if isinstance(headers, dict) else None
    return isinstance(said, str) and said.strip().lower() == "yes"


def mail_received(session: CrmSession, event: Any) -> None:
    """Take in a mail that came into a mailbox."""
    session.run(
        "service.mail.take",
        {
            "interaction_id": event.interaction_id,
            "mailbox": event.mailbox,
            "kind": event.kind,
            "automatic": event.automatic,
        },
    )


def is_ours(session: CrmSession, event: Any) -> bool:
    """Say whether a mailbox is one of service."""
    return session.scalar(select(ServiceChannel.id).where(ServiceChannel.mailbox == event.mailbox)) is not None


def sender_named(session: CrmSession, event: Any) -> None:
    """Take in a mail again once somebody has said who sent it."""
    intake = session.scalar(select(Intake).where(Intake.interaction_id == event.interaction_id))
    channel = session.get(ServiceChannel, intake.channel_id) if intake is not None and intake.channel_id else None
    if channel is not None and channel.mailbox:
        given = {"interaction_id": event.interaction_id, "mailbox": channel.mailbox}
        session.run("service.mail.take", given)


def waits(session: CrmSession, event: Any) -> bool:
    """Say whether an interaction is a mail that waits for its sender to be known."""
    query = select(Intake.id).where(Intake.interaction_id == event.interaction_id, Intake.state == "waiting")
    return session.scalar(query) is not None


OPERATIONS = [take_mail]
SUBSCRIPTIONS = [
    Subscription(name="service.mail_received", event="messaging.mail.received", handler=mail_received, wanted=is_ours),
    Subscription(name="service.sender_named", event="interaction.resolved", handler=sender_named, wanted=waits),
]
