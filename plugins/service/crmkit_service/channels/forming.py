"""What visitors fill in: kept aside as it came, and put into a case afterwards, so that a visitor never touches a
customer and learns of none. What a machine sends is kept aside, and answered the same."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import attrs
from sqlalchemy import func, select

from crmkit import Actor, CrmSession, Input, InvalidInput, Problem, hmac_digest, operation, same, secret_of, texts
from crmkit.errors import TooManyAttempts
from crmkit_service.channels.deflecting import VISIT, note_sent
from crmkit_service.channels.events import IntakeReceived
from crmkit_service.channels.models import Intake, ServiceChannel
from crmkit_service.channels.words import FIELDS, REACHED_BY

_ = texts("crmkit_service")

TRAP = "website"
"""A field that people do not see: what fills it in is a machine."""
OPENED = "opened"
QUICKEST = timedelta(seconds=2)
"""Nobody fills in a form in less."""
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MOST_FILES = 5
LONGEST = {"text": 20_000, "email": 320, "phone": 100, "subject": 300}
USUAL_LENGTH = 200
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@attrs.frozen(kw_only=True)
class FormFile:
    """A file that came with a form, as it came."""

    filename: Annotated[str, Input(title=_("File name"), max_length=1000, classified="personal")]
    content: bytes = attrs.field(repr=False)


@operation(
    "service.form.answer", title=_("Fill in the form"), permission="service.form.answer", effect="create", hidden=True
)
def answer(
    session: CrmSession,
    channel: ServiceChannel,
    *,
    values: Annotated[Mapping[str, Any], Input(title=_("Answers"))],
    files: tuple[FormFile, ...] = (),
    language: Annotated[str, Input(title=_("Language"), max_length=12, classified="public")] = "en",
) -> None:
    """Keep what a visitor has filled in, with at most five files.

    Raises InvalidInput for what is missing or too long, TooManyAttempts for too much from one address.
    """
    key = (secret_of(channel, "secret") or "").encode()
    sender = hmac_digest(key, (session.actor.address or "").encode())[:12].hex() if session.actor.address else None
    now = session.gate.clock.now()
    if sender is not None and _lately(session, sender) >= channel.hourly:
        raise TooManyAttempts(seconds=int(HOUR.total_seconds()))
    said = _answers(session, channel, values, language)
    said["files"] = [[each.filename, base64.b64encode(each.content).decode()] for each in files[:MOST_FILES]]
    suspect = bool(str(values.get(TRAP) or "")) or not took_time(key, str(values.get(OPENED) or ""), now)
    intake = Intake(
        way="form",
        channel_id=channel.id,
        external_source=f"form:{channel.name}"[:60],
        received_at=session.gate.clock.business_now(),
        state="suspect" if suspect else "waiting",
        answers=said,
        sender=sender,
    )
    session.add(intake)
    session.flush()
    if not suspect:
        note_sent(session, channel, str(values.get(VISIT) or ""))
        session.emit(IntakeReceived(intake_id=intake.id))


def stamp(channel: ServiceChannel, now: datetime) -> str:
    """Return what shows when a form was handed out: seconds since 1970 and a signature."""
    key = (secret_of(channel, "secret") or "").encode()
    seconds = str(int(now.timestamp()))
    return f"{seconds}.{hmac_digest(key, seconds.encode())[:16].hex()}"


def took_time(key: bytes, said: str, now: datetime) -> bool:
    """Say whether a form was handed out by us, some seconds to a day ago."""
    seconds, _dot, signature = said.partition(".")
    if not seconds.isdigit() or len(seconds) > 12:
        return False
    if not same(hmac_digest(key, seconds.encode())[:16].hex().encode(), signature.encode()):
        return False
    return QUICKEST <= now - datetime.fromtimestamp(int(seconds), UTC) <= DAY


def _lately(session: CrmSession, sender: str) -> int:
    """Return how much came from an address within an hour. A visitor sees none of it."""
    since = session.gate.clock.business_now() - HOUR
    with session.crm.session(Actor.system("counting what comes from one address")) as whole:
        query = select(func.count(Intake.id)).where(Intake.sender == sender, Intake.received_at > since)
        return whole.scalar(query) or 0


def _answers(session: CrmSession, channel: ServiceChannel, values: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return what was answered. Raises InvalidInput."""
    said: dict[str, Any] = {}
    problems: list[Problem] = []

    def wrong(field: str, message: str, **more: Any) -> None:
        problems.append(Problem(InvalidInput.code, message, field=field, **more))

    for field, required in channel.fields:
        raw = str(values.get(field) or "")
        value = raw.strip() if field == "text" else " ".join(raw.split())
        most = LONGEST.get(field, USUAL_LENGTH)
        if not value:
            if required:
                wrong(field, _("Please answer this: {question}"), question=FIELDS[field])
            continue
        if len(value) > most:
            wrong(field, _("This is longer than {most} characters."), most=most)
        elif field == "email" and not _EMAIL.fullmatch(value):
            wrong(field, _("This is no e-mail address."))
        elif field == "phone" and sum(sign.isdigit() for sign in value) < 5:
            wrong(field, _("This is no telephone number."))
        said[field] = value
    if not problems and not any(said.get(field) for field in REACHED_BY):
        wrong("email", _("Please say how we can reach you."))
    if problems:
        raise InvalidInput(problems)
    agreed: Sequence[str] = values.get("consent") or ()
    said["consents"] = [each for each in channel.purposes if each in agreed]
    said["language"] = language
    shown: Any = channel.texts.get(language) or {}
    said["evidence"] = str(shown.get("consent") or "")
    return said


OPERATIONS = [answer]
