"""The dimensions in effect, compiled: in which order they are decided, what is wrong with one before it is saved, and
how guarded its labels are.

Must not know what customers have.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from attrs import frozen

from crmkit.core.store.types import json_encode
from crmkit.engines.classification.plans import Plan, plan
from crmkit.engines.definitions.documents import to_document
from crmkit.engines.definitions.publishing import Defined, defined, find
from crmkit.engines.facts.vocabulary import FactCatalogue, catalogue_of, readable
from crmkit.errors import DefinitionError, InvalidInput, Problem
from crmkit.hooks.classes import FieldClass
from crmkit.hooks.classification import ByClusters, ByCutPoints, ByExpressions, ByQuantiles, ByValue, Dimension
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

KIND = "dimension"
PREFIX = "label."
SINCE = "_since"
MOST_LABELS = 60
MOST_SCORES = 12
_NUMERIC = ("integer", "decimal", "number", "money")
_ORDER: Sequence[FieldClass] = ("public", "internal", "personal", "text", "sensitive", "secret")
_FACT = re.compile(r"[^\W\d]\w*(?:\.\w+)+")


@frozen(kw_only=True)
class Ready:
    """A dimension in effect: its plan, the version of its definition and a hash of it."""

    plan: Plan
    number: int
    fingerprint: str

    @property
    def name(self) -> str:
        """Return the dimension's name."""
        return self.plan.dimension.name


def in_effect(session: CrmSession, at: datetime, names: Iterable[str] | None = None) -> dict[str, Defined]:
    """Return the dimensions that are in effect at an instant, by name, or those of some names. Raises
    UnknownDefinition for a name that there is not."""
    wanted = None if names is None else {find(session, KIND, name).name for name in names}
    return {
        name: item
        for name, item in defined(session, KIND).items()
        if item.in_effect(at) and (wanted is None or name in wanted)
    }


def ready(session: CrmSession, items: Iterable[Defined]) -> list[list[Ready]]:
    """Return dimensions compiled, in groups: each reads labels of those before it at most.

    Raises DefinitionError, which names the dimension, for one that cannot be decided any more since what it reads is
    gone.
    """
    catalogue = catalogue_of(session)
    made: dict[str, Ready] = {}
    for place, item in enumerate(items):
        problems: list[Problem] = []
        compiled = compiled_of(catalogue, item.value, problems, place)
        if compiled is None:
            raise DefinitionError([_placed(each, f"{item.name}.{each.field}", each.value) for each in problems])
        made[item.name] = Ready(plan=compiled, number=item.number, fingerprint=fingerprint_of(item.value))
    groups: dict[int, list[Ready]] = {}
    depths: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in depths:
            depths[name] = 0
            # What is read may be turned off, or not be decided this time: then its labels are as they are.
            above = [depth(other) + 1 for other in read_by(made[name].plan, made) if other != name and other in made]
            depths[name] = max(above, default=0)
        return depths[name]

    for name, each in made.items():
        groups.setdefault(depth(name), []).append(each)
    return [groups[number] for number in sorted(groups)]


def read_by(compiled: Plan, known: Mapping[str, Any]) -> set[str]:
    """Return the dimensions whose labels a dimension reads."""
    return {name for ref in compiled.refs if (name := dimension_of(ref.name, known)) is not None}


def dimension_of(fact: str, known: Mapping[str, Any]) -> str | None:
    """Return the dimension whose label, or its beginning, a fact is; None for any other fact."""
    if not fact.startswith(PREFIX):
        return None
    name = fact.removeprefix(PREFIX)
    return name if name in known else name.removesuffix(SINCE)


def fingerprint_of(dimension: Dimension) -> str:
    """Return a hash of what decides: titles and remarks may change without it."""
    document = to_document(dimension)
    for name in ("title", "doc", "alert_percent", "enabled", "classified"):
        document.pop(name, None)
    document["labels"] = [(label.name, label.when) for label in dimension.labels]
    return hashlib.sha256(json_encode(document)).hexdigest()


# --- checking --------------------------------------------------------------------------------------------------------


def check(session: CrmSession, dimension: Dimension) -> list[Problem]:
    """Return everything that is wrong with a dimension that is to be saved."""
    problems = list(_check_form(dimension))
    catalogue = catalogue_of(session)
    compiled = compiled_of(catalogue, dimension, problems)
    if compiled is not None:
        problems.extend(_check_facts(session, compiled))
    return problems


def check_published(session: CrmSession, dimension: Dimension) -> list[Problem]:
    """Return everything that is wrong with a dimension that the session's actor would publish: he may not have labels
    say what is masked for him."""
    problems = check(session, dimension)
    catalogue = catalogue_of(session)
    compiled = None if problems else compiled_of(catalogue, dimension, problems)
    refs = () if compiled is None else catalogue.closure(sorted(compiled.refs, key=str))
    masked = [str(ref) for ref in refs if not readable(session, ref)]
    if masked:
        message = _("{names} is masked for you, and so is whom it decides over.")
        problems.append(_problem(message, "decider", names=", ".join(masked)))
    return problems


def compiled_of(catalogue: FactCatalogue, dimension: Dimension, problems: list[Problem], place: int = 0) -> Plan | None:
    """Return a dimension compiled, or None with what is wrong with its expressions added to ``problems``."""
    failed: list[Problem] = []

    def understood(text: str, expect: Any, field: str) -> Any:
        try:
            found = catalogue.checked(text, expect)
        except InvalidInput as error:
            failed.extend(_placed(each, field, text) for each in error.problems)
            return catalogue.checked("true")
        if expect is None and found.type.kind not in _NUMERIC:
            failed.append(_problem(_("A score is a number or an amount of money."), field, text))
        return found

    found = plan(place, dimension, understood)
    # A score that is wrong is wrong in every comparison that it is part of.
    seen: set[tuple[str, str]] = set()
    for each in failed:
        if (str(each.field).rpartition(".points")[0] or str(each.field), each.message) not in seen:
            seen.add((str(each.field), each.message))
            problems.append(each)
    return None if failed else found


def _check_form(dimension: Dimension) -> Iterator[Problem]:
    names = [label.name for label in dimension.labels]
    decider = dimension.decider
    if len(set(names)) < len(names) or not all(name.strip() for name in names):
        yield _problem(_("Labels need names of their own."), "labels")
    if len(names) > MOST_LABELS:
        yield _problem(_("There are more than {limit} labels."), "labels", limit=MOST_LABELS)
    if any(len(name) > 200 for name in names):
        yield _problem(_("This is longer than {limit}."), "labels", limit=200)
    if not names and not isinstance(decider, ByValue):
        yield _problem(_("There are no labels."), "labels")
    if dimension.default is not None and names and dimension.default not in names:
        yield _problem(_("The default is not one of the labels."), "default", dimension.default)
    if dimension.stay_days < 0:
        yield _problem(_("This cannot be negative."), "stay_days", dimension.stay_days)
    if not 0 < dimension.alert_percent <= 100:
        yield _problem(_("This is a percentage from 1 to 100."), "alert_percent", dimension.alert_percent)
    if not isinstance(decider, ByExpressions) and any(label.when is not None for label in dimension.labels):
        yield _problem(_("Labels have conditions only where expressions decide."), "labels")
    if isinstance(decider, ByCutPoints) and len(decider.points) != len(names) - 1:
        yield _problem(_("There has to be one point fewer than labels."), "decider.points")
    if isinstance(decider, ByQuantiles):
        yield from _check_shares(decider, names)
    if isinstance(decider, ByClusters) and len(decider.scores) > MOST_SCORES:
        yield _problem(_("At most {most} at a time."), "decider.scores", most=MOST_SCORES)
    if isinstance(decider, ByClusters) and not (decider.scores and 2 <= len(names) <= 12):
        yield _problem(_("Clusters need a score at least, and 2 to 12 labels."), "decider.scores")


def _check_shares(decider: ByQuantiles, names: Sequence[str]) -> Iterator[Problem]:
    if len(decider.shares) != len(names) - 1:
        yield _problem(_("There has to be one share fewer than labels."), "decider.shares")
    try:
        shares = [Decimal(share) for share in decider.shares]
    except InvalidOperation:
        shares = [Decimal(0)]
    if not all(0 < share < 1 for share in shares) or sorted(set(shares)) != shares:
        yield _problem(_("Shares ascend and lie between 0 and 1, such as 0.5 and 0.8."), "decider.shares")


def _check_facts(session: CrmSession, compiled: Plan) -> Iterator[Problem]:
    if any(ref.name.startswith("segment.") for ref in compiled.refs):
        yield _problem(_("A dimension cannot read segments, since segments read labels."), "decider")
    known = {name: item.value for name, item in defined(session, KIND).items()}
    catalogue, name = catalogue_of(session), compiled.dimension.name
    seen: set[str] = set()
    pending = list(read_by(compiled, known))
    while pending:
        other = pending.pop()
        if other == name:
            yield _problem(_("The dimension would read its own labels, in a circle."), "decider")
            return
        if other not in seen and other in known:
            seen.add(other)
            above = compiled_of(catalogue, known[other], [])
            pending.extend(() if above is None else read_by(above, known))


def _placed(problem: Problem, field: str, value: Any) -> Problem:
    """Return a problem with the field that it is about, and all else that it says."""
    found = copy(problem)
    found.field, found.value = field, value
    return found


def _problem(message: str, field: str, value: Any = None, **values: Any) -> Problem:
    return Problem(DefinitionError.code, message, field=field, value=value, **values)


# --- classes ---------------------------------------------------------------------------------------------------------


def class_of(session: CrmSession, dimension: Dimension, seen: frozenset[str] = frozenset()) -> FieldClass:
    """Return how guarded the labels are: as the dimension says, else as the most guarded fact that decides.

    Facts are found by their names in the texts, since the vocabulary itself is made with this.
    """
    if dimension.classified is not None:
        return dimension.classified
    classes: dict[str, Any] = {
        f"{each.name}.{fact.name}": fact.classified
        for each in session.gate.registry.tables["fact set"].values()
        for fact in each.columns
    }
    custom = session.crm.config.get(session).custom_classes.get("customer", {})
    classes.update((f"custom.{name}", classified) for name, classified in custom.items())
    known = defined(session, KIND)
    found: FieldClass = "internal"
    for name in _named(session, " ".join(_texts(dimension))):
        classified = classes.get(name, "internal")
        other = dimension_of(name, known)
        if other is not None and other in known and other not in seen:
            classified = class_of(session, known[other].value, seen | {dimension.name})
        found = max(found, classified, key=_ORDER.index)
    return found


def _named(session: CrmSession, text: str) -> set[str]:
    """Return the facts that texts name, in the form in which expressions know names, with those of the registry that
    these follow from."""
    follow = {
        f"{each.name}.{fact.name}": fact.expression
        for each in session.gate.registry.tables["fact set"].values()
        for fact in each.columns
        if fact.expression
    }
    found: set[str] = set()
    pending = [text]
    while pending:
        new = set(_FACT.findall(unicodedata.normalize("NFC", pending.pop()))) - found
        found |= new
        pending.extend(follow[name] for name in new if name in follow)
    return found


def _texts(dimension: Dimension) -> Iterator[str]:
    yield dimension.among
    yield from (label.when for label in dimension.labels if label.when is not None)
    match dimension.decider:
        case ByValue(value=value):
            yield value
        case ByCutPoints(score=score, points=points):
            yield from (score, *points)
        case ByQuantiles(score=score):
            yield score
        case ByClusters(scores=scores):
            yield from scores
        case _:
            return
