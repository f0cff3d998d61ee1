"""What import and export register with the kernel: through the same hooks as any plugin, under the name ``crmkit``.

Its tables are mapped when this module is imported; the kernel's own hook returns them with all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import crmkit.exchange.reports.tables
import crmkit.exchange.tables  # noqa: F401
from crmkit.hooks import hookimpl
from crmkit.hooks.contributions import Job
from crmkit.i18n import texts

_ = texts("crmkit")


@hookimpl
def crmkit_operations() -> Sequence[Any]:
    """Return the operations of imports, exports and the forms of reports."""
    from crmkit.exchange.learning import OPERATIONS as LEARNING
    from crmkit.exchange.operations import OPERATIONS
    from crmkit.exchange.rehearsal import rehearse_batch
    from crmkit.exchange.reports.scheduling import OPERATIONS as REPORTS
    from crmkit.exchange.revert import OPERATIONS as REVERT

    return [*OPERATIONS, rehearse_batch, *LEARNING, *REVERT, *REPORTS]


@hookimpl
def crmkit_events() -> Sequence[type[Any]]:
    """Return the events of imports and exports."""
    from crmkit.exchange.operations import EVENTS

    return EVENTS


@hookimpl
def crmkit_jobs() -> Sequence[Job]:
    """Return the jobs that make scheduled reports, and the one that clears away files that were sent to be imported."""
    from crmkit.exchange.background import go_on
    from crmkit.exchange.reports.scheduling import JOBS
    from crmkit.exchange.uploads import clear_uploads

    clearing = Job(
        name="crm.import.clear",
        handler=clear_uploads,
        every="1 day",
        catch_up="latest",
        acts_as="system",
        title=_("Clearing away files that were sent to be imported"),
    )
    going_on = Job(
        name="crm.import.go_on",
        handler=go_on,
        every="1 minute",
        catch_up="latest",
        acts_as="system",
        title=_("Going on with imports that were interrupted"),
    )
    return [*JOBS, clearing, going_on]
