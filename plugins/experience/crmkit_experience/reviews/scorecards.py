"""Writing and publishing scorecards. A published version is never changed: reviews keep the one they were made by."""

from __future__ import annotations

import re
from typing import Annotated

from attrs import asdict, frozen
from sqlalchemy import select

from crmkit import UNSET, CrmSession, Input, InvalidInput, NotFound, Problem, UnsetType, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_experience.reviews.errors import NotPublished, problem
from crmkit_experience.reviews.models import Scorecard, ScorecardVersion
from crmkit_experience.reviews.scoring import MOST, Category, categories_of, faults

_ = texts("crmkit_experience")

MANAGE = "experience.scorecard.manage"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}")
_WRONG = {
    "key": _("A key has small letters, digits and _, and begins with a letter."),
    "twice": _("This key is there twice."),
    "title": _("Say what the category is called."),
    "weight": _("A weight is from 0 to 100."),
    "scale": _("The best score has to be above the worst."),
    "none": _("A scorecard needs a category with a weight."),
    "many": _("A scorecard has 40 categories at most."),
}


@frozen(kw_only=True)
class CategoryInput:
    """A category of a scorecard."""

    key: Annotated[str, Input(title=_("Key"), max_length=40, classified="internal")]
    title: Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
    weight: Annotated[int, Input(title=_("Weight (0 to 100)"), classified="internal")] = 10
    low: Annotated[int, Input(title=_("Worst score"), classified="internal")] = 0
    high: Annotated[int, Input(title=_("Best score"), classified="internal")] = 4
    critical: Annotated[
        bool, Input(title=_("Critical"), help=_("Below half the review is 0."), classified="internal")
    ] = False
    optional: Annotated[bool, Input(title=_("May not apply"), classified="internal")] = True
    hint: Annotated[str, Input(title=_("Hint"), max_length=1000, multiline=True, classified="internal")] = ""


Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Categories = Annotated[tuple[CategoryInput, ...], Input(title=_("Categories"), max_length=MOST, classified="internal")]
LeadRole = Annotated[
    str,
    Input(
        title=_("Role that sees all reviews"),
        help=_("Its name, such as manager. Everybody else sees their own."),
        max_length=60,
        classified="internal",
    ),
]


@frozen(kw_only=True)
class ScorecardUpdate:
    """What is to be changed of a scorecard; what is not given stays. Categories are those of the draft."""

    title: Title | UnsetType = UNSET
    categories: Categories | UnsetType = UNSET
    lead_role: LeadRole | UnsetType = UNSET
    active: Annotated[bool, Input(title=_("Active"), classified="internal")] | UnsetType = UNSET


SHIPPED = (
    Category(key="greeting", title="Greeting", weight=10, high=2, hint="By name, and says who speaks."),
    Category(key="understanding", title="Understood what was asked", weight=25, hint="Asks where it is unclear."),
    Category(key="solution", title="Right and whole solution", weight=35, critical=True, hint="Is it true and enough?"),
    Category(key="tone", title="Tone", weight=15, hint="Friendly, plain, without blame."),
    Category(key="privacy", title="Privacy kept", weight=15, high=1, critical=True, hint="Checked who it is."),
)
"""What the scorecard that comes along has; data that a business changes as it likes."""


@operation("experience.scorecard.create", title=_("Add a scorecard"), permission=MANAGE, effect="create")
def create_scorecard(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="internal")],
    title: Title = "",
    categories: Categories = (),
    lead_role: LeadRole = "manager",
) -> Scorecard:
    """Add a scorecard with a draft; without categories that is the one that comes along. Raises AlreadyExists, and
    InvalidInput for a name or categories that cannot be used."""
    if not _NAME.fullmatch(name):
        raise problem("name", _("A name has small letters, digits, - and _, and begins with a letter."))
    if session.scalar(select(Scorecard.id).where(Scorecard.name == name)) is not None:
        raise AlreadyExists(_('There is a scorecard "{name}" already.'), name=name)
    made = Scorecard(
        name=name,
        title=title.strip() or name,
        draft=_content(categories) if categories else {"categories": [asdict(each) for each in SHIPPED]},
        lead_role=lead_role.strip() or "manager",
    )
    session.add(made)
    return made


@operation("experience.scorecard.update", title=_("Change the scorecard"), permission=MANAGE, effect="update")
def update_scorecard(session: CrmSession, scorecard: Scorecard, changes: ScorecardUpdate) -> Scorecard:
    """Change a scorecard's draft; what is published stays. Raises InvalidInput for categories that cannot be used."""
    said = given(changes)
    if "categories" in said:
        scorecard.draft = _content(said.pop("categories"))
    for name, value in said.items():
        setattr(scorecard, name, value)
    return scorecard


@operation("experience.scorecard.publish", title=_("Publish the scorecard"), permission=MANAGE, effect="update")
def publish_scorecard(session: CrmSession, scorecard: Scorecard) -> Scorecard:
    """Make the draft the version that new reviews are made by. Raises InvalidInput for a draft that cannot be used."""
    _check(categories_of(scorecard.draft))
    scorecard.number += 1
    session.add(
        ScorecardVersion(
            scorecard_id=scorecard.id,
            number=scorecard.number,
            content=scorecard.draft,
            published_at=session.gate.clock.business_now(),
        )
    )
    return scorecard


def scorecard_named(session: CrmSession, name: str) -> Scorecard:
    """Return a scorecard by its name; of "" the only active one that is published. Raises NotFound with the names that
    there are, NotPublished."""
    query = select(Scorecard).where(Scorecard.active.is_(True)).order_by(Scorecard.name)
    known = session.scalars(query).all()
    ready = [each for each in known if each.number]
    found = next((each for each in known if each.name == name), None)
    if not name and len(ready) == 1:
        found = ready[0]
    if found is None:
        names = ", ".join(each.name for each in known) or "–"
        raise NotFound(_('There is no scorecard "{name}".'), fix=_("There are: {names}."), name=name, names=names)
    if not found.number:
        raise NotPublished(found.name)
    return found


def _content(categories: tuple[CategoryInput, ...]) -> dict[str, object]:
    found = [Category(**asdict(each)) for each in categories]
    _check(found)
    return {"categories": [asdict(each) for each in found]}


def _check(categories: list[Category]) -> None:
    wrong = faults(categories)
    if wrong:
        raise InvalidInput([Problem(InvalidInput.code, _WRONG[word], field=place) for place, word in wrong])


OPERATIONS = [create_scorecard, update_scorecard, publish_scorecard]
