"""What experiments tell: that one was started or stopped."""

from __future__ import annotations

from crmkit.core.operations.events import Internal, event


@event("experiment.started")
class ExperimentStarted:
    """An experiment was started."""

    experiment: Internal


@event("experiment.stopped")
class ExperimentStopped:
    """An experiment was stopped for good."""

    experiment: Internal


EVENTS: list[type[object]] = [ExperimentStarted, ExperimentStopped]
