"""What lists of customers can show and are sorted by: facts, and those of the own fields that
no fact tells of; what the reader may not read is left out.

Must not know how a list looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from weakref import WeakKeyDictionary

from attrs import field, frozen

from crmkit.core.store.session import CrmSession
from crmkit.engines.classification.dimensions import KIND as DIMENSION
from crmkit.engines.definitions.publishing import defined
from crmkit.engines.expressions.symbols import FactRef
from crmkit.engines.facts.vocabulary import catalogue_of, readable
from crmkit.errors import CrmkitError
from crmkit.i18n import texts
from crmkit.resources import FieldShape, shape_of
from crmkit.resources.filters import readable_in_full
from crmkit.web.pages.conditions.vocabulary import CHOICES, GROUPS

_ = texts("crmkit")

CUSTOMER = "customer"
OWN = ""
"""The group of the customer's own fields."""
USUAL: tuple[str, ...] = ("name", "label.activity", "city", "phone", "owner_id", "purchase.last_at", "tags")
"""The columns of a list for which nobody has chosen any, as far as there are such."""
_HIDDEN = frozenset(
    ("id", "version", "name_key", "custom", "preferences", "custom_sealed", "created_by", "team_id", "birth_band")
)
_SETS = ("label", "segment")
"""Sets of facts that come first: what people think in."""


@frozen(kw_only=True)
class Term:
    """Something about customers that has a name: a fact, or a field of their own. ``options`` are its possible values
    with what they are called; ``since`` marks what says since when something of the same title is so."""

    name: str
    title: str
    group: str
    group_title: str
    kind: str = "text"
    options: Sequence[tuple[str, str]] = ()
    keyed: bool = False
    sortable: bool = False
    doc: str = ""
    since: bool = False


@frozen(kw_only=True)
class Vocabulary:
    """All terms by name."""

    terms: Mapping[str, Term] = field(factory=dict[str, Term])

    def find(self, name: str) -> Term | None:
        """Return a term, perhaps with a key."""
        return self.terms.get(name.partition("[")[0])

    def groups(self) -> list[tuple[str, list[Term]]]:
        """Return the terms by group, each group with its title."""
        found: dict[str, tuple[str, list[Term]]] = {}
        for term in self.terms.values():
            found.setdefault(term.group, (term.group_title, []))[1].append(term)
        order = {name: place for place, name in enumerate((OWN, CUSTOMER, *_SETS))}
        return [found[name] for name in sorted(found, key=lambda name: (order.get(name, len(order)), name))]


_kept: WeakKeyDictionary[object, dict[object, tuple[object, Vocabulary]]] = WeakKeyDictionary()


def vocabulary_of(session: CrmSession) -> Vocabulary:
    """Return the terms that the session's actor may use in lists."""
    catalogue, shape = catalogue_of(session), shape_of(session, CUSTOMER)
    levels = tuple(session.level(shape.model, classified) for classified in ("personal", "text", "sensitive"))
    shelf = _kept.setdefault(session.crm, {})
    known = shelf.get(levels)
    if known is None or known[0] != (id(catalogue), id(shape)):
        known = ((id(catalogue), id(shape)), _vocabulary(session))
        shelf[levels] = known
    return known[1]


def _vocabulary(session: CrmSession) -> Vocabulary:
    catalogue, shape = catalogue_of(session), shape_of(session, CUSTOMER)
    config = session.crm.config.get(session)
    labels = {
        f"label.{name}": [(label.name, label.title or label.name) for label in item.value.labels]
        for name, item in defined(session, DIMENSION).items()
    }
    terms: dict[str, Term] = {}
    for known in shape.fields:
        if known.name in _HIDDEN or not known.title:
            continue
        terms[known.name] = Term(
            name=known.name,
            title=known.title,
            group=OWN,
            group_title=_("Profile"),
            kind=known.type,
            options=_options(known, config.options),
            sortable=known.sortable and readable_in_full(session, shape, known),
        )
    for known in catalogue:
        try:
            if not all(readable(session, ref) for ref in catalogue.closure([_any(known.name, known.set.keyed)])):
                continue
        except CrmkitError:
            continue
        symbol = known.symbol
        terms[known.name] = Term(
            name=known.name,
            title=symbol.title or known.name,
            group=known.set.name,
            group_title=known.set.title or GROUPS.get(known.set.name, known.set.name),
            kind=symbol.type.kind,
            options=labels.get(known.name) or CHOICES.get(known.name) or [(value, value) for value in symbol.options],
            since=known.set.name == "label" and known.fact.name.endswith("_since"),
            keyed=symbol.keyed,
            sortable=symbol.type.kind != "list" and not symbol.keyed,
            doc=symbol.doc if symbol.doc != symbol.title else "",
        )
    return Vocabulary(terms=terms)


def _any(name: str, keyed: object) -> FactRef:
    return FactRef(name, "x" if keyed else None)


def _options(known: FieldShape, lists: Mapping[str, Mapping[str, str]]) -> Sequence[tuple[str, str]]:
    if known.option_list is not None:
        return list(lists.get(known.option_list, {}).items())
    return [(value, value) for value in known.options] or CHOICES.get(f"customer.{known.name}", ())


def usual_columns(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the columns of a list for which nobody has chosen any."""
    return tuple(name for name in USUAL if name in vocabulary.terms)
