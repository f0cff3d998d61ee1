"""Health: what the doctor finds, in words; versions, database, keys, backups, space; the state of the search index."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen
from sqlalchemy import func, select
from starlette.responses import Response

from crmkit.core.operations.retention import last_backup
from crmkit.core.store.actor import Actor
from crmkit.engines.search.tables import SearchDocument
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import Text, texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.routing import get, post

if TYPE_CHECKING:
    from crmkit.hooks.contributions import Finding

_ = texts("crmkit")

RIGHT = "config.admin"
LEVELS: Mapping[str, tuple[Text, str]] = {
    "error": (_("Error"), "circle-x"),
    "warning": (_("Warning"), "alert-triangle"),
    "info": (_("Note"), "info-circle"),
    "ok": (_("All right"), "circle-check"),
}
"""How bad a finding is, the worst first, with its sign."""
_WHY = "showing the health of the installation to an administrator"
MOST_PARTS = 400
"""Parts of an index that one click makes anew; what is left waits for the next."""


@frozen(kw_only=True)
class Space:
    """How full a disk is; sizes in bytes."""

    path: str
    total: int
    free: int

    @property
    def used(self) -> float:
        """Return the used part, 0 to 1."""
        return 1 - self.free / self.total if self.total else 0.0


@frozen(kw_only=True)
class Index:
    """How many records of a kind the search index holds."""

    name: str
    title: str
    records: int


@get("/admin/health", right=RIGHT)
def health(call: PageCall) -> Response:
    """Examine the installation and show what was found."""
    from crmkit.doctor import examine

    found: Sequence[Finding] = sorted(examine(call.crm), key=lambda item: [*LEVELS].index(item.level))
    settings = call.crm.settings
    backup: datetime | None = None
    indexes: list[Index] = []
    with call.crm.session(Actor.system(_WHY)) as session:
        backup = last_backup(session)
        query = select(SearchDocument.resource, func.count()).group_by(SearchDocument.resource)
        counts: dict[str, int] = dict(session.execute(query).all())
        for name, searchable in sorted(call.crm.registry.searchables.items()):
            indexes.append(Index(name=name, title=call.text(searchable.title), records=counts.get(name, 0)))
    return call.page(
        "admin/health.html",
        findings=found,
        levels=LEVELS,
        worst=found[0].level if found else "ok",
        numbers={level: sum(1 for item in found if item.level == level) for level in LEVELS},
        versions=_versions(call),
        backup=backup,
        spaces=_spaces([settings.home, settings.sqlite_file, settings.files]),
        indexes=indexes,
        stale=call.crm.is_stale(),
        may_index=call.may("business.admin"),
    )


@post("/admin/health/index", right="business.admin")
def rebuild(call: PageCall) -> Response:
    """Make the search index of a kind of record anew."""
    resource = call.value("resource")
    if resource not in call.crm.registry.searchables:
        raise InvalidInput([Problem("CK400", _("There is no such kind of record."), field="resource")])
    records, after = 0, None
    for _part in range(MOST_PARTS):
        part = call.run("search.rebuild", {"resource": resource, "after": after})
        records += part.records
        after = part.after
        if after is None:
            break
    return call.redirect("/admin/health", said=_("{number} records were indexed."), number=records)


def _versions(call: PageCall) -> list[tuple[str, str]]:
    from importlib.metadata import PackageNotFoundError, version

    found: list[tuple[str, str]] = []
    for name in ("crmkit", "sqlalchemy", "starlette"):
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            continue
    with call.crm.engines.system_read.connect() as connection:
        server = ".".join(str(part) for part in connection.dialect.server_version_info or ())
    engine = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(call.crm.engines.dialect, call.crm.engines.dialect)
    return [*found, ("Python", platform.python_version()), (engine, server)]


def _spaces(places: Sequence[Path | None]) -> list[Space]:
    """Return the disks that hold some places, each once."""
    found: dict[int, Space] = {}
    for place in places:
        if place is None:
            continue
        folder = place if place.is_dir() else place.parent
        try:
            usage = shutil.disk_usage(folder)
            device = folder.stat().st_dev
        except OSError:
            continue
        found.setdefault(device, Space(path=str(folder), total=usage.total, free=usage.free))
    return list(found.values())


ROUTES = [health, rebuild]
