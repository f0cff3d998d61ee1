"""Comparing a configuration in files with that of a database, and bringing the one into the other.

Must not know what a section is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from attrs import frozen

from crmkit.configuration.files import Place
from crmkit.configuration.sections import Section, sections
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.session import CrmSession
from crmkit.errors import Conflict, CrmkitError, InvalidInput, NotFound, Problem, Refused
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor

_ = texts("crmkit")


@frozen(kw_only=True)
class Difference:
    """How an item of the files differs from the database's. ``fields`` are triples of a field's path, its value in the
    database and in the files; None where one does not have it."""

    place: Place
    sort: Literal["add", "change", "remove"]
    fields: tuple[tuple[str, Any, Any], ...] = ()


@frozen(kw_only=True)
class Change:
    """One item to bring into effect: ``document`` None takes it away; ``before`` is what the database had when the plan
    was made."""

    folder: Annotated[str, Input(classified="internal", max_length=60)]
    name: Annotated[str, Input(classified="internal", max_length=200)]
    document: Annotated[dict[str, Any] | None, Input(classified="internal")] = None
    before: Annotated[dict[str, Any] | None, Input(classified="internal")] = None


def read_configuration(session: CrmSession, *, everything: bool = False) -> dict[Place, dict[str, Any]]:
    """Return the configuration of a database: what an admin has said, with ``everything`` what is as shipped, too.

    Raises Refused without the right to configure: roles, and the conditions that others have written, are not for
    everybody.
    """
    if session.gate.rights(session).scope("config", "admin") == "none":
        raise Refused(
            _("{actor} may not read the configuration."),
            fix=_("It needs the right {permission}."),
            actor=session.actor.name or session.actor.id,
            permission="config.admin",
        )
    return {
        Place(section.folder, name): dict(document)
        for section in sections()
        for name, document in section.read(session, everything).items()
    }


def compare(
    session: CrmSession, files: Mapping[Place, Mapping[str, Any]], *, prune: bool = False
) -> list[tuple[Difference, Change]]:
    """Return how files differ from the database, item by item, with the change that would bring each into effect;
    what the files do not have is to be taken away only with ``prune``."""
    present, everything = read_configuration(session), read_configuration(session, everything=True)
    found: list[tuple[Difference, Change]] = []
    for place in sorted({*files, *(present if prune else ())}, key=_order()):
        old, new = everything.get(place), files.get(place)
        if new is not None and old == new:
            continue
        document = None if new is None else dict(new)
        sort: Literal["add", "change", "remove"] = "remove" if new is None else "add" if old is None else "change"
        difference = Difference(place=place, sort=sort, fields=tuple(_fields(old or {}, new or {})))
        found.append((difference, Change(folder=place.folder, name=place.name, document=document, before=old)))
    return found


def _order() -> Any:
    ranks = {section.folder: rank for rank, section in enumerate(sections())}
    return lambda place: (ranks.get(place.folder, len(ranks)), place.name)


def _fields(old: Any, new: Any, path: str = "") -> Iterable[tuple[str, Any, Any]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in sorted({*old, *new}, key=str):
            yield from _fields(old.get(name), new.get(name), f"{path}.{name}" if path else str(name))
    elif old != new:
        yield path, old, new


@operation("config.apply", title=_("Apply a configuration"), permission="config.admin")
def apply_configuration(session: CrmSession, *, changes: tuple[Change, ...]) -> int:
    """Bring items of a configuration into effect, all or none, and return how many. Each needs the right that its own
    operation asks for.

    Raises Conflict for an item that was changed since ``before`` was read, and InvalidInput with the problems of every
    item, each with its file.
    """
    known: Mapping[str, Section] = {section.folder: section for section in sections()}
    present = read_configuration(session, everything=True)
    problems: list[Problem] = []
    waiting = list(changes)
    # A role may include one, and a segment name one, that comes later: what failed is tried again while others succeed.
    while waiting:
        failed: list[tuple[Change, CrmkitError]] = []
        for change in waiting:
            place = Place(change.folder, change.name)
            if change.folder not in known:
                problems.append(Problem(InvalidInput.code, _("There is no such section."), field=place.path))
                continue
            if present.get(place) != change.before:
                raise Conflict(
                    _("{path} was changed in the database since it was compared."),
                    fix=_("Compare again: crmkit config diff DIR"),
                    path=place.path,
                )
            try:
                with session.begin_nested():
                    known[change.folder].apply(session, change.name, change.document, change.before)
            except (InvalidInput, NotFound, Conflict) as error:
                failed.append((change, error))
        if len(failed) == len(waiting):
            problems.extend(_placed(Place(change.folder, change.name), error) for change, error in failed)
            break
        waiting = [change for change, _error in failed]
    if problems:
        raise InvalidInput(problems)
    return len(changes)


def _placed(place: Place, error: CrmkitError) -> Problem:
    first = error.problems[0]
    field = f"{place.path}: {first.field}" if first.field else place.path
    return Problem(first.code, first.message, field=field, value=first.value, hint=first.hint, **first.values)


def apply_to(crm: CRM, actor: Actor, changes: Sequence[Change]) -> int:
    """Bring changes into effect in a transaction of their own. Raises as `apply_configuration`."""
    return int(crm.run(actor, "config.apply", {"changes": list(changes)}))


OPERATIONS = [apply_configuration]
