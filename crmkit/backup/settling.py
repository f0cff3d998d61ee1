"""What a database needs after it was restored: whoever was erased since is erased again, and the audit log says that it
was restored and goes on from there.

Must not know how it was restored.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from crmkit.core.operations.auditing import CHECKPOINT
from crmkit.core.store.actor import Actor
from crmkit.security.audit import sinks
from crmkit.security.privacy.replay import after_restore
from crmkit.settings import Settings

if TYPE_CHECKING:
    from crmkit.app import CRM


def settle(settings: Settings, taken_at: datetime) -> int:
    """Bring a restored installation up to the present: its schema, its erasures, its audit log. Returns how many
    persons were erased again. Raises what opening it raises."""
    from crmkit.app import CRM

    with CRM.init(settings) as crm:
        again = after_restore(crm)
        _set_checkpoints_aside(crm)
        actor = Actor.system("restore")
        crm.run(actor, "backup.note_restore", {"taken_at": taken_at, "erased_again": again})
        crm.run(actor, CHECKPOINT)
    return again


def _set_checkpoints_aside(crm: CRM) -> None:
    """Keep the checkpoints of what the restore has undone under another name: the log goes on from where the backup
    was made, and its new records are not those that had the same places."""
    stamp = f"{crm.clock.now():%Y%m%dT%H%M%S%fZ}"
    for sink in sinks.sinks_of(crm.settings):
        if isinstance(sink, sinks.FileSink) and sink.path.exists():
            sink.path.rename(sink.path.with_name(f"{sink.path.name}.until-{stamp}"))
