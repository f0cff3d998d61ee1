"""What became of searches, and the questions that are made of them: by night, in system scope.

A search ended well at a door where clicks are seen with a click, elsewhere with a hit. It was asked anew where the same
visit asked something else within two minutes, without a click between. A visit missed where none of its searches for a
question ended well. Must not know pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from attrs import Factory, define, frozen
from sqlalchemy import delete, select

from crmkit import CrmSession, Job, Refused, operation, texts
from crmkit_knowledge.asked.events import QuestionFound, QuestionReturned
from crmkit_knowledge.asked.models import Question, Search, SearchClick, VisitSalt
from crmkit_knowledge.asked.words import CLICKED
from crmkit_knowledge.settings import settings_of

_ = texts("crmkit_knowledge")

COUNT, CLEAR, MANAGE = "knowledge.question.count", "knowledge.search.clear", "knowledge.question.manage"
REFRESH = "knowledge.count_questions"
ANEW = timedelta(minutes=2)
"""Within this of a search another one of its visit asks the same anew."""
VISITS = 3
"""So many visits have to ask something before it is shown: what one person alone asks is theirs."""
_PLAIN = {"synchronize_session": False}


@frozen(kw_only=True)
class Course:
    """A search and what became of it. ``visit`` tells visits apart; searches of which nothing is known count as one
    visit for each day and door."""

    id: UUID
    key: str
    text: str
    language: str
    door: str
    hits: int
    day: date
    at: datetime
    visit: str
    clicked: bool
    reformulated: bool

    @property
    def clickable(self) -> bool:
        """Say whether a click would have been seen."""
        return self.door in CLICKED

    @property
    def well(self) -> bool:
        """Say whether it ended with something that helps."""
        return self.clicked if self.clickable else self.hits > 0


@define(kw_only=True)
class Tally:
    """What is counted of one question. ``missed`` says of each visit whether it missed, ``since`` the same of the
    visits after the question was answered."""

    searches: int = 0
    without_hits: int = 0
    without_click: int = 0
    reformulated: int = 0
    clickable: int = 0
    first_on: date = date.max
    last_on: date = date.min
    texts: Counter[str] = Factory(Counter)
    languages: Counter[str] = Factory(Counter)
    missed: dict[str, bool] = Factory(dict)
    since: dict[str, bool] = Factory(dict)

    def add(self, course: Course, answered_at: datetime | None = None) -> None:
        """Count a search."""
        self.searches += 1
        self.without_hits += not course.hits
        self.without_click += course.clickable and not course.clicked
        self.reformulated += course.reformulated
        self.clickable += course.clickable
        self.first_on, self.last_on = min(self.first_on, course.day), max(self.last_on, course.day)
        self.texts[course.text] += 1
        self.languages[course.language] += 1
        self.missed[course.visit] = self.missed.get(course.visit, True) and not course.well
        if answered_at is not None and course.at > answered_at:
            self.since[course.visit] = self.since.get(course.visit, True) and not course.well


def failing(missed: Mapping[str, bool]) -> bool:
    """Say whether so many visits miss that somebody has to look: of three or more, more than half."""
    return len(missed) >= VISITS and 2 * sum(missed.values()) > len(missed)


def courses(session: CrmSession, first: date, last: date) -> Iterator[Course]:
    """Yield the searches of some business days, first and last included, with what became of them, by visit."""
    clicked = set(
        session.scalars(
            select(SearchClick.search_id)
            .join(Search, SearchClick.search_id == Search.id)
            .where(Search.day >= first, Search.day <= last)
        )
    )
    columns = (
        Search.id, Search.key, Search.text, Search.language, Search.door, Search.hits, Search.day, Search.at,
        Search.visit,
    )  # fmt: skip
    query = select(*columns).where(Search.day >= first, Search.day <= last)
    rows = session.execute(query.order_by(Search.visit, Search.at, Search.id)).all()
    for place, (id_, key, text, language, door, hits, day, at, visit) in enumerate(rows):
        after = rows[place + 1] if visit is not None and place + 1 < len(rows) else None
        anew = (
            after is not None
            and after.visit == visit
            and after.key != key
            and after.at - at <= ANEW
            and id_ not in clicked
        )
        yield Course(
            id=id_, key=key, text=text, language=language, door=door, hits=hits, day=day, at=at,
            visit=visit or f"{day} {door}", clicked=id_ in clicked, reformulated=anew,
        )  # fmt: skip


@operation(COUNT, title=_("Count what is asked"), permission=MANAGE, hidden=True)
def count_questions(session: CrmSession) -> int:
    """Make questions of the searches of the last days, as the settings say how many, and return of how many visits
    enough ask. Owners and states stay; what was answered and goes on failing is open again. Raises Refused outside
    system scope."""
    _require_system(session)
    today, days = session.today(), settings_of(session.crm.settings).question_days
    known = {each.key: each for each in session.scalars(select(Question))}
    answered = {key: each.decided_at for key, each in known.items() if each.state == "answered"}
    tallies: dict[str, Tally] = {}
    for course in courses(session, today - timedelta(days=days - 1), today):
        tallies.setdefault(course.key, Tally()).add(course, answered.get(course.key))
    shown = {key: tally for key, tally in sorted(tallies.items()) if key in known or len(tally.missed) >= VISITS}
    new = {
        key: Question(key=key, text="", language="", first_on=tally.first_on, last_on=tally.last_on)
        for key, tally in shown.items()
        if key not in known
    }
    session.add_all(new.values())
    for key, tally in shown.items():
        _take_over(new.get(key) or known[key], tally)
    session.flush()
    for key, tally in shown.items():
        _tell(session, new.get(key) or known[key], tally, new=key in new)
    for key, question in known.items():
        if key not in tallies:
            _forget(session, question)
    session.flush()
    return sum(len(each.missed) >= VISITS for each in tallies.values())


def _take_over(question: Question, tally: Tally) -> None:
    # Of texts that are as frequent the first by the alphabet, so that it does not change from day to day.
    question.text = min(tally.texts, key=lambda text: (-tally.texts[text], text))
    question.language = min(tally.languages, key=lambda name: (-tally.languages[name], name))
    question.searches, question.visits, question.missed = (
        tally.searches, len(tally.missed), sum(tally.missed.values()),
    )  # fmt: skip
    question.without_hits, question.without_click = tally.without_hits, tally.without_click
    question.reformulated, question.clickable = tally.reformulated, tally.clickable
    question.first_on, question.last_on = min(question.first_on, tally.first_on), tally.last_on


def _tell(session: CrmSession, question: Question, tally: Tally, *, new: bool) -> None:
    """Open a question again that goes on failing, and tell of what is new."""
    if question.state == "answered" and failing(tally.since):
        question.state, question.decided_at, question.returned = "open", None, question.returned + 1
        visits, missed = len(tally.since), sum(tally.since.values())
        session.emit(QuestionReturned(question_id=question.id, visits=visits, missed=missed))
    elif new and failing(tally.missed):
        session.emit(QuestionFound(question_id=question.id, visits=question.visits, missed=question.missed))


def _forget(session: CrmSession, question: Question) -> None:
    """Have a question that nobody asks any more be gone, unless somebody has said something about it."""
    if question.state == "open" and question.owner_id is None and question.note is None:
        session.delete(question)
        return
    question.searches = question.visits = question.missed = question.clickable = 0
    question.without_hits = question.without_click = question.reformulated = 0


@operation(CLEAR, title=_("Delete old searches"), permission=MANAGE, effect="delete", hidden=True)
def clear_searches(session: CrmSession) -> int:
    """Delete what was searched for longer ago than the settings say, and the salts of earlier days; return how many
    searches are gone. Raises Refused outside system scope."""
    _require_system(session)
    today = session.today()
    session.execute(delete(VisitSalt).where(VisitSalt.day < today), execution_options=_PLAIN)
    last = today - timedelta(days=settings_of(session.crm.settings).search_days)
    old = list(session.scalars(select(Search.id).where(Search.day < last)))
    for place in range(0, len(old), 500):
        part = old[place : place + 500]
        session.execute(delete(SearchClick).where(SearchClick.search_id.in_(part)), execution_options=_PLAIN)
        session.execute(delete(Search).where(Search.id.in_(part)), execution_options=_PLAIN)
    return len(old)


@operation("knowledge.question.refresh", title=_("Count what is asked anew"), permission=MANAGE)
def refresh_questions(session: CrmSession) -> None:
    """Have questions counted anew as soon as possible; else it is done each night."""
    session.defer(REFRESH, unique=REFRESH)


def _require_system(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))


def _count_job(session: CrmSession, tick: object = None) -> None:
    session.run(COUNT)


def _clear_job(session: CrmSession, tick: object = None) -> None:
    session.run(CLEAR)


OPERATIONS = [count_questions, clear_searches, refresh_questions]
JOBS = [
    Job(
        name=REFRESH,
        title=_("Questions that searches leave without an answer"),
        handler=_count_job,
        every="1 day",
        catch_up="latest",
        acts_as="system",
        lease=900,
    ),
    Job(
        name="knowledge.clear_searches",
        title=_("Deletion of old searches"),
        handler=_clear_job,
        every="1 hour",
        catch_up="latest",
        acts_as="system",
        lease=900,
    ),
]
