"""Verifying the audit log of a CRM against its checkpoints, in whole or since it was found good; and that it was done.

Must not know how a record is verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from attrs import evolve
from sqlalchemy import select

from crmkit.core.operations.audit_form import PURPOSE
from crmkit.core.operations.tables import AuditRecord
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts
from crmkit.security.audit import sinks
from crmkit.security.audit.access import RESOURCE, require
from crmkit.security.audit.checkpoints import Checkpoint, read_statement, statements
from crmkit.security.audit.raw import reading
from crmkit.security.audit.verifying import Damage, Progress, Start, Verification, Verifier

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

VERIFY = "audit.verify"
_LISTED = 20
"""Most damages that the record of a verification names."""


def audit_verify(
    crm: CRM,
    actor: Actor,
    *,
    checkpoints: Path | None = None,
    incremental: bool = False,
    progress: Progress | None = None,
) -> Verification:
    """Verify the audit log and return what was found; that it was done is audited.

    It is compared with the checkpoints of every file that the setting ``audit_sink`` names, with those in the database,
    and with those of the file ``checkpoints``. ``incremental`` begins where the last verification that found nothing
    wrong had ended, and looks at no earlier record. Needs the right ``audit.read``. Raises Refused, and InvalidInput
    for a file that holds no checkpoint of this installation.
    """
    with crm.session(actor) as session:
        require(session, "read", noted_as=VERIFY)
        with region(session, "reading the audit log to verify it"):
            start = _last_good(session, crm) if incremental else Start()
            kept = statements(session.connection())
    vault = crm.vault
    known, broken = _known(crm, kept, checkpoints)
    with reading(crm.engines) as log:
        found = Verifier(
            log=log,
            macs=vault.codes(PURPOSE).versions,
            checkpoints={each.seq: each.mac for each in known},
            deferred=log.postgresql,
            start=start,
            progress=progress,
        ).run()
    if broken:
        found = evolve(found, damages=(*found.damages, *broken))
    with crm.session(actor) as session:
        session.note(
            VERIFY,
            resource=RESOURCE,
            items=found.records,
            details={
                "intact": found.intact,
                "from": found.first,
                "through": found.last,
                "mac": found.mac.hex(),
                "checkpoints": found.checkpoints,
                "damages": [
                    f"{each.kind} {each.seq if each.seq is not None else each.audit_id}"
                    for each in found.damages[:_LISTED]
                ],
            },
        )
    return found


def _known(crm: CRM, kept: Sequence[str], path: Path | None) -> tuple[list[Checkpoint], list[Damage]]:
    """Return the checkpoints to compare with, and the damages to the database's own."""
    instance = crm.vault.instance_id
    found: list[Checkpoint] = []
    broken: list[Damage] = []
    for line in kept:
        checkpoint = read_statement(crm.vault, line)
        if checkpoint is None or checkpoint.instance != instance:
            broken.append(Damage(kind="checkpoint"))
        else:
            found.append(checkpoint)
    for sink in sinks.sinks_of(crm.settings):
        if isinstance(sink, sinks.FileSink):
            found += _of_file(crm, sink.lines())
    if path is not None:
        given = _of_file(crm, sinks.FileSink(path).lines())
        if not given:
            text = _("{path} holds no checkpoint that this installation has signed.")
            raise InvalidInput([Problem("CK500", text, field="checkpoints", path=path)])
        found += given
    return found, broken


def _of_file(crm: CRM, lines: Iterable[str]) -> list[Checkpoint]:
    # A line that does not hold is passed over: whoever can write to the file could as well have taken it away.
    read = [read_statement(crm.vault, line) for line in lines]
    return [each for each in read if each is not None and each.instance == crm.vault.instance_id]


def _last_good(session: CrmSession, crm: CRM) -> Start:
    """Return where the last verification that found nothing wrong had ended. Its own record says so, and counts only
    as long as its code holds."""
    from crmkit.core.operations.audit_form import SIGNED, signed_bytes, stored

    codes = crm.vault.codes(PURPOSE).versions
    table = AuditRecord.__table__
    query = (
        select(table)
        .where(table.c.operation == VERIFY, table.c.outcome == "done")
        .order_by(table.c.recorded_at.desc(), table.c.id.desc())
        .limit(100)
    )
    for row in session.connection().execute(query).mappings():
        code = codes.get(row["key_version"])
        if code is None or code(signed_bytes([stored(row[name]) for name in SIGNED])) != row["row_mac"]:
            continue
        details = msgspec.json.decode(row["details"] or "{}", type=dict[str, object])
        through, mac = details.get("through"), details.get("mac")
        if details.get("intact") is True and isinstance(through, int) and through and isinstance(mac, str):
            return Start(seq=through, mac=bytes.fromhex(mac))
    return Start()
