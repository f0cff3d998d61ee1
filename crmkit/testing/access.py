"""Checks who sees what of a plugin: nobody without rights, and nobody more than their scope.

Everything that a plugin shows is asked for as people who may not see it: queries, hooks, reports, pages, the API. What
comes back is searched for the ids of rows and for the name of the customer that these are about. Must not know how a
scope becomes SQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit.core.operations.inputs import fields_of, structure
from crmkit.core.store.ids import new_id
from crmkit.engines.reports.documents import document
from crmkit.engines.reports.running import run
from crmkit.errors import CrmkitError, Refused
from crmkit.hooks.contributions import Finding, Probe
from crmkit.i18n import texts
from crmkit.testing.doors import Doors, has_doors
from crmkit.testing.inputs import made_up
from crmkit.testing.report import broken, named, reason_of
from crmkit.testing.scenes import Scene, Subject, Use, scene

if TYPE_CHECKING:
    from crmkit.core.operations.operation import Operation
    from crmkit.core.operations.registry import Registry
    from crmkit.core.store.actor import Actor
    from crmkit.manifest import PluginManifest
    from crmkit.testing.workbench import Workbench

_ = texts("crmkit")

_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_ALL = {"personal": "full", "text": "full", "sensitive": "full"}


def policies_fit(manifest: PluginManifest, registry: Registry) -> Iterator[Finding]:
    """Compare what is served with who may see it: what the framework alone reads is no resource, and the rights to a
    model are those to a resource that there is."""
    for resource in registry.owned(manifest.name, "resource"):
        if resource.model.__access__.kind == "system":
            yield broken(
                "CK501",
                _("{resource} serves {table}, which by its policy the framework alone reads."),
                _("Give the model another policy, or leave the resource out."),
                resource=resource.name,
                table=resource.model.__tablename__,
            )
    tables = {registry.resource_name(name) for name in registry.models}
    for model in registry.owned(manifest.name, "model"):
        policy = model.__access__
        if policy.resource is not None and policy.resource not in tables and policy.resource not in registry.resources:
            yield broken(
                "CK501",
                _("The policy of {table} names the resource {resource}, which does not exist."),
                _("Name a resource, or leave it out: the model's own counts then."),
                table=model.__tablename__,
                resource=policy.resource,
            )
        for reference in policy.references:
            column = model.__table__.c.get(reference.column)
            if column is None or (reference.model is None and not column.foreign_keys):
                yield broken(
                    "CK501",
                    _("The policy of {table} leads over {column}, which is no foreign key."),
                    _("Name a foreign key, or say which model the column names."),
                    table=model.__tablename__,
                    column=reference.column,
                )


def nothing_without_rights(bench: Workbench, use: Use | None = None) -> Iterator[Finding]:
    """Ask for everything as a user who has no role."""
    with scene(bench, use) as tried:
        nobody = tried.actors(name="Nobody")
        before = tried.ids()
        subject = tried.customer()
        looking = _Looking(tried, nobody, "CK502", subject, _guarded(tried, tried.added(before)))
        yield from looking.everything()
        yield from _refuses(tried, nobody)


def nothing_foreign(bench: Workbench, use: Use | None = None) -> Iterator[Finding]:
    """Ask for everything as a user who may do all with what is their own, while there is only somebody else's."""
    with scene(bench, use) as tried:
        me = tried.actors(permissions=["*.*"], scope="own", fields=_ALL, name="Me")
        other = tried.actors(name="Other", team="Elsewhere")
        before = tried.ids()
        subject = tried.customer(other)
        added = _guarded(tried, tried.added(before))
        looking = _Looking(tried, me, "CK503", subject, added)
        yield from looking.everything()
        yield from looking.beside(tried.customer(other, used=False))
        yield from _looks_alike(tried, me, subject, added)


def denial_wins(bench: Workbench, use: Use | None = None) -> Iterator[Finding]:
    """Ask for everything as a user who may do everything, but read what is the plugin's."""
    with scene(bench, use) as tried:
        if not any(tried.crm.registry.resource_of(each).startswith(f"{tried.plugin}.") for each in tried.models):
            return
        denied = tried.actors(permissions=["*.*"], fields=_ALL, name="Denied")
        system = tried.crm.system("checking a plugin")
        role = tried.crm.run(system, "role.create", {"name": "denied"})
        right = {"resource": f"{tried.plugin}.*", "action": "read", "scope": "none"}
        tried.crm.run(system, "role.grant", right, target=role.id)
        tried.crm.run(system, "user.assign_role", {"role": role.name}, target=denied.user_id)
        before = tried.ids()
        subject = tried.customer()
        own = {
            table: ids
            for table, ids in _guarded(tried, tried.added(before)).items()
            if tried.crm.registry.resource_of(tried.crm.registry.models[table]).startswith(f"{tried.plugin}.")
        }
        looking = _Looking(tried, denied, "CK504", None, own, known=subject.id)
        yield from looking.everything()


def _guarded(tried: Scene, rows: Mapping[str, frozenset[UUID]]) -> Mapping[str, frozenset[UUID]]:
    """Return the rows among some that only some may see: all but those of models that are open to everybody."""
    registry = tried.crm.registry
    return {name: ids for name, ids in rows.items() if ids and not _is_open(registry, registry.models[name])}


def _is_open(registry: Registry, model: Any) -> bool:
    """Say whether everybody who is signed in may read a model's rows: by its own policy, or since they are seen with
    records of which that is true."""
    policy = model.__access__
    if policy.kind != "via":
        return bool(policy.kind == "open")
    for reference in policy.references:
        key = next(iter(model.__table__.c[reference.column].foreign_keys), None)
        other = reference.model or (None if key is None else registry.models.get(key.column.table.name))
        if other is None or not _is_open(registry, other):
            return False
    return True


class _Looking:
    """Somebody who looks at everything that a plugin shows, and must not find some rows."""

    def __init__(
        self,
        tried: Scene,
        actor: Actor,
        code: str,
        subject: Subject | None,
        rows: Mapping[str, frozenset[UUID]],
        *,
        known: UUID | None = None,
    ) -> None:
        self.tried = tried
        self.actor = actor
        self.code = code
        self.subject = subject
        self.rows = rows
        self.customer = subject.id if subject is not None else known
        self.tables = {identity.hex: table for table, ids in rows.items() for identity in ids}

    def everything(self) -> Iterator[Finding]:
        """Look everywhere."""
        yield from self._queries()
        yield from self._hooks()
        yield from self._reports()
        if has_doors():
            yield from self._doors()

    def _tells(self, shown: object) -> str | None:
        """Return what something that was shown tells: the table of a row, or the customer."""
        text = shown if isinstance(shown, str) else repr(shown)
        for found in _ID.findall(text):
            if table := self.tables.get(found.replace("-", "")):
                return table
        if self.subject is not None and (
            self.subject.name.removesuffix(" <b>") in text or self.subject.text.removeprefix("<script>")[:11] in text
        ):
            return "crm_customer"
        return None

    def _found(self, where: object, table: str) -> Finding:
        who = {
            "CK502": _("{where} shows rows of {table} to a user without any right."),
            "CK503": _("{where} shows rows of {table} that are somebody else's to a user of the scope own."),
            "CK504": _("{where} shows rows of {table} to a user whom a role denies to read them."),
        }
        return broken(
            self.code,
            who[self.code],
            _("Select the model in the reader's session, and show nothing that this does not find."),
            where=where,
            table=table,
        )

    def _queries(self) -> Iterator[Finding]:
        crm = self.tried.crm
        with crm.session(self.actor) as session:
            for table, ids in self.rows.items():
                model = cast(Any, crm.registry.models[table])
                if model.__access__.kind == "system":
                    continue
                if any(record.id in ids for record in session.scalars(select(model))):
                    yield self._found(_("A query"), table)

    def _hooks(self) -> Iterator[Finding]:
        dispatcher, name = self.tried.crm.dispatcher, self.tried.plugin
        asked = [self.customer]
        text = "Customer" if self.subject is None else self.subject.name
        calls: Mapping[str, Mapping[str, Any]] = {
            "crmkit_timeline": {"customer_ids": asked, "since": None, "until": None},
            "crmkit_customer_panels": {"customer_ids": asked},
            "crmkit_search": {"text": text, "limit": 50},
            "crmkit_match_customers": {"probes": [Probe(name=text)]},
        }
        with self.tried.crm.session(self.actor) as session:
            for hook, arguments in calls.items():
                answer = dispatcher.only(name, hook, session=session, **arguments)
                if answer is None or answer.error is not None:
                    continue
                for item in answer.value:
                    about = getattr(item, "customer_id", None)
                    beside = hook == "crmkit_customer_panels"
                    shown = item if not beside else (item.title, item.rows, item.path)
                    table = self._tells(shown if beside else _without_customer(item))
                    if table is None and not beside and self.subject is not None and about == self.customer:
                        table = "crm_customer"
                    if table is not None:
                        yield self._found(hook, table)
                        break

    def _reports(self) -> Iterator[Finding]:
        crm = self.tried.crm
        for report in crm.registry.owned(self.tried.plugin, "report"):
            with crm.session(self.actor) as session:
                try:
                    shown = document(run(session, report.name))
                except CrmkitError:
                    continue
                if (table := self._tells(shown)) is not None:
                    yield self._found(report.name, table)

    def _doors(self) -> Iterator[Finding]:
        registry, doors = self.tried.crm.registry, Doors(crm=self.tried.crm)
        paths: dict[str, str] = {}
        for page in registry.owned(self.tried.plugin, "page"):
            paths[f"/modules/{self.tried.plugin}/{page.path.strip('/')}".rstrip("/")] = page.name
        for resource in registry.owned(self.tried.plugin, "resource"):
            paths[f"/api/v1/{resource.name}"] = f"GET /api/v1/{resource.name}"
            for identity in list(self.rows.get(resource.model.__tablename__, ()))[:1]:
                paths[f"/api/v1/{resource.name}/{identity}"] = f"GET /api/v1/{resource.name}/{{id}}"
        for path, where in paths.items():
            answer = doors.get(path, self.actor)
            # What was asked for stands in the answer that there is no such thing.
            if answer.status < 300 and (table := self._tells(answer.text)) is not None:
                yield self._found(where, table)

    def beside(self, blank: Subject) -> Iterator[Finding]:
        """Compare what is shown beside the customer with what is shown beside another one who cannot be seen either,
        for whom the plugin was not used: a difference tells something of rows that are not shown."""
        dispatcher, name = self.tried.crm.dispatcher, self.tried.plugin
        shown: list[object] = []
        for each in (self.customer, blank.id):
            with self.tried.crm.session(self.actor) as session:
                answer = dispatcher.only(name, "crmkit_customer_panels", session=session, customer_ids=[each])
                value = () if answer is None or answer.error is not None else answer.value
                shown.append([(item.title, item.rows) for item in value])
        if shown[0] != shown[1]:
            yield self._found("crmkit_customer_panels", named(self.rows))


def _without_customer(item: Any) -> object:
    """Return a value without the customer that it was asked about, whose id is no news to who asks."""
    return attrs.asdict(item, filter=lambda attribute, _value: attribute.name != "customer_id")


def _refuses(tried: Scene, nobody: Actor) -> Iterator[Finding]:
    """Ask for each operation's permission as a user who has none."""
    for operation in tried.crm.registry.owned(tried.plugin, "operation"):
        with tried.crm.session(nobody) as session:
            try:
                tried.crm.gate.permits.check(session, operation)
            except Refused:
                continue
        yield broken("CK505", _("{operation} can be run without any right."), operation=operation.name)


class _Undo(Exception):
    """Ends a transaction that was only tried."""


def _looks_alike(tried: Scene, me: Actor, subject: Subject, rows: Mapping[str, frozenset[UUID]]) -> Iterator[Finding]:
    """Give each operation the id of a record that its actor does not see, and one that there is not, and compare what
    comes of it."""
    registry = tried.crm.registry
    foreign: dict[str, UUID] = {"customer": subject.id}
    for table, ids in rows.items():
        foreign[registry.resource_name(table)] = min(ids)
    for operation in registry.owned(tried.plugin, "operation"):
        values = made_up(operation.inputs)
        if values is None:
            continue
        if operation.target is not None:
            kind = operation.target.__access__.kind
            table = operation.target.__tablename__
            identity = subject.id if table == "crm_customer" else next(iter(rows.get(table, ())), None)
            if identity is not None and kind != "system":
                yield from _compare(tried, me, operation, values, lambda at, given=values: (given, at), identity)
            continue
        for name, identity in _references(operation, foreign):
            given = {**values, name: None}
            yield from _compare(
                tried,
                me,
                operation,
                given,
                lambda at, name=name, given=given: ({**given, name: at}, None),
                identity,
                name,
            )


def _references(operation: Operation[Any, Any], foreign: Mapping[str, UUID]) -> Iterator[tuple[str, UUID]]:
    """Return the inputs of an operation that name a record, each with the id of one that its actor does not see."""
    for attribute, hint, info in fields_of(operation.inputs):
        if UUID not in (hint, *getattr(hint, "__args__", ())):
            continue
        noun = attribute.name.removesuffix("_id")
        found = info.resource or next((each for each in foreign if each.rpartition(".")[2] == noun), None)
        if found in foreign:
            yield attribute.name, foreign[found]


def _compare(
    tried: Scene,
    me: Actor,
    operation: Operation[Any, Any],
    values: Mapping[str, Any],
    call: Callable[[UUID], tuple[Mapping[str, Any], UUID | None]],
    identity: UUID,
    field: str = "",
) -> Iterator[Finding]:
    answers: list[str] = []
    for each in (identity, new_id()):
        given, target = call(each)
        answers.append(_answer(tried, me, operation, given, target, each))
    if answers[0] != answers[1]:
        yield broken(
            "CK505",
            _("{operation} answers differently to a record that its actor does not see ({foreign}) than to one that "
              "does not exist ({missing}){field}."),
            _("Look records up by session.get(Model, id), and raise NotFound where there is none."),
            operation=operation.name,
            foreign=answers[0],
            missing=answers[1],
            field=f": {field}" if field else "",
        )  # fmt: skip


def _answer(
    tried: Scene,
    me: Actor,
    operation: Operation[Any, Any],
    values: Mapping[str, Any],
    target: UUID | None,
    identity: UUID,
) -> str:
    try:
        structure(operation.inputs, values)
        with tried.crm.transaction(me) as session:
            session.run(operation.name, values, target=target)
            raise _Undo
    except _Undo:
        return "done"
    except Exception as error:
        said = error.render() if isinstance(error, CrmkitError) else reason_of(error)
        return said.replace(str(identity), "…").replace(identity.hex, "…")


STEPS: Sequence[Callable[[Workbench, Use | None], Iterator[Finding]]] = (
    nothing_without_rights,
    nothing_foreign,
    denial_wins,
)
"""What is asked, each in a customer base of its own."""
