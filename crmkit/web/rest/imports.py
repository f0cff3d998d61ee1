"""Imports: a file is looked at, brought in, and taken back. Must not know what a row means.

Rejected rows lie in a folder of their own and are given to who brought the file in, or sees all customers anyway; other
paths of the machine are never given out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from crmkit.core.access.resolving import rights_of
from crmkit.errors import NotFound, Refused
from crmkit.exchange.api import ImportInfo, ImportPlan, ImportReport, Progress, list_imports, plan_import, revert_import
from crmkit.i18n import texts, translate
from crmkit.web.rest.asking import OBJECT, file, listing, said
from crmkit.web.rest.calls import RestCall
from crmkit.web.rest.declaring import JSON, NDJSON, Answer, Endpoint, Parameter
from crmkit.web.rest.encoding import Lines
from crmkit.web.rest.exports import VCARD
from crmkit.web.rest.importing import PARAMETERS, carried, folder_of, options_of, told, uploaded
from crmkit.web.rest.segments import XLSX

_ = texts("crmkit")

GROUP = _("Import and export")
LIMIT = 64 << 20
"""Most bytes of a file; larger ones go by the command line."""
_MEDIA = ("text/csv", NDJSON, XLSX, VCARD, "application/gzip", "application/octet-stream")
_REJECTED = {".jsonl": NDJSON, ".vcf": f"{VCARD}; charset=utf-8"}


def _check(call: RestCall, *actions: str) -> None:
    with call.session() as session:
        for action in actions:
            if rights_of(session).scope("import", action) == "none":
                raise Refused(
                    _("You may not do this."), fix=_("Your role does not grant {right}."), right=f"import.{action}"
                )


def _plan(call: RestCall) -> dict[str, Any]:
    _check(call, "run")
    with uploaded(call) as path:
        return _planned(call, plan_import(call.crm, path, options_of(call, None)))


def _planned(call: RestCall, plan: ImportPlan) -> dict[str, Any]:
    return {
        "file_name": plan.file_name,
        "resource": plan.resource,
        "format": plan.format,
        "encoding": plan.encoding,
        "delimiter": plan.delimiter,
        "sheet": plan.sheet,
        "sheets": [
            {"name": each.name, "rows": each.rows, "columns": each.columns, "hidden": each.hidden}
            for each in plan.sheets
        ],
        "size": plan.size,
        "columns": [
            {
                "column": each.column,
                "heading": each.heading,
                "field": each.field,
                "type": each.type,
                "date_order": each.date_order,
                "decimal_mark": each.decimal_mark,
                "stated": each.stated,
                "problem": each.problem.render(call.language) if each.problem is not None else None,
            }
            for each in plan.columns
        ],
        "new_fields": plan.new_fields,
        "notes": [each.render(call.language) for each in plan.notes],
        "first_rows": [
            {
                "line": row.line,
                "values": dict(row.values),
                "problems": [problem.render(call.language) for problem in row.problems],
            }
            for row in plan.first_rows
        ],
        "resumes": plan.resumes,
        "resumes_at": plan.resumes_at,
        "imported": plan.imported,
    }


def _make(call: RestCall) -> Any:
    _check(call, "run")
    dry = call.query["dry_run"]
    if call.accepts(NDJSON):
        return Lines(values=_lines(call, dry))
    with uploaded(call) as path:
        return _reported(call, carried(call, path, dry, None))


def _lines(call: RestCall, dry: bool) -> Iterator[dict[str, Any]]:
    for found in told(call, dry):
        if isinstance(found, Progress):
            state = {"rows": found.rows, "bytes": found.bytes, "total_bytes": found.total_bytes}
            yield {"progress": {**state, "counts": found.counts}}
        else:
            yield {"report": _reported(call, found)}


def _reported(call: RestCall, report: ImportReport) -> dict[str, Any]:
    return {
        "import_id": report.import_id,
        "dry_run": report.dry_run,
        "resumed": report.resumed,
        "read": report.read,
        "created": report.created,
        "updated": report.updated,
        "duplicates": report.duplicates,
        "rejected": report.rejected,
        "rejected_rows": _address(call, report.import_id) if report.rejected_file is not None else None,
        "seconds": round(report.seconds, 3),
        "reasons": {_bare(said(call, reason)): count for reason, count in report.reasons.items()},
    }


def _bare(text: str) -> str:
    """Return a reason without the fields of the single values."""
    return re.sub(r"\{\w+\}", "…", text)


def _address(call: RestCall, id: UUID | None) -> str:
    return call.url(f"/imports/{id}/rejected")


# --- what was imported -----------------------------------------------------------------------------------------------


def _list(call: RestCall) -> dict[str, Any]:
    return {"data": [_shown(call, each) for each in _own(call, call.query["limit"])]}


def _own(call: RestCall, limit: int) -> list[ImportInfo]:
    """Return the imports that the caller may know of: the own ones, and for who sees all customers all of them."""
    with call.session() as session:
        rights = rights_of(session)
        every = rights.scope("customer", "read") == "all" and rights.scope("import", "run") != "none"
    found = list_imports(call.crm, call.actor, limit=limit if every else 10_000)
    return [each for each in found if every or each.actor_id == call.actor.id][:limit]


def _find(call: RestCall) -> ImportInfo:
    found = next((each for each in _own(call, 1_000_000) if each.id == call.path["id"]), None)
    if found is None:
        raise NotFound(_("There is no such record: {id}."), id=call.path["id"])
    return found


def _show(call: RestCall) -> dict[str, Any]:
    return _shown(call, _find(call))


def _shown(call: RestCall, item: ImportInfo) -> dict[str, Any]:
    return {
        "id": item.id,
        "file_name": item.file_name,
        "resource": item.resource,
        "state": item.state,
        "counts": item.counts,
        "rejected_rows": _address(call, item.id) if _rejected(call, item) is not None else None,
        "actor_id": item.actor_id,
        "started_at": item.started_at,
        "finished_at": item.finished_at,
    }


def _rejected(call: RestCall, item: ImportInfo) -> Path | None:
    """Return the file of an import's rejected rows, where it is one of this folder's."""
    if item.rejected_file is None:
        return None
    path = Path(item.rejected_file)
    return path if path.parent == folder_of(call.crm) and path.is_file() else None


def _rows(call: RestCall) -> Any:
    item = _find(call)
    path = _rejected(call, item)
    if path is None:
        raise NotFound(_("This import has no file of rejected rows here."))
    media = _REJECTED.get(path.suffix, "text/csv; charset=utf-8")
    return file(path.read_bytes(), f"rejected{path.suffix}", media)


def _revert(call: RestCall) -> dict[str, Any]:
    item = _find(call)
    call.call.check_step_up("import.begin_revert")
    report = revert_import(call.crm, call.actor, item.id)
    return {
        "import_id": report.import_id,
        "removed": report.removed,
        "restored": report.restored,
        "reversed": report.reversed,
        "kept_count": report.kept_count,
        "kept": [
            {
                "line": each.line,
                "table": each.table,
                "record_id": each.record_id,
                "reason": translate(each.reason.message, call.language, **each.reason.values),
            }
            for each in report.kept
        ],
    }


def _one(method: Any, path: str, name: str, title: str, serve: Any, answer: str, **more: Any) -> Endpoint:
    return Endpoint(
        method=method,
        path=f"/imports/{{id}}{path}",
        name=f"imports.{name}",
        title=title,
        group=GROUP,
        serve=serve,
        path_types={"id": UUID},
        answers=[Answer(title=answer, body=more.pop("shape", None) or dict(OBJECT), media=more.pop("media", (JSON,)))],
        **more,
    )


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/imports/plan",
        name="imports.plan",
        title=_("Look at a file that is to be imported"),
        description="How its columns would be read, with its first rows. Nothing is written.",
        group=GROUP,
        serve=_plan,
        body=bytes,
        media=_MEDIA,
        limit=LIMIT,
        parameters=PARAMETERS,
        answers=[Answer(title=_("The plan."), body=dict(OBJECT))],
        refusals=(409,),
        right="import.run",
    ),
    Endpoint(
        method="POST",
        path="/imports",
        name="imports.make",
        title=_("Import a file"),
        description=(
            "The same file, with the same parameters as for the plan. With Accept: application/x-ndjson its progress "
            "is sent line by line, and the report last. A file that was interrupted goes on when it is sent again."
        ),
        group=GROUP,
        serve=_make,
        body=bytes,
        media=_MEDIA,
        limit=LIMIT,
        parameters=(
            *PARAMETERS,
            Parameter(
                name="dry_run", type=bool, title=_("Whether to check every row and write nothing."), default=False
            ),
        ),
        answers=[Answer(title=_("What became of the rows."), body=dict(OBJECT), media=(JSON, NDJSON))],
        refusals=(409,),
        right="import.run",
    ),
    Endpoint(
        method="GET",
        path="/imports",
        name="imports.list",
        title=_("List imports"),
        group=GROUP,
        serve=_list,
        parameters=(Parameter(name="limit", type=int, title=_("Most imports."), default=50, minimum=1, maximum=1000),),
        answers=[Answer(title=_("Imports, newest first."), body=listing())],
    ),
    _one("GET", "", "read", _("Read what became of an import"), _show, _("The import.")),
    _one(
        "GET",
        "/rejected",
        "rejected",
        _("Read the rejected rows of an import"),
        _rows,
        _("The file, to be mended and imported again."),
        shape={"type": "string"},
        media=(JSON, "text/csv", NDJSON, VCARD),
    ),
    _one(
        "POST",
        "/revert",
        "revert",
        _("Take an import back"),
        _revert,
        _("What was taken back, and what had to stay."),
        refusals=(409,),
        right="import.revert",
    ),
)
