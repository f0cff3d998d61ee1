"""What a restored copy is asked before it counts: that its manifest was signed here, that its audit log is whole, and
that what is sealed in it can be opened.

Reads the copy and changes nothing. Must not know how a copy is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen
from sqlalchemy import select

from crmkit.core.operations.audit_form import PURPOSE
from crmkit.core.store.actor import Actor
from crmkit.core.store.engine import open_engines
from crmkit.core.store.guard import region
from crmkit.core.store.sealed import OpenItem, sealed_fields
from crmkit.core.vault.keyring import Vault
from crmkit.errors import BackupError, CrmkitError, Erased
from crmkit.i18n import texts
from crmkit.security.audit import sinks
from crmkit.security.audit.checkpoints import read_statement, statements
from crmkit.security.audit.raw import reading
from crmkit.security.audit.verifying import Verifier
from crmkit.settings import Settings

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.vault.providers import Providers

_ = texts("crmkit")

SAMPLE = 20
"""Values of each sealed field that are opened, half of them the oldest and half the newest."""
_WHY = "proving a backup"


@frozen(kw_only=True)
class Proof:
    """What was found to be right: records of the audit log, and sealed values that were opened."""

    audited: int
    opened: int


def examine_copy(
    settings: Settings,
    url: str,
    *,
    signed: bytes,
    signature: bytes | None,
    models: Iterable[Any] | None = None,
    providers: Callable[[], Providers] | None = None,
) -> Proof:
    """Examine the copy of an installation's database at an address, and return what was found to be right.

    ``signed`` are the bytes of the manifest that ``signature`` is to be of; None where it is not signed yet. The keys
    are those of ``providers``, or of the settings. Raises BackupError for a copy that is not what it should be, and
    VaultError when the keys cannot be used.
    """
    from crmkit.app import CRM

    crm = CRM(settings, open_engines(evolve(settings, database=url)))
    try:
        if providers is not None:
            crm.__dict__["vault"] = Vault(crm.engines, providers)
        if signature is not None and not crm.vault.verify(signed, signature):
            raise BackupError(
                _("The manifest of the backup was not signed by the installation that the backup is of."),
                fix=_("Use another backup: this one was altered, or is not what it says."),
            )
        audited = _verify_audit(crm)
        return Proof(audited=audited, opened=_open_sample(crm, models))
    finally:
        crm.close()


def _verify_audit(crm: CRM) -> int:
    vault = crm.vault
    with crm.session(Actor.system(_WHY)) as session, region(session, _WHY):
        kept = statements(session.connection())
    with reading(crm.engines) as log:
        end = log.end()
        known = [read_statement(vault, line) for line in (*kept, *_sent(crm))]
        # What was signed after the copy was made says nothing of it.
        codes = {one.seq: one.mac for one in known if one and one.instance == vault.instance_id and one.seq <= end}
        found = Verifier(log=log, macs=vault.codes(PURPOSE).versions, checkpoints=codes, deferred=log.postgresql).run()
    if not found.intact:
        raise BackupError(
            _("The audit log in the backup is not intact: {number} places, the first {kind} at {seq}."),
            fix=_("See what is wrong with the present one: crmkit audit verify"),
            number=len(found.damages),
            kind=found.damages[0].kind,
            seq=found.damages[0].seq or "–",
        )
    return found.records


def _sent(crm: CRM) -> Iterator[str]:
    for sink in sinks.sinks_of(crm.settings):
        if isinstance(sink, sinks.FileSink):
            yield from sink.lines()


def _open_sample(crm: CRM, models: Iterable[Any] | None) -> int:
    with crm.session(Actor.system(_WHY)) as session, region(session, _WHY):
        connection = session.connection()
        items: list[OpenItem] = []
        for model in crm.registry.models.values() if models is None else models:
            table = model.__table__
            for name, field in sealed_fields(model).items():
                column = table.c[field.column]
                query = select(table.c.id, column).where(column.is_not(None)).limit(SAMPLE // 2)
                for order in (table.c.id, table.c.id.desc()):
                    items += [
                        OpenItem(table=table.name, field=name, record=record, sealed=sealed)
                        for record, sealed in connection.execute(query.order_by(order))
                    ]
        opened = 0
        for value in crm.vault.open_each(session, items):
            if isinstance(value, CrmkitError):
                if isinstance(value, Erased):
                    continue  # as an erasure leaves it
                raise BackupError(_("What is sealed in the backup cannot be opened: {reason}"), reason=value.render())
            opened += 1
        return opened
