"""The commands of answering: the open link of a survey, answers out of files, and answers into files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from crmkit import texts
from crmkit.cli.api import Invocation, command, option

_ = texts("crmkit_feedback")

BATCH = 2000


def add_to(group: click.Group) -> None:
    """Add the commands to those of feedback."""
    _add_link(group)
    _add_import(group)
    _add_export(group)


def _add_link(group: click.Group) -> None:
    @command(group, "link", _("Print the open link of a survey, and draw it as a QR code."))
    @click.argument("survey")
    @option(
        "--origin", "origins", multiple=True, metavar="ADDRESS", help=_("A website that may show it; several times.")
    )
    @option("--qr", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help=_("A .svg or .png file."))
    @option("--anew", is_flag=True, help=_("A new address; the one before opens nothing any more."))
    def link(cli: Invocation, survey: str, origins: tuple[str, ...], qr: Path | None, anew: bool) -> None:
        """Make the link where there is none."""
        from crmkit_feedback.answering.links import qr_png, qr_svg

        made = cli.run("feedback.survey.link", {"origins": list(origins), "anew": anew}, target=_survey(cli, survey))
        if qr is not None:
            content = qr_png(made.address) if qr.suffix.lower() == ".png" else qr_svg(made.address).encode()
            qr.write_bytes(content)
        document = {"address": made.address, "embed": made.embed, "origins": list(made.origins)}
        cli.output.document({**document, "qr": str(qr)} if qr is not None else document)


def _add_import(group: click.Group) -> None:
    @command(group, "import", _("Take the answers of a file over: the other columns are answers or attributes."))
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @option("--survey", required=True, metavar="NAME", help=_("The survey; one that there is not is added."))
    @option("--score", "score", required=True, metavar="COLUMN", help=_("The column with the score."))
    @option("--at", "at", required=True, metavar="COLUMN", help=_("The column with the day or instant (UTC)."))
    @option("--metric", type=click.Choice(["nps", "csat", "ces"]), help=_("What it measures; else told by the range."))
    @option(
        "--id", "id_", metavar="COLUMN", help=_("The column with the id of the response; else the number of the row.")
    )
    @option("--customer", metavar="COLUMN", help=_("The column with the id that the customer has in the source."))
    @option("--comment", metavar="COLUMN", help=_("The column with what was written."))
    @option("--source", default="import", metavar="NAME", help=_("The system that it comes from (import)."))
    def import_(
        cli: Invocation,
        file: Path,
        survey: str,
        score: str,
        at: str,
        metric: str | None,
        id_: str | None,
        customer: str | None,
        comment: str | None,
        source: str,
    ) -> None:
        """Take answers over, in batches; what was taken over before is counted and left as it is."""
        columns = {"score": score, "answered_at": at, "external_id": id_, "customer": customer, "comment": comment}
        common = {"survey": survey, "metric": metric, "external_source": source}
        made = duplicates = 0
        refused: list[str] = []
        for batch in _batches(_items(file, columns, common)):
            with cli.crm.transaction(cli.actor) as session:
                known = _customers(session, source, [each.get("customer") for _line, each in batch])
                values = [_with_customer(each, known) for _line, each in batch]
                outcomes = session.run_many("feedback.response.import", values)
                for (line, _item), outcome in zip(batch, outcomes, strict=True):
                    if not outcome.ok:
                        refused.append(f"{line}: {'; '.join(each.render() for each in outcome.problems)}")
                    elif outcome.result.duplicate:
                        duplicates += 1
                    else:
                        made += 1
        cli.output.document(
            {"responses": made, "duplicates": duplicates, "rejected": len(refused), "why": refused[:20]}
        )


def _add_export(group: click.Group) -> None:
    @command(group, "export", _("Write the answers of a survey as a table, with a codebook."))
    @click.argument("survey")
    @option(
        "--output", "target", required=True, type=click.Path(path_type=Path), metavar="FOLDER|FILE",
        help=_("The folder, or the CSV file."),
    )  # fmt: skip
    @option("--texts", "with_text", is_flag=True, help=_("With what customers have written."))
    @option("--reason", metavar="TEXT", help=_("Why their texts are needed; it is kept in the audit log."))
    @option("--language", default="en", metavar="LANGUAGE", help=_("Of the codebook (en)."))
    def export(cli: Invocation, survey: str, target: Path, with_text: bool, reason: str | None, language: str) -> None:
        """Write two files."""
        from crmkit_feedback.answering.exporting import write_export
        from crmkit_feedback.surveys.choosing import survey_named

        if with_text and not (reason or "").strip():
            raise click.UsageError("--texts needs --reason.")
        with cli.session() as session:
            found = survey_named(session, survey)
            session.note(
                "feedback.response.export", resource="feedback.response", target=found, reason=reason,
                details={"texts": with_text},
            )  # fmt: skip
            count, rows, book = write_export(session, found, target, with_text=with_text, language=language)
        cli.output.document({"rows": count, "answers": str(rows), "codebook": str(book)})


def _survey(cli: Invocation, name: str) -> Any:
    from crmkit_feedback.surveys.choosing import survey_named

    with cli.session() as session:
        return survey_named(session, name).id


def _items(
    file: Path, columns: Mapping[str, str | None], common: Mapping[str, Any]
) -> Iterator[tuple[int, dict[str, Any]]]:
    from crmkit import InvalidInput, open_rows

    named = {column: field for field, column in columns.items() if column}
    with open_rows(file) as source:
        missing = [column for column in named if column not in source.columns]
        if missing:
            raise InvalidInput(_('There is no column "{column}".'), column=missing[0])
        for number, row in enumerate(source, 1):
            cells = {name: str(value).strip() for name, value in zip(source.columns, row.cells, strict=False)}
            item: dict[str, Any] = {**common, "answers": {}}
            for heading, cell in cells.items():
                if not cell:
                    continue
                if heading in named:
                    item[named[heading]] = cell
                else:
                    item["answers"][heading] = cell
            item.setdefault("external_id", f"{file.name}:{number}")
            item["answered_at"] = _instant(item.get("answered_at"))
            yield row.line, item


def _instant(text: str | None) -> str | None:
    return None if text is None else f"{text}T00:00:00Z" if len(text) == 10 else text


def _customers(session: Any, source: str, names: list[str | None]) -> dict[str, Any]:
    from crmkit import customers_known_by

    found: dict[str, Any] = {}
    for name in {each for each in names if each}:
        known = customers_known_by(session, source, name)
        if known:
            found[name] = known[0]
    return found


def _with_customer(item: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    name = item.pop("customer", None)
    if name is None:
        return item
    if name in known:
        return {**item, "customer_id": known[name]}
    # Somebody who is not known is kept as what was said of them.
    return {**item, "answers": {**item["answers"], "customer": name}}


def _batches(items: Iterator[tuple[int, dict[str, Any]]]) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    batch: list[tuple[int, dict[str, Any]]] = []
    for each in items:
        batch.append(each)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
