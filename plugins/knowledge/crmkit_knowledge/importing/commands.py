"""``crmkit knowledge import``: articles from a file of JSON lines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from crmkit import CrmkitError, texts
from crmkit.cli.api import Column, Invocation, command, option
from crmkit_knowledge.articles.errors import problem

_ = texts("crmkit_knowledge")

BATCH = 200
TAKEN = ("title", "body", "summary", "category", "kind", "language", "tags")


def add_to(group: click.Group) -> None:
    """Add the command to those of knowledge."""

    @command(group, "import", _("Take articles over from a file of JSON lines: id, title, body and more."))
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @option("--space", metavar="NAME", default="", help=_("Into this space."))
    @option("--source", metavar="NAME", default="", help=_("What the system is called; without it the file."))
    @option("--draft", is_flag=True, help=_("As drafts, to be approved here."))
    def import_(cli: Invocation, file: Path, space: str, source: str, draft: bool) -> None:
        """Take a file over and print what became of its lines."""
        common = {"source": source or file.stem, "space": space, "publish": not draft}
        became: Counter[str] = Counter()
        refused: list[dict[str, Any]] = []
        batch: list[tuple[int, dict[str, Any]]] = []

        def carry_out() -> None:
            outcomes = cli.crm.run_many(cli.actor, "knowledge.article.import", [values for _line, values in batch])
            for (line, _values), outcome in zip(batch, outcomes, strict=True):
                if outcome.ok:
                    became[outcome.result.became] += 1
                else:
                    refused.append(
                        {"line": line, "why": "; ".join(each.render(cli.language) for each in outcome.problems)}
                    )
            batch.clear()

        for line, found in _lines(file):
            if isinstance(found, CrmkitError):
                refused.append({"line": line, "why": found.render(cli.language)})
                continue
            batch.append((line, {**found, **common}))
            if len(batch) >= BATCH:
                carry_out()
        carry_out()
        more = {"file": file.name, **{name: became[name] for name in ("created", "updated", "unchanged", "in_work")}}
        columns = (Column("line", _("Line"), align="right"), Column("why", _("Why")))
        cli.output.table(columns, refused, more=more, empty=_("Nothing was refused."))
        if not cli.output.json:
            cli.output.say(
                _("{created} created, {updated} updated, {unchanged} unchanged, {refused} refused."),
                created=became["created"],
                updated=became["updated"],
                unchanged=became["unchanged"],
                refused=len(refused),
            )


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any] | CrmkitError]]:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                found = json.loads(line)
            except (json.JSONDecodeError, RecursionError):
                found = None
            if not isinstance(found, dict) or not found.get("id"):
                yield number, problem("file", _("A line is a JSON object with an id, a title and a body."))
                continue
            values = {name: found[name] for name in TAKEN if found.get(name) is not None}
            yield number, {**values, "external_id": str(found["id"])}
