"""Figures for Prometheus: of the requests and operations of all processes, and of the database.

Counters of several processes are kept in files beside each other (the library's multi-process mode, which is on where
``PROMETHEUS_MULTIPROC_DIR`` is set when it is imported), so it does not matter which of them is asked.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from crmkit.errors import CrmkitError
from crmkit.web.serving.figures import figures_of

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.web.serving.installation import Installation

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_LIVE = re.compile(r"gauge_live\w+_(\d+)\.db")


class Metrics:
    """The figures of one process, and of all that serve the same installation."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._registry = CollectorRegistry()
        self._duration = Histogram(
            "crmkit_http_request_duration_seconds",
            "Requests by method, route and status, with their durations.",
            ("method", "route", "status"),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._active = Gauge(
            "crmkit_http_requests_active",
            "Requests that are being answered.",
            multiprocess_mode="livesum",
            registry=self._registry,
        )
        self._operations = Counter(
            "crmkit_operations", "Operations by name and outcome.", ("operation", "outcome"), registry=self._registry
        )
        self._pool = Gauge(
            "crmkit_database_connections_used",
            "Connections to the database that are in use.",
            multiprocess_mode="livesum",
            registry=self._registry,
        )

    def begin(self) -> None:
        """Count a request that begins."""
        self._active.inc()

    def end(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that is over."""
        self._active.dec()
        self._duration.labels(method, route, str(status)).observe(seconds)
        crm = self._installation.crm
        used = getattr(crm.engines.base.pool, "checkedout", None) if crm is not None else None
        if used is not None:
            self._pool.set(used())

    def watch(self, crm: CRM) -> None:
        """Count the operations of a customer base."""
        crm.gate.watch = lambda operation, outcome: self._operations.labels(operation, outcome).inc()

    def text(self) -> bytes:
        """Return all figures in Prometheus's text format."""
        folder = os.environ.get(FOLDER)
        shown = self._registry
        if folder:
            shown = CollectorRegistry()
            _forget_dead(Path(folder))
            MultiProcessCollector(shown, path=folder)
        else:
            shown = CollectorRegistry()
            shown.register(_Own(self._registry))
        shown.register(_Database(self._installation))
        return generate_latest(shown)


class _Own(Collector):
    """The figures of this process, for a registry that is made anew at each call."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Any]:
        yield from self._registry.collect()


class _Database(Collector):
    """What is read from the database when it is asked for: the same from every process."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def collect(self) -> Iterator[Any]:
        up = GaugeMetricFamily("crmkit_database_up", "Whether the database answers.")
        crm = self._installation.crm
        try:
            found = figures_of(crm) if crm is not None else None
        except (CrmkitError, SQLAlchemyError):
            found = None
        up.add_metric([], 0 if found is None else 1)
        yield up
        if found is None:
            return
        jobs = GaugeMetricFamily("crmkit_jobs", "Jobs by state.", labels=["state"])
        for state, number in found.jobs.items():
            jobs.add_metric([state], number)
        yield jobs
        for name, text, value in (
            ("crmkit_job_lag_seconds", "How long the oldest due job has been waiting.", found.job_lag),
            ("crmkit_outbox_lag_seconds", "How long the oldest event has not been delivered.", found.outbox_lag),
            ("crmkit_audit_pending", "Audit records that are not in the chain yet.", found.audit_pending),
            ("crmkit_workers", "Workers that have shown a sign of life.", found.workers),
        ):
            yield GaugeMetricFamily(name, text, value=value)


def _forget_dead(folder: Path) -> None:
    """Remove what processes that are gone have left of the present; what they have counted stays."""
    for path in folder.glob("gauge_live*.db"):
        match = _LIVE.fullmatch(path.name)
        if match is None:
            continue
        try:
            os.kill(int(match[1]), 0)
        except ProcessLookupError:
            mark_process_dead(int(match[1]), str(folder))
        except PermissionError:
            continue
