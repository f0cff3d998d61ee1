"""What customers answered to Kano's questions about needs: in surveys, and written down by hand.

Each customer counts once for a need, by what they said last; of an anonymous survey each response is somebody else.
Must not know categories.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from crmkit import CrmSession
from crmkit_needs.catalogue.models import Need
from crmkit_needs.scoring.asking import ANSWER, RESPONSE, SURVEY
from crmkit_needs.scoring.models import KanoAnswer, KanoLink

CHUNK = 500
Pair = tuple[int, int]
Said = dict[UUID, dict[UUID, tuple[datetime, Pair]]]
"""By need and who said it: when, and what."""
Answer = tuple[int | None, str | None]
"""What was answered: the number, and the choice."""
Answers = Mapping[str, Answer]


def pairs_of(session: CrmSession, needs: Sequence[UUID]) -> dict[UUID, list[Pair]]:
    """Return the pairs of answers about each of some needs, with those about what was merged into them, of customers
    and responses that the reader sees; nothing for a need about which nobody was asked."""
    said: Said = defaultdict(dict)
    for start in range(0, len(needs), CHUNK):
        wanted = needs[start : start + CHUNK]
        _written(session, wanted, said)
        _surveyed(session, wanted, said)
    return {need: [pair for _at, pair in people.values()] for need, people in said.items()}


def links_of(session: CrmSession, needs: Sequence[UUID]) -> list[tuple[UUID, KanoLink]]:
    """Return the links of needs, each with the need for which it counts."""
    query = select(Need.root_id, KanoLink).join(Need, Need.id == KanoLink.need_id).where(Need.root_id.in_(needs))
    return [(root, link) for root, link in session.execute(query.order_by(KanoLink.survey, KanoLink.id))]


def _keep(said: Said, need: UUID, who: UUID, at: datetime, pair: Pair) -> None:
    before = said[need].get(who)
    if before is None or before[0] <= at:
        said[need][who] = (at, pair)


def _written(session: CrmSession, needs: Sequence[UUID], said: Said) -> None:
    query = (
        select(Need.root_id, KanoAnswer.customer_id, KanoAnswer.at, KanoAnswer.functional, KanoAnswer.dysfunctional)
        .join(Need, Need.id == KanoAnswer.need_id)
        .where(Need.root_id.in_(needs))
        .order_by(KanoAnswer.at, KanoAnswer.id)
    )
    for need, customer, at, functional, dysfunctional in session.execute(query):
        _keep(said, need, customer, at, (functional, dysfunctional))


def _surveyed(session: CrmSession, needs: Sequence[UUID], said: Said) -> None:
    """Add what was answered in surveys, where feedback is enabled and the reader may see responses."""
    resources, rights = session.gate.registry.resources, session.gate.rights(session)
    if ANSWER not in resources or not (rights.unrestricted or rights.scope(RESPONSE, "read") != "none"):
        return
    links = links_of(session, needs)
    if not links:
        return
    survey: Any = resources[SURVEY].model
    names = sorted({link.survey for _root, link in links})
    surveys = {row[1]: row[0] for row in session.execute(select(survey.id, survey.name).where(survey.name.in_(names)))}
    for name, survey_id in surveys.items():
        own = [(root, link) for root, link in links if link.survey == name]
        keys = {key for _root, link in own for key in (link.functional, link.dysfunctional)}
        for who, at, answers in _responses(session, survey_id, keys):
            for root, link in own:
                functional = _number(link.reading[0], answers.get(link.functional))
                dysfunctional = _number(link.reading[1], answers.get(link.dysfunctional))
                if functional is not None and dysfunctional is not None:
                    _keep(said, root, who, at, (functional, dysfunctional))


def _responses(session: CrmSession, survey_id: UUID, keys: set[str]) -> list[tuple[UUID, datetime, Answers]]:
    """Return who answered when, and what to which question. A survey that was taken over has no questions: what was
    answered there are attributes of responses."""
    answer: Any = session.gate.registry.resources[ANSWER].model
    response: Any = session.gate.registry.resources[RESPONSE].model
    who = (response.id, response.customer_id, response.answered_at)
    found: dict[UUID, tuple[UUID, datetime, dict[str, Answer]]] = {}
    given = (
        select(*who, answer.question, answer.item, answer.value, answer.choice)
        .join(response, response.id == answer.response_id)
        .where(answer.survey_id == survey_id, answer.question.in_(sorted({key.partition(".")[0] for key in keys})))
    )
    for id, customer, at, question, item, value, choice in session.execute(given):
        key = question if item is None else f"{question}.{item}"
        if key in keys:
            found.setdefault(id, (customer or id, at, {}))[2][key] = (value, choice)
    ordered = sorted(keys)
    values = [response.attributes[key].as_string() for key in ordered]
    beside = select(*who, *values).where(
        response.survey_id == survey_id, or_(*(value.is_not(None) for value in values))
    )
    for id, customer, at, *said in session.execute(beside):
        mine = found.setdefault(id, (customer or id, at, {}))[2]
        for key, text in zip(ordered, said, strict=True):
            if text is not None and key not in mine:
                mine[key] = (int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None, text)
    return list(found.values())


def _number(reading: Mapping[str, Any], said: Answer | None) -> int | None:
    """Return an answer as a number from 1 (like) to 5 (dislike), None for one that is none of these."""
    if said is None:
        return None
    value, choice = said
    options = reading.get("options")
    if options is not None:
        return options.index(choice) + 1 if choice in options else None
    if value is None:
        return None
    place = value - int(reading.get("low", 1)) + 1
    found = 6 - place if reading.get("high_likes") else place
    return found if 1 <= found <= 5 else None
