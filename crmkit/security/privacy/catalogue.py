"""What the room of privacy registers with the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crmkit.hooks.contributions import Job
from crmkit.security.privacy import erasing, holding, person, replay, retention

OPERATIONS: Sequence[Any] = (
    *person.OPERATIONS,
    *erasing.OPERATIONS,
    *holding.OPERATIONS,
    *retention.OPERATIONS,
    *replay.OPERATIONS,
)
JOBS: Sequence[Job] = retention.JOBS
