"""Checks what people are shown: reports, pages, and the help of commands.

Reports and pages are made of nothing, of one customer and of several, in every language. What people typed holds a
script, which must come out as text. Must not know what a page says.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import unescape
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import quote

import click

from crmkit.core.operations.inputs import Input
from crmkit.engines.reports.parameters import described
from crmkit.engines.reports.running import run
from crmkit.errors import InvalidInput, MissingExtra
from crmkit.exchange.reports.output import output
from crmkit.hooks.contributions import Finding, Period, Report
from crmkit.i18n import LANGUAGES, texts
from crmkit.testing.doors import Doors, has_doors
from crmkit.testing.inputs import value_for
from crmkit.testing.report import broken, from_error, named, noted, reason_of
from crmkit.testing.scenes import HOSTILE, Scene, Use, scene

if TYPE_CHECKING:
    from crmkit.core.store.actor import Actor
    from crmkit.manifest import PluginManifest
    from crmkit.testing.workbench import Workbench

_ = texts("crmkit")

FORMS = ("json", "csv", "html")
SEVERAL = 3
PAGES = 30
"""How many pages are looked at in each language, those that others link to included."""
_LINK = re.compile(r'(?:href|hx-get)="([^"#]+)"')
_RECORD = re.compile(r"/records/[^/]+/[0-9a-f-]{36}")
_RAW = (HOSTILE.partition("{")[0], " <b>")
"""What stands in a page where something that was typed is shown as it is."""
_OWN_ROWS = _(
    "If rows that were made up break a rule of your tables, say in the manifest what uses the plugin: sample."
)


def everything_shows(bench: Workbench, use: Use | None = None) -> Iterator[Finding]:
    """Make every report and every page of nothing, of one customer, and of several."""
    told: set[tuple[str, str, str]] = set()
    with scene(bench, use) as tried:
        actor = tried.actors(permissions=["*.*"], fields={"personal": "full", "text": "full", "sensitive": "full"})
        for number in range(SEVERAL):
            if number:
                for _customer in range(1 if number == 1 else SEVERAL):
                    tried.customer(actor)
            # Pages differ between nothing and something, reports also between one row and several.
            pages = () if number == 1 else _pages(tried, actor, filled=number > 0)
            for finding in (*_reports(tried, actor), *pages):
                key = (finding.code, finding.message, str(finding.values.get("where")))
                if key not in told:
                    told.add(key)
                    yield finding


def _reports(tried: Scene, actor: Actor) -> Iterator[Finding]:
    called = importlib.import_module("crmkit.cli.calling").CommandLine(crm=tried.crm)
    for report in tried.crm.registry.owned(tried.plugin, "report"):
        values = _parameters(tried, actor, report)
        if values is None:
            yield noted(
                "CK701", _("{where} was not tried: it needs parameters that cannot be made up."), where=report.name
            )
            continue
        for language in LANGUAGES:
            for form in FORMS:
                try:
                    with tried.crm.session(actor) as session:
                        made = run(session, report.name, values)
                        shown = output(session, made, form, language).decode("utf-8", "replace")
                except MissingExtra:
                    continue
                except Exception as error:
                    yield broken(
                        "CK701",
                        _("{where} cannot be made as {form} in the language {language}: {reason}"),
                        _OWN_ROWS,
                        where=report.name,
                        form=form,
                        language=language,
                        reason=reason_of(error),
                    )
                    continue
                if form == "html" and _is_raw(shown):
                    yield _unescaped(report.name)
                columns = {column.name for column in made.columns}
                for chart in made.charts:
                    unknown = {chart.x, *chart.y} - columns
                    if unknown:
                        yield broken(
                            "CK701",
                            _("{where} draws columns in a chart that it does not have: {columns}."),
                            _("It has: {known}."),
                            where=report.name,
                            columns=named(unknown),
                            known=named(columns),
                        )
        words = (word for name, value in values.items() for word in ("-p", f"{name}={value}"))
        done = called("report run", report.name, *words, actor=actor)
        if done.code:
            yield broken(
                "CK701",
                _("{where} cannot be printed by the command line: {reason}"),
                _OWN_ROWS,
                where=report.name,
                reason=done.error.strip(),
            )


def _parameters(tried: Scene, actor: Actor, report: Report) -> Mapping[str, Any] | None:
    """Return what a report needs to be told, made up; None where it takes nothing that can be made up."""
    values: dict[str, Any] = {}
    for each in described(report):
        period = Period in (each.type, *get_args(each.type)) or (report.parameters is Period and each.name == "first")
        if not each.required:
            continue
        made = "this month" if period else value_for(each.type, Input())
        if made is None:
            return None
        values[each.name] = made if isinstance(made, str) else str(made)
    if report.parameters is Period and "first" in values:
        values = {"first": "2026-01-01", "last": "2026-12-31"}
    try:
        with tried.crm.session(actor) as session:
            run(session, report.name, values)
    except InvalidInput:
        return None
    except Exception:  # said where the report is made
        return values
    return values


def _is_raw(shown: str) -> bool:
    return any(each in shown for each in _RAW)


def _unescaped(where: str) -> Finding:
    return broken(
        "CK702",
        _("{where} shows what was typed as markup: a script in it would run."),
        _("Let templates escape it: no |safe, no Markup() around what a person has typed."),
        where=where,
    )


def _pages(tried: Scene, actor: Actor, *, filled: bool) -> Iterator[Finding]:
    if not has_doors():
        yield noted("CK703", _("Pages were not tried: crmkit[web] is not installed."))
        return
    doors, registry, plugin = Doors(crm=tried.crm), tried.crm.registry, tried.plugin
    documents = {_page_path(plugin, page.path) for page in registry.owned(plugin, "page") if page.document}
    first = dict.fromkeys(_first_pages(tried))
    for language in LANGUAGES:
        waiting = list(first)
        seen: set[str] = set()
        while waiting and len(seen) < PAGES:
            path = waiting.pop(0)
            if path in seen:
                continue
            seen.add(path)
            answer = doors.get(path, actor, language)
            where = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", path)
            bare = path.partition("?")[0]
            if answer.status >= 500 or (
                answer.status != 200 and path in first and _has_to_show(registry, plugin, path)
            ):
                yield broken(
                    "CK703",
                    _("The page {where} answers {status} in the language {language}: {reason}"),
                    _OWN_ROWS,
                    where=where,
                    status=answer.status,
                    language=language,
                    reason=answer.reason or _reason_in(answer.text),
                )
            if answer.status == 200 and bare not in documents and _is_raw(answer.text):
                yield _unescaped(where)
            if filled and answer.status == 200 and bare not in documents:
                waiting.extend(_links(answer.text, plugin))


def _page_path(plugin: str, path: str) -> str:
    return f"/modules/{plugin}/{path.strip('/')}".rstrip("/")


def _has_to_show(registry: Any, plugin: str, path: str) -> bool:
    """Say whether an address has to lead to a page: one that no menu names may need to be told of what, and a record
    may be one that not even who may do everything sees."""
    return not _RECORD.fullmatch(path) and not any(
        _page_path(plugin, page.path) == path and not (page.menu or page.top) for page in registry.owned(plugin, "page")
    )


def _first_pages(tried: Scene) -> Iterator[str]:
    """Return the addresses of what the plugin declares."""
    registry, plugin, rows = tried.crm.registry, tried.plugin, tried.ids()
    for page in registry.owned(plugin, "page"):
        yield _page_path(plugin, page.path)
    for resource in registry.owned(plugin, "resource"):
        if resource.model.__access__.kind == "system":
            continue
        yield f"/records/{quote(resource.name)}"
        for identity in sorted(rows.get(resource.model.__tablename__, ()))[:1]:
            yield f"/records/{quote(resource.name)}/{identity}"
    for sort in ("board", "calendar"):
        for view in registry.owned(plugin, sort):
            yield f"/records/{quote(view.resource)}/{sort}/{quote(view.name)}"
    for report in registry.owned(plugin, "report"):
        yield f"/reports/{quote(report.name)}"
    yield "/"
    yield "/customers"


def _links(page: str, plugin: str) -> Iterable[str]:
    """Return the addresses of a page's links that lead to pages of the plugin."""
    for found in _LINK.findall(page):
        link = unescape(found)
        if link.startswith((f"/modules/{plugin}/", f"/records/{plugin}.")):
            yield link


def _reason_in(page: str) -> str:
    """Return the text of what an error's page says of it."""
    body = page.partition("<main")[2].partition("</main>")[0] or page
    text = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", " ", body, flags=re.DOTALL)
    return " ".join(unescape(text).split())[:300]


# --- commands --------------------------------------------------------------------------------------------------------


def commands_say_what_they_do(manifest: PluginManifest) -> Iterator[Finding]:
    """Read the help of the plugin's commands, and of everything below them."""
    for name, given in sorted(manifest.commands.items()):
        module, _colon, attribute = given.target.partition(":")
        try:
            found = getattr(importlib.import_module(module), attribute)
        except Exception as error:
            yield from_error(error, "CK107", always=True)
            continue
        if isinstance(found, click.Command):
            yield from _helped(found, f"crmkit {name}", given.help)


def _helped(command: click.Command, path: str, said: str = "") -> Iterator[Finding]:
    if not (said or command.help or command.short_help):
        yield broken(
            "CK704",
            _("{command} does not say what it does."),
            _("Give it a docstring, or help=."),
            command=path,
        )
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden and not parameter.help:
            yield broken(
                "CK704",
                _("The option {option} of {command} does not say what it does."),
                _("Say it: help=."),
                option=parameter.opts[0],
                command=path,
            )
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _helped(inner, f"{path} {name}")


STEPS: Sequence[Callable[[Workbench, Use | None], Iterator[Finding]]] = (everything_shows,)
"""What is made, each in a customer base of its own."""
