"""Whether the stages of a draft make a model. Must not change anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from crmkit import CrmkitError, CrmSession, Problem, catalogue_of, texts
from crmkit_lifecycle.designing.models import ModelVersion, Stage
from crmkit_lifecycle.errors import ModelRefused
from crmkit_lifecycle.words import ENDS, ENTRY

_ = texts("crmkit_lifecycle")


def check_version(session: CrmSession, version: ModelVersion, stages: Sequence[Stage]) -> None:
    """Raise ModelRefused with everything that is wrong with a draft."""
    found = [*_shape(stages), *_conditions(session, version, stages)]
    if found:
        raise ModelRefused(found)


def _shape(stages: Sequence[Stage]) -> Iterator[Problem]:
    kinds = Counter(each.kind for each in stages)
    if kinds[ENTRY] != 1:
        yield _problem(_("There has to be exactly one entry; there are {count}."), count=kinds[ENTRY])
    if not any(kinds[kind] for kind in ENDS):
        yield _problem(_("There is no end, neither a good nor a bad one."))
    names = {each.name for each in stages}
    first = min(stages, key=lambda each: each.position, default=None)
    if first is not None and kinds[ENTRY] == 1 and first.kind != ENTRY:
        yield _problem(_("The entry has to be the first stage."))
    for each in stages:
        for other in sorted({*each.moves, *filter(None, [each.declined_to])} - names):
            yield _problem(_('"{stage}" leads to "{other}", which there is not.'), stage=each.title, other=other)
        if each.kind in ENDS and (each.moves or each.leave):
            yield _problem(_('"{stage}" is an end: nothing leads on from it.'), stage=each.title)


def _conditions(session: CrmSession, version: ModelVersion, stages: Sequence[Stage]) -> Iterator[Problem]:
    own = [(_("Who takes part"), version.among), (_("Who leaves"), version.leave), (_("Again"), version.again)]
    for each in stages:
        own += [(each.title, each.enter), (each.title, each.leave)]
    for title, text in own:
        if not text.strip():
            continue
        try:
            catalogue_of(session).checked(text)
        except CrmkitError as error:
            yield _problem(_('"{stage}": {reason}'), stage=title, reason=error.render())


def _problem(message: str, **values: object) -> Problem:
    return Problem(ModelRefused.code, message, **values)
