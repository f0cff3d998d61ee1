"""Responses that come many at once, from files, from other systems and from interactions, written set by set.

What is given beside the score is an answer where the survey has such a question, and an attribute where it has not.
Must not know where it came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

import attrs
from sqlalchemy import insert, select

from crmkit import CrmkitError, CrmSession, Customer, Input, InvalidInput, Problem, new_id, texts
from crmkit_feedback.answering.ballots import blind
from crmkit_feedback.answering.bands import RANGES, band_of, guessed
from crmkit_feedback.answering.events import ResponseKept, ResponsesCollected
from crmkit_feedback.answering.keeping import NOBODY, day_of
from crmkit_feedback.answering.models import SurveyAnswer, SurveyResponse
from crmkit_feedback.answering.words import CHANNELS
from crmkit_feedback.surveys.answers import Given, metric_of, read, score_of
from crmkit_feedback.surveys.choosing import content_of_version
from crmkit_feedback.surveys.content import Content
from crmkit_feedback.surveys.models import Survey, SurveyVersion
from crmkit_feedback.surveys.words import METRICS

_ = texts("crmkit_feedback")

CHUNK = 500
EVENT = 1000
LATELY = timedelta(days=7)
"""Answers that are older are of the past: they are counted, and nobody is told of them one by one."""


@attrs.frozen(kw_only=True)
class PastResponse:
    """A response as it was given elsewhere: at ``answered_at`` (UTC), with the ``score`` by what the survey measures
    (``metric``, where the survey is not known yet), and ``answers`` by the keys of questions; what is no question is an
    attribute. With ``external_source`` and ``external_id``, or with ``interaction_id``, it is kept once."""

    survey: Annotated[str, Input(title=_("Survey"), max_length=60, classified="internal")]
    score: Annotated[int | None, Input(title=_("Score"), classified="internal")] = None
    metric: Annotated[str | None, Input(title=_("Measures"), max_length=4, classified="internal")] = None
    answered_at: Annotated[datetime | None, Input(title=_("Answered at"), classified="internal")] = None
    customer_id: Annotated[UUID | None, Input(title=_("Customer"), classified="internal", resource="customer")] = None
    comment: Annotated[str | None, Input(title=_("Comment"), max_length=8000, multiline=True)] = None
    answers: Annotated[Mapping[str, Any], Input(title=_("Answers"))] = attrs.Factory(dict[str, Any])
    channel: Annotated[str | None, Input(title=_("Channel"), max_length=8, classified="internal")] = None
    language: Annotated[str | None, Input(title=_("Language"), max_length=12, classified="internal")] = None
    touchpoint: Annotated[str | None, Input(title=_("Touchpoint"), max_length=80, classified="internal")] = None
    external_source: Annotated[str | None, Input(title=_("System"), max_length=60, classified="internal")] = None
    external_id: Annotated[str | None, Input(title=_("External id"), max_length=200, classified="internal")] = None
    interaction_id: Annotated[UUID | None, Input(title=_("Interaction"), classified="internal")] = None


@attrs.frozen(kw_only=True)
class Kept:
    """What became of one response: ``duplicate`` says that it was kept before."""

    id: UUID
    survey_id: UUID
    duplicate: bool = False


def keep_many(session: CrmSession, items: Sequence[PastResponse], channel: str = "import") -> list[Kept | CrmkitError]:
    """Keep responses within an operation, and return what became of each, or the error for which it was refused.

    A survey that there is not is added as one that was imported.
    """
    writer = _Writer(session, channel)
    writer.look_up(items)
    answers: list[Kept | CrmkitError] = []
    for item in items:
        try:
            answers.append(writer.take(item))
        except CrmkitError as error:
            answers.append(error)
    writer.write()
    return answers


class _Writer:
    """One batch on its way to rows."""

    def __init__(self, session: CrmSession, channel: str) -> None:
        self.session = session
        self.channel = channel
        self.now = session.gate.clock.business_now()
        self.recorded = session.gate.clock.now()
        self.surveys: dict[str, Survey] = {}
        self.contents: dict[UUID, Content | None] = {}
        self.owners: dict[UUID, tuple[UUID | None, UUID | None]] = {}
        self.known: dict[tuple[UUID, str, str], UUID] = {}
        self.by_interaction: dict[UUID, UUID] = {}
        self.rows: list[dict[str, Any]] = []
        self.plain: list[dict[str, Any]] = []
        self.sealed: list[SurveyAnswer] = []
        self.fresh: list[tuple[Survey, dict[str, Any]]] = []

    # --- what is there already ---

    def look_up(self, items: Sequence[PastResponse]) -> None:
        """Find surveys, customers, and what was kept before."""
        session = self.session
        names = sorted({each.survey.strip() for each in items if each.survey.strip()})
        for part in _parts(names):
            self.surveys.update(
                (each.name, each) for each in session.scalars(select(Survey).where(Survey.name.in_(part)))
            )
        for name in names:
            if name not in self.surveys:
                self.surveys[name] = self._add(name, [each for each in items if each.survey.strip() == name])
        session.flush()
        for survey in self.surveys.values():
            version = None if survey.version_id is None else session.get(SurveyVersion, survey.version_id)
            self.contents[survey.id] = None if version is None else content_of_version(version)
        for part in _parts(sorted({each.customer_id for each in items if each.customer_id is not None})):
            query = select(Customer.id, Customer.owner_id, Customer.team_id).where(
                Customer.id.in_(part), Customer.deleted_at.is_(None)
            )
            self.owners.update((row.id, (row.owner_id, row.team_id)) for row in session.execute(query))
        self._known(items)

    def _known(self, items: Sequence[PastResponse]) -> None:
        external = {key[2] for each in items if (key := self._key(each)) is not None}
        for part in _parts(sorted(external)):
            query = select(
                SurveyResponse.id, SurveyResponse.survey_id, SurveyResponse.source, SurveyResponse.external_id
            ).where(SurveyResponse.external_id.in_(part))
            for row in self.session.execute(query):
                self.known[row.survey_id, row.source or "", row.external_id or ""] = row.id
        for part in _parts(sorted({each.interaction_id for each in items if each.interaction_id is not None})):
            found = select(SurveyResponse.interaction_id, SurveyResponse.id).where(
                SurveyResponse.interaction_id.in_(part)
            )
            self.by_interaction.update((row[0], row[1]) for row in self.session.execute(found) if row[0] is not None)

    def _key(self, item: PastResponse) -> tuple[UUID, str, str] | None:
        """Return what a response is known by, blinded for an anonymous survey."""
        survey = self.surveys.get(item.survey.strip())
        if survey is None:
            return None
        source, external = item.external_source or "", item.external_id
        if external is None and survey.anonymous and item.interaction_id is not None:
            source, external = "interaction", str(item.interaction_id)
        if external is None:
            return None
        return (
            survey.id,
            source,
            blind(self.session, f"{survey.id}:{source}:{external}") if survey.anonymous else external,
        )

    def _add(self, name: str, items: Sequence[PastResponse]) -> Survey:
        named = next((each.metric for each in items if each.metric in METRICS), None)
        metric = named or guessed([each.score for each in items if each.score is not None])
        survey = Survey(name=name, title=name, state="imported", metric=metric, draft={})
        self.session.add(survey)
        return survey

    # --- one response ---

    def take(self, item: PastResponse) -> Kept:
        """Make the rows of a response. Raises InvalidInput for what cannot be one."""
        survey = self.surveys.get(item.survey.strip())
        if survey is None:
            raise _wrong("survey", _("This is required."))
        key = self._key(item)
        known = self.by_interaction.get(item.interaction_id) if item.interaction_id is not None else None
        known = known or (self.known.get(key) if key is not None else None)
        if known is not None:
            return Kept(id=known, survey_id=survey.id, duplicate=True)
        if item.customer_id is not None and item.customer_id not in self.owners:
            raise _wrong("customer_id", _("There is no such customer."))
        given, attributes = self._given(survey, item)
        score = self._score(survey, item, given)
        at = item.answered_at or self.now
        if at > max(self.now, self.recorded) + timedelta(days=1):
            raise _wrong("answered_at", _("This lies in the future."))
        hidden = survey.anonymous
        at = day_of(self.session, at) if hidden else at
        customer_id = None if hidden else item.customer_id
        owner_id, team_id = self.owners.get(customer_id, (None, None)) if customer_id is not None else (None, None)
        row: dict[str, Any] = {
            "id": uuid4() if hidden else new_id(),
            "version": 1,
            "created_at": at if hidden else self.recorded,
            "created_by": NOBODY if hidden else self.session.actor.id,
            "updated_at": at if hidden else self.recorded,
            "survey_id": survey.id,
            "version_id": survey.version_id,
            "customer_id": customer_id,
            "invitation_id": None,
            "interaction_id": None if hidden else item.interaction_id,
            "state": "complete",
            "channel": item.channel if item.channel in CHANNELS else self.channel,
            "language": item.language,
            "score": score,
            "started_at": at,
            "answered_at": at,
            "seconds": None,
            "attributes": attributes,
            "touchpoint": item.touchpoint,
            "about": None,
            "owner_id": owner_id,
            "team_id": team_id,
            "device": None,
            "source": None if key is None else key[1],
            "external_id": None if key is None else key[2],
        }
        self._answers(survey, row, given, item)
        self.rows.append(row)
        self.fresh.append((survey, row))
        if key is not None:
            self.known[key] = row["id"]
        if item.interaction_id is not None:
            self.by_interaction[item.interaction_id] = row["id"]
        return Kept(id=row["id"], survey_id=survey.id)

    def _given(self, survey: Survey, item: PastResponse) -> tuple[list[Given], dict[str, Any]]:
        """Return the answers to questions of the survey, and the rest as attributes."""
        content = self.contents[survey.id]
        given: list[Given] = []
        attributes: dict[str, Any] = {}
        for name, value in item.answers.items():
            question = content.question(name) if content is not None else None
            if question is None:
                attributes[name[:80]] = value
                continue
            given += read(attrs.evolve(question, required=False), _fields(name, value))
        return given, attributes

    def _score(self, survey: Survey, item: PastResponse, given: Sequence[Given]) -> int | None:
        content = self.contents[survey.id]
        score = item.score if item.score is not None else None if content is None else score_of(content, given)
        low, high = RANGES.get(survey.metric or "", (0, 10))
        if score is not None and not low <= score <= high:
            text = _("The score has to be from {low} to {high}.")
            raise InvalidInput([Problem(InvalidInput.code, text, field="score", value=score, low=low, high=high)])
        return score

    def _answers(self, survey: Survey, row: dict[str, Any], given: Sequence[Given], item: PastResponse) -> None:
        content = self.contents[survey.id]
        whole = list(given)
        asked = (
            next((each.key for each in content.questions if each.kind == metric_of(content)), None) if content else None
        )
        asked = asked or survey.metric
        if row["score"] is not None and asked is not None and all(each.question != asked for each in whole):
            whole.insert(0, Given(question=asked, value=row["score"]))
        if item.comment and item.comment.strip():
            whole.append(Given(question="comment", text=item.comment.strip()))
        for each in whole:
            values: dict[str, Any] = {
                "id": uuid4() if survey.anonymous else new_id(),
                "recorded_at": row["answered_at"] if survey.anonymous else self.recorded,
                "response_id": row["id"],
                "survey_id": survey.id,
                "customer_id": row["customer_id"],
                "question": each.question,
                "item": each.item,
                "value": each.value,
                "choice": each.choice,
            }
            if each.text is None:
                self.plain.append(values)
            else:
                self.sealed.append(SurveyAnswer(**values, text=each.text))

    # --- writing ---

    def write(self) -> None:
        """Write the rows, and tell of them."""
        session = self.session
        for model, rows in ((SurveyResponse, self.rows), (SurveyAnswer, self.plain)):
            for start in range(0, len(rows), EVENT):
                session.execute(insert(model), rows[start : start + EVENT])
        session.add_all(self.sealed)
        session.flush()
        by_survey: dict[UUID, list[UUID]] = {}
        for survey, row in self.fresh:
            by_survey.setdefault(survey.id, []).append(row["id"])
            if row["answered_at"] > self.now - LATELY:
                session.emit(
                    ResponseKept(
                        response_id=row["id"],
                        survey_id=survey.id,
                        customer_id=row["customer_id"],
                        score=row["score"],
                        band=band_of(survey.metric, row["score"]),
                        state="complete",
                        channel=row["channel"],
                    )
                )
        for survey_id, ids in by_survey.items():
            for start in range(0, len(ids), EVENT):
                part = tuple(ids[start : start + EVENT])
                session.emit(ResponsesCollected(survey_id=survey_id, response_ids=part))


def _fields(name: str, value: Any) -> Mapping[str, Sequence[str]]:
    """Return a value as the fields of a form have it."""
    if isinstance(value, Mapping):
        return {f"q.{name}.{part}": (str(each),) for part, each in value.items()}
    if isinstance(value, (list, tuple)):
        return {f"q.{name}": tuple(map(str, value))}
    return {f"q.{name}": (str(value),)}


def _wrong(field: str, text: str) -> InvalidInput:
    return InvalidInput([Problem(InvalidInput.code, text, field=field)])


def _parts(values: Sequence[Any]) -> Sequence[Sequence[Any]]:
    return [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]
