"""Making distributions, and having them begin, pause and end. Must not choose or ask anybody."""

from __future__ import annotations

import re

import attrs
from sqlalchemy import select, update as changing

from crmkit import CrmkitError, CrmSession, InvalidInput, Problem, catalogue_of, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_feedback.asking import inputs
from crmkit_feedback.asking.errors import CannotSend, DistributionInState
from crmkit_feedback.asking.events import DistributionMoved
from crmkit_feedback.asking.models import Distribution, Invitation
from crmkit_feedback.surveys.choosing import survey_named, version_of
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

MANAGE = "feedback.distribution.manage"
SEND = "messaging.send"
LISTENING = "crmkit_feedback.listening"
"""Under this name a session remembers for which events distributions wait."""
CHANNELS = {"mail": "email", "sms": "sms"}
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}")


def can_send(session: CrmSession) -> bool:
    """Say whether messages with a link can be sent at all."""
    return SEND in session.gate.registry.operations and bool(session.crm.settings.public_url)


@operation("feedback.distribution.create", title=_("Have a survey ask"), permission=MANAGE, effect="create")
def create(
    session: CrmSession,
    *,
    name: inputs.Name,
    survey: inputs.SurveyName,
    title: inputs.Title = "",
    way: inputs.Way = "mail",
    segment: inputs.Segment = "",
    condition: inputs.Condition = "",
    event: inputs.Event = "",
    delay_hours: inputs.DelayHours = 0,
    sample_percent: inputs.SamplePercent = 100,
    quotas: inputs.Quotas = (),
    rules: inputs.Rules = (),
    reminders: inputs.Reminders = (),
    expires_days: inputs.ExpiresDays = 21,
    purpose: inputs.ConsentPurpose = "service",
    template: inputs.Template = None,
    touchpoint: inputs.Touchpoint = None,
    starts_at: inputs.StartsAt = None,
) -> Distribution:
    """Add a distribution as a draft: whom a survey asks, when and by what way.

    Raises NotFound for an unknown survey, AlreadyExists for a name that is taken, InvalidInput for conditions that
    cannot be used, an event that there is not, reminders that do not follow each other, and quotas of an anonymous
    survey, of which nobody knows who answered.
    """
    if not _NAME.fullmatch(name):
        text = _("A name has small letters, digits, - and _, and begins with a letter.")
        raise InvalidInput([Problem(InvalidInput.code, text, field="name")])
    of = survey_named(session, survey)
    if session.scalar(select(Distribution.id).where(Distribution.name == name)) is not None:
        raise AlreadyExists(_('There is a distribution "{name}" already.'), name=name)
    made = Distribution(
        name=name,
        title=title.strip() or of.title,
        survey_id=of.id,
        state="draft",
        way=way,
        segment=segment.strip() or None,
        condition=condition.strip() or None,
        event=event.strip() or None,
        delay_hours=delay_hours,
        sample_percent=sample_percent,
        quotas=[attrs.asdict(each) for each in quotas],
        rules=_texts(rules),
        reminders=list(reminders),
        expires_days=expires_days,
        purpose=purpose,
        template=template,
        touchpoint=touchpoint,
        starts_at=starts_at,
    )
    check(session, made, of)
    session.add(made)
    return made


@operation("feedback.distribution.update", title=_("Change"), permission=MANAGE, effect="update")
def update(session: CrmSession, distribution: Distribution, changes: inputs.DistributionUpdate) -> Distribution:
    """Change a distribution that is a draft or paused; what was planned stays. Raises DistributionInState, and what
    creating does."""
    _require(distribution, "draft", "paused")
    for key, value in given(changes).items():
        if key == "quotas":
            value = [attrs.asdict(each) if attrs.has(type(each)) else dict(each) for each in value]
        elif key == "rules":
            value = _texts(value)
        elif key == "reminders":
            value = list(value)
        elif key in ("segment", "condition", "event"):
            value = value.strip() or None
        setattr(distribution, key, value)
    check(session, distribution, session.get_one(Survey, distribution.survey_id))
    return distribution


def _texts(rules: tuple[str, ...]) -> list[str]:
    return [each.strip() for each in rules if each.strip()]


def check(session: CrmSession, distribution: Distribution, survey: Survey) -> None:
    """Raise InvalidInput for what a distribution says that cannot be."""
    problems: list[Problem] = []

    def condition(text: str, place: str) -> None:
        try:
            catalogue_of(session).checked(text)
        except CrmkitError as error:
            message = _("This condition cannot be used: {reason}")
            problems.append(Problem(InvalidInput.code, message, field=place, reason=error.render()))

    if distribution.segment:
        condition(f"segment.{distribution.segment}", "segment")
    if distribution.condition:
        condition(distribution.condition, "condition")
    for place, each in enumerate(distribution.rules):
        condition(str(each), f"rules.{place}")
    for place, cell in enumerate(distribution.quotas):
        if cell["when"].strip():
            condition(cell["when"], f"quotas.{place}.when")
    if distribution.quotas and survey.anonymous:
        text = _("An anonymous survey has no quotas: nobody knows who answered.")
        problems.append(Problem(InvalidInput.code, text, field="quotas"))
    if survey.anonymous and distribution.way == "phone":
        text = _("An anonymous survey cannot be asked by telephone: whoever calls knows who answers.")
        problems.append(Problem(InvalidInput.code, text, field="way"))
    if distribution.event and distribution.event.partition(":")[0] not in session.gate.registry.events:
        text = _('There is no event "{name}".')
        problems.append(Problem(InvalidInput.code, text, field="event", name=distribution.event))
    days = list(distribution.reminders)
    if days != sorted(set(days)) or any(each < 1 or each >= distribution.expires_days for each in days):
        text = _("Reminders follow each other, from the first day on and before it expires.")
        problems.append(Problem(InvalidInput.code, text, field="reminders"))
    if problems:
        raise InvalidInput(problems)


@operation("feedback.distribution.start", title=_("Begin"), permission=MANAGE, effect="update")
def start(session: CrmSession, distribution: Distribution) -> Distribution:
    """Begin: whom it asks is planned and asked by a worker, not before ``starts_at``. Raises DistributionInState,
    SurveyNotOpen, CannotSend where messages cannot be sent, and what creating does."""
    _require(distribution, "draft")
    survey = session.get_one(Survey, distribution.survey_id)
    version_of(session, survey)
    check(session, distribution, survey)
    if distribution.way in CHANNELS and not can_send(session):
        raise CannotSend
    distribution.started_at = session.gate.clock.business_now()
    return _move(session, distribution, "running")


@operation("feedback.distribution.pause", title=_("Pause"), permission=MANAGE, effect="update")
def pause(session: CrmSession, distribution: Distribution) -> Distribution:
    """Ask and remind nobody until it goes on; what was sent can be answered. Raises DistributionInState."""
    _require(distribution, "running")
    return _move(session, distribution, "paused")


@operation("feedback.distribution.resume", title=_("Go on"), permission=MANAGE, effect="update")
def resume(session: CrmSession, distribution: Distribution) -> Distribution:
    """Go on asking. Raises DistributionInState, SurveyNotOpen."""
    _require(distribution, "paused")
    version_of(session, session.get_one(Survey, distribution.survey_id))
    return _move(session, distribution, "running")


@operation("feedback.distribution.end", title=_("End"), permission=MANAGE, effect="update")
def end(session: CrmSession, distribution: Distribution) -> Distribution:
    """Ask nobody any more: who was only planned is not asked. Raises DistributionInState."""
    _require(distribution, "draft", "running", "paused")
    distribution.ended_at = session.gate.clock.business_now()
    dropped = drop_planned(session, distribution)
    # Whom whoever ends it does not see is dropped by a worker.
    session.defer("feedback.ask_now")
    return _move(session, distribution, "ended", dropped=dropped)


def drop_planned(session: CrmSession, distribution: Distribution) -> int:
    """Ask nobody who was only planned, within an operation, by one statement however many they are; return how many."""
    session.flush()
    done = session.execute(
        changing(Invitation)
        .where(Invitation.distribution_id == distribution.id, Invitation.state == "planned")
        .values(state="expired", version=Invitation.version + 1, updated_at=session.gate.clock.now())
        .execution_options(synchronize_session=False)
    )
    for each in list(session.identity_map.values()):
        if isinstance(each, Invitation):
            session.expire(each)
    return max(int(getattr(done, "rowcount", 0)), 0)


def _require(distribution: Distribution, *states: str) -> None:
    if distribution.state not in states:
        raise DistributionInState(distribution.name, distribution.state)


def _move(session: CrmSession, distribution: Distribution, state: str, *, dropped: int = 0) -> Distribution:
    before, distribution.state = distribution.state, state
    session.info.pop(LISTENING, None)
    session.emit(
        DistributionMoved(
            distribution_id=distribution.id,
            survey_id=distribution.survey_id,
            from_state=before,
            to_state=state,
            dropped=dropped,
        )
    )
    if state == "running":
        session.defer("feedback.ask_now")
    return distribution


OPERATIONS = [create, update, start, pause, resume, end]
