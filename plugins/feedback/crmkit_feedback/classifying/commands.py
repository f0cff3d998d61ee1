"""``crmkit feedback theme``: themes, learning, and what a text is about."""

from __future__ import annotations

from pathlib import Path

import click

from crmkit import InvalidInput, texts
from crmkit.cli.api import Column, Invocation, command, group as make_group

_ = texts("crmkit_feedback")


def add_to(group: click.Group) -> None:
    """Add the commands to those of feedback."""
    theme = make_group(help=_("Themes: list them, learn from corrections, try a text."), name="theme")
    group.add_command(theme)

    @command(theme, "list", _("List the themes with how much is about each."))
    def list_(cli: Invocation) -> None:
        """Print the themes."""
        from crmkit_feedback.classifying.pages import themes_page

        with cli.session() as session:
            page = themes_page(session, {})
            rows = [
                {
                    "name": each.name,
                    "title": each.title,
                    "depth": depth,
                    "words": list(each.words),
                    "feedback": page["counts"].get(each.id, (0, None))[0],
                }
                for each, depth in page["rows"]
            ]
        columns = (
            Column("name", _("Name")),
            Column("title", _("Title")),
            Column("feedback", _("Feedback"), align="right"),
        )
        cli.output.table(columns, rows, empty=_("There are no themes."))

    @command(theme, "learn", _("Learn from what people said that feedback is about."))
    def learn(cli: Invocation) -> None:
        """Learn a model, and print how good it is."""
        made = cli.crm.run(cli.actor, "feedback.model.learn")
        pairs = [
            (_("Model"), made.number),
            (_("Examples"), made.examples),
            (_("F1 on texts not seen"), made.figures["learnt"]["f1"]),
            (_("F1 of the words"), made.figures["words"]["f1"]),
            (_("Gain in F1"), "{value} ({low} … {high})".format_map(made.figures["gain"])),
            (_("Is used"), made.counts),
        ]
        document = {"number": made.number, "examples": made.examples, "counts": made.counts, **made.figures}
        cli.output.record(pairs, json=document)

    @command(theme, "apply", _("Take labels that people gave, of a CSV or JSONL file, over as corrections."))
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    def apply(cli: Invocation, file: Path) -> None:
        """Take labels over, all or none."""
        from crmkit_feedback.classifying.applying import APPLY, read_labels

        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise InvalidInput(_("{name} is not written in UTF-8."), name=file.name) from None
        labels = read_labels(text, lines=file.suffix.lower() in (".jsonl", ".ndjson"))
        done = cli.crm.run(cli.actor, APPLY, {"labels": labels})
        pairs = [
            (_("Feedback"), done.feedback),
            (_("Is about it"), done.themes),
            (_("Is not about it"), done.not_themes),
        ]
        document = {"feedback": done.feedback, "themes": done.themes, "not_themes": done.not_themes}
        cli.output.record(pairs, json=document)

    @command(theme, "try", _("Say what a text is about and what it thinks."))
    @click.argument("text")
    def try_(cli: Invocation, text: str) -> None:
        """Print themes and sentiment of a text."""
        from crmkit_feedback.classifying.labelling import found_in, tools_of
        from crmkit_feedback.classifying.sentiment import sentiment_of

        with cli.session() as session:
            tools = tools_of(session)
            found = found_in(tools, text, None)
            said = sentiment_of(text, judges=tools.judges)
        document = {
            "themes": [{"theme": each.theme, "way": each.way, "confidence": float(each.confidence)} for each in found],
            "sentiment": None if said is None else {"score": said.score, "label": said.label},
        }
        pairs = [
            (_("Themes"), ", ".join(each.theme for each in found)),
            (_("Sentiment"), "" if said is None else f"{said.label} ({said.score})"),
        ]
        cli.output.record(pairs, json=document)
