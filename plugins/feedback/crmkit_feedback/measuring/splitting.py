"""By what figures are told apart: fields of answers, attributes, other questions, labels and facts of customers.

Finds out what a name stands for, and gives each answer the key of its group. Must not know any measure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import Date, cast as sql_cast, func, select

from crmkit import (
    CrmSession,
    InvalidInput,
    Moment,
    Problem,
    Product,
    Team,
    User,
    catalogue_of,
    frame,
    local_day,
    moment_of,
    texts,
)
from crmkit_feedback.answering.models import SurveyAnswer, SurveyResponse
from crmkit_feedback.answering.words import CHANNELS
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

NONE = "-"
"""The key of answers that have no value."""
FIELDS: Mapping[str, str] = {
    "owner": _("Owner"),
    "team": _("Team"),
    "channel": _("Channel"),
    "touchpoint": _("Touchpoint"),
    "language": _("Language"),
    "month": _("Month"),
    "product": _("Product"),
}
"""What is known of each answer, with titles."""
FRESH = 500
"""How many of the last responses are looked at for the names of attributes and questions."""
MOST_ATTRIBUTES = 200


@frozen(kw_only=True)
class Split:
    """How answers are told apart.

    ``column`` is what is grouped by in SQL, ``question`` whose answers have to be joined, ``keyed`` makes a key of a
    value. With ``customers`` it is the customer that has a key. ``titles`` says what keys are called.
    """

    name: str
    title: str
    column: Any = None
    question: str = ""
    keyed: Callable[[Any], str] = str
    customers: Mapping[UUID, str] | None = None
    titles: Mapping[str, str] = field(factory=dict[str, str])

    def key(self, value: Any) -> str:
        """Return the key of a value: of the column, or of a customer's id."""
        if self.customers is not None:
            return self.customers.get(value, NONE)
        return NONE if value is None or value == "" else self.keyed(value)


def split_by(session: CrmSession, survey: Survey, by: str, *, moment: Moment | None = None) -> Split:
    """Return what a name stands for: a field of answers, ``label.<dimension>``, another question, an attribute or a
    fact of customers, in this order; names of attributes in whatever case. Raises InvalidInput, with what was probably
    meant."""
    name = by.strip()
    folded = name.casefold()
    if folded in FIELDS and folded != "product":
        return _field(session, folded)
    questions = _questions(session, survey, name)
    match = {each.casefold(): each for each in questions}.get(folded)
    if match is not None:
        return Split(name=match, title=match, question=match)
    attribute = _attribute(session, survey, name)
    if attribute is not None:
        return Split(name=attribute, title=attribute, column=SurveyResponse.attributes[attribute].as_string())
    if folded == "product":
        return _product(session)
    if "." in name:
        return _of_customers(session, name, moment or moment_of(session))
    known = [*FIELDS, *questions, *attributes_of(session, survey), *(f"label.{each}" for each in _dimensions(session))]
    raise unknown(name, known)


def meant(name: str, known: Iterable[str]) -> str | None:
    """Return which of the known names was probably meant, or None."""
    names = {each.casefold(): each for each in known}
    close = get_close_matches(name.casefold()[:100], names, n=1)
    return names[close[0]] if close else None


def unknown(name: str, known: Sequence[str]) -> InvalidInput:
    """Return the error that there is no such dimension, with what was probably meant."""
    close = meant(name, known)
    return InvalidInput(
        [
            Problem(
                InvalidInput.code,
                _('Answers cannot be told apart by "{name}".'),
                hint=_('Did you mean "{close}"?') if close else _("Known: {known}."),
                field="by",
                name=name,
                close=close or "",
                known=", ".join(known[:20]),
            )
        ]
    )


def attributes_of(session: CrmSession, survey: Survey) -> list[str]:
    """Return the names of the attributes of the last answers."""
    query = select(SurveyResponse.attributes).where(SurveyResponse.survey_id == survey.id)
    found: dict[str, None] = {}
    for attributes in session.scalars(query.order_by(SurveyResponse.answered_at.desc()).limit(FRESH)):
        for name in attributes or {}:
            if len(found) < MOST_ATTRIBUTES:
                found.setdefault(str(name))
    return list(found)


def _attribute(session: CrmSession, survey: Survey, name: str) -> str | None:
    """Return the attribute of a name: of the last answers in whatever case, of older ones as it is written."""
    names = {each.casefold(): each for each in attributes_of(session, survey)}
    if name.casefold() in names or "." in name:
        return names.get(name.casefold())
    held = SurveyResponse.attributes[name].as_string()
    query = select(SurveyResponse.id).where(SurveyResponse.survey_id == survey.id, held.is_not(None)).limit(1)
    return None if session.scalar(query) is None else name


def _questions(session: CrmSession, survey: Survey, name: str) -> list[str]:
    """Return the questions that the last responses answered, and the one of a name if any response did."""
    last = select(SurveyResponse.id).where(SurveyResponse.survey_id == survey.id)
    last = last.order_by(SurveyResponse.answered_at.desc()).limit(FRESH)
    query = select(SurveyAnswer.question).where(SurveyAnswer.response_id.in_(last.subquery().select())).distinct()
    own = select(SurveyAnswer.question).where(SurveyAnswer.survey_id == survey.id, SurveyAnswer.question == name)
    return sorted({*session.scalars(query), *session.scalars(own.limit(1))})


def _dimensions(session: CrmSession) -> list[str]:
    return sorted(name.partition(".")[2] for name in catalogue_of(session).names() if name.startswith("label."))


def _field(session: CrmSession, name: str) -> Split:
    title = FIELDS[name]
    if name == "owner":
        owners = {str(id): title for id, title in session.execute(select(User.id, User.name))}
        return Split(name=name, title=title, column=SurveyResponse.owner_id, titles=owners)
    if name == "team":
        teams = {str(id): title for id, title in session.execute(select(Team.id, Team.name))}
        return Split(name=name, title=title, column=SurveyResponse.team_id, titles=teams)
    if name == "channel":
        return Split(name=name, title=title, column=SurveyResponse.channel, titles=dict(CHANNELS))
    if name == "month":
        return Split(name=name, title=title, column=_month(session), keyed=_month_key)
    column = SurveyResponse.touchpoint if name == "touchpoint" else SurveyResponse.language
    return Split(name=name, title=title, column=column)


def _month(session: CrmSession) -> Any:
    dialect = session.get_bind().dialect.name
    day = local_day(SurveyResponse.answered_at, session.crm.config.get(session).zone, dialect)
    if dialect == "postgresql":
        return sql_cast(func.date_trunc("month", day), Date)
    return func.substr(sql_cast(day, SurveyResponse.channel.type), 1, 7)


def _month_key(value: Any) -> str:
    return value.isoformat()[:7] if isinstance(value, date | datetime) else str(value)[:7]


def _product(session: CrmSession) -> Split:
    names = {f"product:{id}": name for id, name in session.execute(select(Product.id, Product.name))}
    return Split(name="product", title=FIELDS["product"], column=SurveyResponse.about, titles=names)


def _of_customers(session: CrmSession, name: str, moment: Moment) -> Split:
    """Return a split by a label or a fact of customers. Raises UnknownFact, which says what was probably meant."""
    rows = frame(session, [name], moment=moment).rows()
    of = {_id(row[0]): _plain(row[1]) for row in list(rows) if row[1] is not None}
    return Split(name=name, title=name, column=SurveyResponse.customer_id, customers=of)


def _id(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
