"""Changing many customers at once: a part of them with each request, with what became of each, until all are done.

Must not know how the list looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import evolve, frozen
from sqlalchemy import select
from starlette.responses import Response

from crmkit.core.customers.models import Customer, CustomerTag
from crmkit.core.operations.outcome import Outcome
from crmkit.core.store.ids import parse_id
from crmkit.errors import CrmkitError, InvalidInput, Problem
from crmkit.i18n import texts
from crmkit.resources import count_records, list_records
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.customers.cells import EDITABLE
from crmkit.web.pages.customers.listing import fragment, state_of
from crmkit.web.pages.customers.typed import listed
from crmkit.web.pages.customers.vocabulary import vocabulary_of
from crmkit.web.pages.routing import post

_ = texts("crmkit")

STEP = 100
"""Customers of one request."""
MOST_SHOWN = 50
"""Most refusals that are told one by one."""


@frozen(kw_only=True)
class Refusal:
    """A customer that was left as it is, with the reasons."""

    id: UUID
    name: str
    problems: tuple[Problem, ...]


@frozen(kw_only=True)
class Progress:
    """How far a change of many is. ``after`` and ``left`` say what comes next: all that the list finds behind a place,
    or ids; neither at the end."""

    what: str
    total: int
    done: int = 0
    failed: int = 0
    after: str | None = None
    left: tuple[UUID, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    @property
    def finished(self) -> bool:
        """Say whether nothing is left to do."""
        return self.after is None and not self.left


@post("/customers/bulk", right="customer.read")
def change_many(call: PageCall) -> Response:
    """Change a part of the customers that were chosen, and show what became of them."""
    what = call.value("what")
    if what not in ("tag", "untag", "assign", "set"):
        raise InvalidInput(_("Choose what to do with them."))
    progress, ids = _next(call, what)
    if not ids and not progress.done and not progress.failed:
        raise InvalidInput(_("Select some customers first."))
    outcomes = _CHANGES[what](call, ids) if ids else []
    refused = [(identity, outcome) for identity, outcome in zip(ids, outcomes, strict=True) if not outcome.ok]
    names = _names(call, [identity for identity, _outcome in refused])
    refusals = [
        Refusal(id=identity, name=names.get(identity, str(identity)), problems=outcome.problems)
        for identity, outcome in refused
    ]
    progress = evolve(
        progress,
        done=progress.done + len(ids) - len(refused),
        failed=progress.failed + len(refused),
        refusals=tuple(refusals[:MOST_SHOWN]),
    )
    carried = {name: call.values(name) for name in ("tags", "owner_id", "team_id", "field", "value")}
    template = "customers/_bulk.html" if call.by_htmx else "customers/bulk.html"
    return fragment(call, template, progress=progress, carried=carried)


def _next(call: PageCall, what: str) -> tuple[Progress, list[UUID]]:
    """Return how far it is, and whom to change now."""
    done, failed = _number(call.value("done")), _number(call.value("failed"))
    if call.value("everything") == "true":
        with call.session() as session:
            state = state_of(call, session, vocabulary_of(session))
            query = evolve(state.query(()), limit=STEP, sort="id", search=state.search, after=_place(call))
            total = _number(call.value("total")) or count_records(session, evolve(query, after=None))
            page = list_records(session, query)
        progress = Progress(what=what, total=total, done=done, failed=failed, after=page.next)
        return progress, [row.id for row in page.rows]
    ids = list(dict.fromkeys(identity for text in call.values("id") if (identity := parse_id(text)) is not None))
    now, left = ids[:STEP], tuple(ids[STEP:])
    total = _number(call.value("total")) or len(ids)
    return Progress(what=what, total=total, done=done, failed=failed, left=left), now


def _place(call: PageCall) -> str | None:
    return call.value("behind") or None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


# --- what is done ----------------------------------------------------------------------------------------------------


def _tag(call: PageCall, ids: Sequence[UUID], *, take: bool = False) -> list[Outcome]:
    names = listed(call.value("tags"))
    if not names:
        raise InvalidInput([Problem("CK500", _("Name at least one tag."), field="tags")])
    with call.session() as session:
        tags: dict[UUID, list[str]] = {identity: [] for identity in ids}
        query = select(CustomerTag.customer_id, CustomerTag.name).where(
            CustomerTag.customer_id.in_(ids), CustomerTag.kind == "tag"
        )
        for identity, name in session.execute(query):
            tags[identity].append(name)
        versions = _versions(session, ids)
    changes: list[Mapping[str, Any]] = []
    for identity in ids:
        kept = [name for name in tags[identity] if not (take and name in names)]
        whole = kept if take else list(dict.fromkeys([*kept, *names]))
        # The version keeps a tag that somebody adds meanwhile.
        changes.append({"id": identity, "changes": {"tags": whole}, "version": versions.get(identity)})
    return call.crm.run_many(call.actor, "customer.update_many", changes)


def _untag(call: PageCall, ids: Sequence[UUID]) -> list[Outcome]:
    return _tag(call, ids, take=True)


def _versions(session: Any, ids: Sequence[UUID]) -> dict[UUID, int]:
    return dict(session.execute(select(Customer.id, Customer.version).where(Customer.id.in_(ids))).all())


def _set(call: PageCall, ids: Sequence[UUID]) -> list[Outcome]:
    name, value = call.value("field"), call.value("value")
    if name not in EDITABLE:
        raise InvalidInput([Problem("CK500", _("This field cannot be set for many."), field="field", value=name)])
    changes = [{"id": identity, "changes": {name: value or None}} for identity in ids]
    return call.crm.run_many(call.actor, "customer.update_many", changes)


def _assign(call: PageCall, ids: Sequence[UUID]) -> list[Outcome]:
    values = {name: call.value(name) for name in ("owner_id", "team_id") if call.value(name)}
    if not values:
        raise InvalidInput([Problem("CK500", _("Choose an owner or a team."), field="owner_id")])
    call.require("customer.bulk")
    found: list[Outcome] = []
    with call.crm.transaction(call.actor) as session:
        for identity in ids:
            try:
                found.append(Outcome(result=session.run("customer.assign", values, target=identity)))
            except CrmkitError as error:
                found.append(Outcome(problems=error.problems))
    return found


_CHANGES = {"tag": _tag, "untag": _untag, "set": _set, "assign": _assign}


def _names(call: PageCall, ids: Sequence[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    with call.session() as session:
        query = select(Customer.id, Customer.name).where(Customer.id.in_(ids))
        return {identity: str(name) for identity, name in session.execute(query)}


ROUTES = [change_many]
