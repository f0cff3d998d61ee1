"""Importing a file, step by step: send it, say what its columns are, choose, rehearse, run.

Each step is an address of its own that shows what is stored with the file, so that a reload or another day changes
nothing. Must not read rows or write records: `crmkit.exchange` does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from starlette.datastructures import UploadFile
from starlette.responses import Response

from crmkit.core.access.models import User
from crmkit.errors import CrmkitError, PayloadTooLarge, Problem, UnreadableFile
from crmkit.exchange.background import begin, run_of, told_error
from crmkit.exchange.learning import list_mappings
from crmkit.exchange.uploads import MAX_BYTES, Upload, Uploads, choices_of
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.imports.planning import check_readable, look
from crmkit.web.pages.imports.wording import (
    CONFIDENCE,
    DELIMITERS,
    ENCODINGS,
    STATES,
    titles,
    told,
)
from crmkit.web.pages.routing import get, post

_ = texts("crmkit")

RIGHT = "import.run"
_MOST_OWNERS = 500
_NEW = "imports/new.html"
_COLUMNS = "imports/columns.html"
_OPTIONS = "imports/options.html"
_RUN = "imports/run.html"
_READING = ("resource", "sheet", "saved", "encoding", "delimiter", "date_order", "decimal_mark")
_REREAD = ("resource", "sheet", "saved", "encoding", "delimiter")
"""Choices that change what the columns are."""
_WRITING = ("on_duplicate", "bad_cells", "source", "kind", "region", "zone", "currency", "owner", "keep_as")


def uploads(call: PageCall) -> Uploads:
    """Return the files that wait to be imported."""
    return Uploads(call.crm.settings)


def draft(call: PageCall, id: UUID) -> Upload:
    """Return a file of the caller's that waits. Raises NotFound."""
    return uploads(call).get(id, call.actor.id)


# --- sending ---------------------------------------------------------------------------------------------------------


@get("/imports/new", right=RIGHT)
def new(call: PageCall) -> Response:
    """Ask for the file."""
    return _new(call)


@post("/imports/new", right=RIGHT, upload=True, budget="import")
def send(call: PageCall) -> Response:
    """Keep a file that was sent, and show what was recognised in it."""
    given = call.form.get("file") if call.form is not None else None
    if not isinstance(given, UploadFile) or not given.filename:
        return _new(call, wrong=call.text(_("Choose a file.")), status=422)
    made: Upload | None = None
    try:
        made = uploads(call).add(call.actor.id, given.filename, given.file)
        check_readable(made, call.language)
        look(call, made, {})
    except (UnreadableFile, PayloadTooLarge) as error:
        if made is not None:
            made.discard()
        status = 422 if isinstance(error, UnreadableFile) else 413
        return _new(call, wrong=told_error(error, call.language), code=error.code, status=status)
    except BaseException:
        if made is not None:
            made.discard()
        raise
    return call.redirect(f"/imports/draft/{made.id}")


def _new(call: PageCall, *, wrong: str = "", code: str = "", status: int = 200) -> Response:
    return call.page(_NEW, status=status, wrong=wrong, code=code, limit=MAX_BYTES >> 20, step=1)


# --- columns ---------------------------------------------------------------------------------------------------------


@get("/imports/draft/{id}", right=RIGHT)
def columns(call: PageCall, id: UUID) -> Response:
    """Show what was recognised, and which column fills which field."""
    upload = draft(call, id)
    return begun(call, upload) or _columns(call, upload, upload.choices)


@post("/imports/draft/{id}/preview", right=RIGHT)
def preview(call: PageCall, id: UUID) -> Response:
    """Show how the first rows would be read with what is chosen right now, without keeping it."""
    upload = draft(call, id)
    choices = _reading(call, upload)
    return call.part(_COLUMNS, "preview", **_context(call, upload, choices))


@post("/imports/draft/{id}", right=RIGHT)
def map_columns(call: PageCall, id: UUID) -> Response:
    """Keep what the columns are; on to the options where that fits together."""
    upload = draft(call, id)
    elsewhere = begun(call, upload)
    if elsewhere is not None:
        return elsewhere
    before = upload.choices
    choices = _reading(call, upload)
    reread = any(choices.get(name) != before.get(name) for name in _REREAD)
    try:
        found = look(call, upload, choices)
    except UnreadableFile as error:
        return _columns(call, upload, before, status=422, wrong=told_error(error, call.language))
    upload.choices = choices
    upload.save()
    if call.value("next") == "options" and not reread:
        if found.plan is not None:
            return call.redirect(f"/imports/draft/{id}/options")
        return _columns(call, upload, choices, status=422)
    return call.redirect(f"/imports/draft/{id}")


def _reading(call: PageCall, upload: Upload) -> dict[str, Any]:
    """Return the choices of a file with what the form says of its form and columns."""
    choices = dict(upload.choices)
    for name in _READING:
        value = call.value(name).replace("\\t", "\t")
        if name == "delimiter" and call.value(name) == "tab":
            value = "\t"
        choices[name] = value or None
    if choices["resource"] not in titles(call):
        choices["resource"] = None
    if any(choices.get(name) != upload.choices.get(name) for name in _REREAD):
        # What was said of columns is about the columns as they were read before.
        choices.pop("mapping", None)
        return choices_of(choices)
    mapping: dict[str, str] = {}
    form = call.form
    if form is not None:
        for key in form:
            if key.startswith("column-") and isinstance(named := form.get(key), str):
                said = form.get(f"map-{key[7:]}")
                mapping[named] = said.strip() if isinstance(said, str) else ""
    if mapping:
        choices["mapping"] = mapping
    return choices_of(choices)


def _columns(
    call: PageCall, upload: Upload, choices: Mapping[str, Any], *, status: int = 200, wrong: str | None = None
) -> Response:
    context = _context(call, upload, choices)
    if wrong is not None:
        context["unreadable"] = wrong
    return call.page(_COLUMNS, status=status, **context)


def _context(call: PageCall, upload: Upload, choices: Mapping[str, Any]) -> dict[str, Any]:
    found = look(call, upload, choices)
    with call.session() as session:
        kept = [one for one in list_mappings(session) if one.resource == found.resource]
    return {
        "upload": upload,
        "look": found,
        "choices": _whole(choices),
        "saved_options": [(one.name, one.name) for one in kept],
        "resources": titles(call),
        "confidence": CONFIDENCE,
        "resource_options": [(name, call.text(title)) for name, title in titles(call).items()],
        "encodings": [(name, name) for name in ENCODINGS],
        "delimiters": [("tab" if mark == "\t" else mark, call.text(title)) for mark, title in DELIMITERS.items()],
        "told": lambda problem: told(call, problem),
        "unreadable": None,
        "step": 2,
    }


def _whole(choices: Mapping[str, Any]) -> dict[str, Any]:
    """Return choices with None for what was not chosen, as templates read them."""
    names = (*_READING, *_WRITING, "create_customers", "again", "fresh", "tags")
    return {name: choices.get(name) for name in names}


# --- options ---------------------------------------------------------------------------------------------------------


@get("/imports/draft/{id}/options", right=RIGHT)
def options(call: PageCall, id: UUID) -> Response:
    """Ask what to do with rows that are there already, and what the file leaves open."""
    upload = draft(call, id)
    return begun(call, upload) or _options(call, upload, {})


@post("/imports/draft/{id}/options", right=RIGHT)
def choose(call: PageCall, id: UUID) -> Response:
    """Keep the options and rehearse the import with them."""
    upload = draft(call, id)
    elsewhere = begun(call, upload)
    if elsewhere is not None:
        return elsewhere
    choices = dict(upload.choices)
    for name in _WRITING:
        choices[name] = call.value(name) or None
    choices["tags"] = [tag for part in re.split(r"[,;，；、]", call.value("tags")) if (tag := part.strip())]
    for name in ("create_customers", "again", "fresh"):
        choices[name] = call.value(name) == "true"
    problems = _wrong_options(call, choices)
    if problems:
        return _options(call, upload, problems, choices=choices, status=422)
    upload.choices = choices_of(choices)
    upload.work = None
    upload.save()
    begin(call.crm, call.actor, upload, "rehearsal", call.language)
    return call.redirect(f"/imports/draft/{id}/check")


def owners(call: PageCall) -> list[tuple[str, str]]:
    """Return the logins and names of the users that customers can be given to."""
    with call.session() as session:
        query = select(User.login, User.name).where(User.active.is_(True)).order_by(User.name).limit(_MOST_OWNERS)
        return [(login, name or login) for login, name in session.execute(query)]


def _wrong_options(call: PageCall, choices: dict[str, Any]) -> dict[str, list[Problem]]:
    from zoneinfo import available_timezones

    from crmkit.core.business.money import places

    found: dict[str, list[Problem]] = {}

    def wrong(name: str, text: str) -> None:
        found[name] = [Problem("CK400", text, field=name)]

    if choices["on_duplicate"] not in ("skip", "update", "review"):
        choices["on_duplicate"] = "skip"
    if choices["kind"] not in (None, "person", "organization"):
        choices["kind"] = None
    if choices["bad_cells"] not in (None, "reject", "leave_out"):
        choices["bad_cells"] = None
    if len(choices["keep_as"] or "") > 110:
        wrong("keep_as", _("At most 110 characters."))
    if any(len(tag) > 60 for tag in choices["tags"]) or len(choices["tags"]) > 20:
        wrong("tags", _("At most 20 tags of 60 characters each."))
    if choices["owner"] and choices["owner"] not in {login for login, _name in owners(call)}:
        wrong("owner", _("There is no such user."))
    if len(choices["source"] or "") > 60:
        wrong("source", _("At most 60 characters."))
    if choices["zone"] and choices["zone"] not in available_timezones():
        wrong("zone", _("There is no such time zone."))
    if choices["region"]:
        choices["region"] = choices["region"].upper()
        if len(choices["region"]) != 2 or not choices["region"].isalpha() or not choices["region"].isascii():
            wrong("region", _("A country has two letters, such as CN."))
    if choices["currency"]:
        choices["currency"] = choices["currency"].upper()
        try:
            places(choices["currency"])
        except CrmkitError:
            wrong("currency", _("There is no such currency."))
    return found


def _options(
    call: PageCall,
    upload: Upload,
    problems: Mapping[str, list[Problem]],
    *,
    choices: Mapping[str, Any] | None = None,
    status: int = 200,
) -> Response:
    found = look(call, upload, upload.choices)
    if found.plan is None:
        return call.redirect(f"/imports/draft/{upload.id}")
    return call.page(
        _OPTIONS,
        status=status,
        upload=upload,
        look=found,
        plan=found.plan,
        choices=_whole(choices if choices is not None else upload.choices),
        problems=problems,
        resources=titles(call),
        owners=owners(call),
        step=3,
    )


# --- running ---------------------------------------------------------------------------------------------------------


@post("/imports/draft/{id}/run", right=RIGHT)
def run(call: PageCall, id: UUID) -> Response:
    """Run the import, or go on with one that was interrupted. Another click changes nothing."""
    upload = draft(call, id)
    if upload.import_id is None:
        begin(call.crm, call.actor, upload, "import", call.language)
    return call.redirect(f"/imports/draft/{id}/run")


@get("/imports/draft/{id}/run", right=RIGHT)
def running(call: PageCall, id: UUID) -> Response:
    """Show how far the import is."""
    upload = draft(call, id)
    if upload.import_id is not None:
        return call.redirect(f"/imports/{upload.import_id}")
    return call.page(_RUN, **_running(call, upload))


@get("/imports/draft/{id}/run/progress", right=RIGHT)
def run_progress(call: PageCall, id: UUID) -> Response:
    """Show how far the import is, as a part of its page."""
    upload = draft(call, id)
    if upload.import_id is not None:
        return call.redirect(f"/imports/{upload.import_id}")
    return call.part(_RUN, "progress", **_running(call, upload))


def _running(call: PageCall, upload: Upload) -> dict[str, Any]:
    busy = upload.busy
    if not busy:
        upload = draft(call, upload.id)
    found = run_of(call.crm, call.actor, upload)
    state = "running" if busy else "interrupted"
    if found is not None and found.state != "running":
        state = found.state
    return {
        "upload": upload,
        "run": found,
        "busy": busy,
        "state": STATES[state],
        "work": upload.work,
        "error": upload.work.error if upload.work is not None and not busy else None,
        "step": 5,
    }


@post("/imports/draft/{id}/discard", right=RIGHT)
def discard(call: PageCall, id: UUID) -> Response:
    """Remove a file that was sent and not imported."""
    upload = draft(call, id)
    if upload.busy:
        return call.redirect(f"/imports/draft/{id}/run", said=_("This import is running right now."), level="warning")
    upload.discard()
    return call.redirect("/imports", said=_("The file was removed; nothing was imported."))


def begun(call: PageCall, upload: Upload) -> Response | None:
    """Return the way to an import that was begun of a file already: its choices stand then."""
    if upload.import_id is not None:
        return call.redirect(f"/imports/{upload.import_id}")
    if run_of(call.crm, call.actor, upload) is not None:
        return call.redirect(f"/imports/draft/{upload.id}/run")
    if upload.work is not None and upload.work.kind == "import" and upload.busy:
        return call.redirect(f"/imports/draft/{upload.id}/run")
    return None


ROUTES = [
    new,
    send,
    columns,
    preview,
    map_columns,
    options,
    choose,
    run,
    running,
    run_progress,
    discard,
]
