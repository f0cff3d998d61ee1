"""The golden record of a customer as a page: each value with where it comes from; and in short beside the customer.

Values are shown as the reader may see them. Must not decide anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Customer, NotFound, Page, Panel, Team, User, merges_of, texts
from crmkit_quality.survivorship.lineage import FieldLineage, FormerValue, lineage, lineages
from crmkit_quality.survivorship.models import Source
from crmkit_quality.survivorship.trust import read_trust

_ = texts("crmkit_quality")

PATH = "record"
HIGH, LOW = 75, 40
"""Trust from which on a source is shown as a good one, and below which as a poor one."""
_WHOM = "user:"
_WORDS: Mapping[tuple[str, str], str] = {
    ("kind", "person"): _("Person"),
    ("kind", "organization"): _("Organisation"),
    ("standing", "potential"): _("Potential customer"),
    ("standing", "customer"): _("Customer"),
}
"""What people call values that are names."""
_LISTS = frozenset(("gender", "occupation", "industry", "source"))
"""Fields whose values are of an option list of their name."""


@frozen(kw_only=True)
class Told:
    """A value as the page shows it: what, since when, from which source, by whom, how it came; ``record`` names the
    absorbed record that a merge took it from, ``import_path`` the page of its import."""

    value: Any
    since: Any
    source: str
    trust: int
    tone: str
    by: str
    how: str
    record: str = ""
    import_path: str = ""


@frozen(kw_only=True)
class Line:
    """A field as the page shows it."""

    title: str
    now: Told
    earlier: tuple[Told, ...]


def record_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what the page of a customer's golden record shows. Raises NotFound for one that there is not."""
    try:
        id_ = UUID(query.get("customer", ""))
    except ValueError:
        raise NotFound(_("There is no such customer.")) from None
    customer = session.get(Customer, id_)
    if customer is None:
        raise NotFound(_("There is no such customer."))
    found = lineage(session, id_)
    telling = _Telling(session, customer, found)
    lines = [telling.line(one) for one in found]
    book = read_trust(session)
    sources = sorted({(one.trust, one.source) for one in found}, reverse=True)
    return {
        "customer": customer,
        "lines": lines,
        "sources": [(title, trust, tone_of(trust)) for trust, title in sources],
        "merges": [one for one in merges_of(session, id_) if not one.undone],
        "rated": bool(book.trusts),
        "many": session.scalar(select(Source.id).limit(1)) is not None,
    }


def panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return for each customer the sources of its values, and how far they are trusted."""
    found: list[Panel] = []
    for id_, values in lineages(session, customer_ids).items():
        if not values:
            continue
        trust = {one.source: one.trust for one in values}
        best = sorted(trust, key=lambda title: (-trust[title], title))
        merged = len({one.merge_id for one in values if one.merge_id is not None})
        rows = [(_("Sources"), " · ".join(f"{title} ({trust[title]})" for title in best))]
        if merged:
            rows.append((_("Merges that values come from"), str(merged)))
        found.append(
            Panel(
                customer_id=id_,
                title=_("Where the values come from"),
                rows=rows,
                path=f"/modules/quality/{PATH}?customer={id_}",
                link=_("Golden record"),
            )
        )
    return found


def tone_of(trust: int) -> str:
    """Return the tone in which a trust is shown."""
    return "good" if trust >= HIGH else "warn" if trust < LOW else ""


class _Telling:
    """Puts values into words for one page: the names of people, records and organisations are looked up once."""

    def __init__(self, session: CrmSession, customer: Customer, found: Sequence[FieldLineage]) -> None:
        self._operations = session.gate.registry.operations
        self._options = session.crm.config.get(session).options
        self._own = customer.id
        every: list[FormerValue] = [one for each in found for one in (each, *each.earlier)]
        self._absorbed = {one.absorbed_id: one.absorbed_name for one in merges_of(session, customer.id)}
        by = [UUID(one.actor_id[len(_WHOM) :]) for one in every if one.actor_id.startswith(_WHOM)]
        ids = [one.value for one in every if isinstance(one.value, UUID)]
        self._names: dict[UUID, str] = {}
        for model in (User, Team, Customer):
            wanted = {*by, *ids} if model is User else set(ids)
            self._names.update({one.id: str(one.name) for one in _loaded(session, model, wanted)})

    def line(self, one: FieldLineage) -> Line:
        """Return a field in words."""
        return Line(
            title=one.title,
            now=self._told(one.field, one),
            earlier=tuple(self._told(one.field, each) for each in one.earlier),
        )

    def _shown(self, name: str, value: Any) -> Any:
        if isinstance(value, UUID):
            return self._names.get(value, value)
        if isinstance(value, (list, tuple)):
            return ", ".join(map(str, value))
        if name in _LISTS:
            return self._options.get(name, {}).get(value, value)
        return _WORDS.get((name, str(value)), value)

    def _told(self, name: str, one: FormerValue) -> Told:
        return Told(
            value=self._shown(name, one.value),
            since=one.since,
            source=one.source,
            trust=one.trust,
            tone=tone_of(one.trust),
            by=self._by(one.actor_id),
            how=self._how(one),
            record=self._absorbed.get(one.record_id, "") if one.record_id != self._own else "",
            import_path=f"/imports/{one.import_id}" if one.import_id is not None else "",
        )

    def _by(self, actor_id: str) -> str:
        if actor_id.startswith(_WHOM):
            return self._names.get(UUID(actor_id[len(_WHOM) :]), _("Somebody"))
        return actor_id or "–"

    def _how(self, one: FormerValue) -> str:
        if one.import_id is not None:
            return _("Import")
        if not one.operation:
            return _("With the record")
        known = self._operations.get(one.operation.partition(" > ")[0])
        return known.title if known is not None else one.operation


def _loaded(session: CrmSession, model: Any, ids: Iterable[UUID]) -> Iterable[Any]:
    wanted = list(ids)
    return session.scalars(select(model).where(model.id.in_(wanted))) if wanted else ()


PAGES = [
    Page(
        name="quality.record",
        title=_("Golden record"),
        path=PATH,
        template="quality/survivorship/record.html",
        context=record_page,
        permission="customer.read",
        icon="git-branch",
        menu=False,
    )
]
