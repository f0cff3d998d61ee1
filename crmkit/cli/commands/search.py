"""``crmkit search``: records by their words, and making the index anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import option, single
from crmkit.cli.output import Column
from crmkit.errors import InvalidInput
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.hooks.contributions import SearchHit

_ = texts("crmkit")


@single(
    "search",
    _(
        "Find customers, interactions, products and what plugins add by their words, the best first. What stands in "
        "quotation marks is a phrase. An e-mail address, a phone number or an identifier finds its customer."
    ),
)
@click.argument("words", nargs=-1, metavar="[TEXT]...")
@option(
    "--in",
    "within",
    multiple=True,
    metavar="KIND",
    help=_("Only customers, interactions …; may be given several times."),
)
@option("--limit", type=click.IntRange(1, 1000), metavar="N", default=20, help=_("At most so many (20)."))
@option("--rebuild", is_flag=True, help=_("Do not search: make the index anew, of the kinds given by --in or all."))
def search(cli: Invocation, words: tuple[str, ...], within: tuple[str, ...], limit: int, rebuild: bool) -> None:
    """Print what a text finds, or make the index anew."""
    kinds = [_kind(cli, name) for name in within] or None
    text = " ".join(words)
    if rebuild:
        if text:
            raise InvalidInput(_("--rebuild takes no text to search for."))
        _rebuild(cli, kinds)
        return
    if not text.strip():
        raise InvalidInput(_("Say what to search for."))
    from crmkit.engines.search.searching import search as find

    with cli.session() as session:
        results = find(session, text, within=kinds, limit=limit)
        for plugin, error in results.failed.items():
            cli.output.warn(_('The search of the plugin "{name}" failed: {reason}'), name=plugin, reason=str(error))
        titles = {name: cli.text(each.title) for name, each in cli.crm.registry.searchables.items()}
        rows = [_row(cli, hit, titles) for hit in results.hits]
    columns = (
        Column("kind", _("Kind")),
        Column("title", _("Title")),
        Column("found", _("Found")),
        Column("id", _("Id")),
    )
    failed = {"failed": sorted(results.failed)}
    cli.output.table(columns, rows, more=failed, empty=_("Nothing was found."))


def _kind(cli: Invocation, name: str) -> str:
    """Return the name of a kind of record, which may be given in the plural."""
    known = cli.crm.registry.searchables
    return name.removesuffix("s") if name not in known and name.removesuffix("s") in known else name


def _row(cli: Invocation, hit: SearchHit, titles: dict[str, str]) -> dict[str, Any]:
    resource, _colon, identity = hit.ref.partition(":")
    return {
        "resource": resource,
        "id": identity,
        "kind": titles.get(resource, resource),
        "title": cli.text(hit.title),
        "score": hit.score,
        "customer_id": hit.customer_id,
        "snippet": hit.snippet,
        "highlights": [list(place) for place in hit.highlights],
        "reason": cli.text(hit.reason) if hit.reason else "",
        "found": cli.text(hit.reason) if hit.reason else _marked(hit),
    }


def _marked(hit: SearchHit) -> str:
    """Return a snippet with what was searched for in brackets, as a terminal's colours are not copied."""
    text = hit.snippet
    for first, last in reversed(hit.highlights):
        text = f"{text[:first]}[{text[first:last]}]{text[last:]}"
    return text


def _rebuild(cli: Invocation, kinds: list[str] | None) -> None:
    done: dict[str, int] = {}
    with cli.output.progress(_("Indexing")) as advance:
        for kind in kinds or sorted(cli.crm.registry.searchables):
            after, done[kind] = None, 0
            while True:
                part = cli.run("search.rebuild", {"resource": kind, "after": after})
                done[kind] += part.records
                advance(sum(done.values()), 0)
                after = part.after
                if after is None:
                    break
    if cli.json:
        cli.output.document({"indexed": done})
    for kind, number in done.items():
        cli.output.say(_("{kind}: {number} records were indexed."), kind=kind, number=number)
