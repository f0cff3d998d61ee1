"""``crmkit service intents``: how good a model would be by a labelled file, learning one, trying it, using it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crmkit import NotFound, texts
from crmkit.cli.api import Column, Invocation, command, group, option

_ = texts("crmkit_service")


def add_to(service: click.Group) -> None:
    """Add the commands of this room to a group."""
    intents = group(help=_("What cases are about: models that suggest it, and how good they are."), name="intents")
    service.add_command(intents)
    _judging(intents)
    _using(intents)


def _judging(intents: click.Group) -> None:
    @command(intents, "evaluate", _("Say how good a model learnt from a labelled file is on texts it has not seen."))
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @option("--per-intent", is_flag=True, help=_("A line for each intent instead."))
    def evaluate(cli: Invocation, file: Path, per_intent: bool) -> None:
        """Learn from four fifths of a file, judge on the fifth, and keep nothing."""
        from crmkit_service.intents.learning import learn
        from crmkit_service.intents.training import examples_in

        found = learn(examples_in(file)).evaluation
        if per_intent:
            columns = (
                Column("intent", _("Intent")),
                Column("n", _("Held out"), "right"),
                Column("recall", _("Found"), "right"),
                Column("precision", _("Right"), "right"),
            )
            rows = [
                {
                    "intent": each.intent,
                    "n": each.n,
                    "recall": _percent(each.recall),
                    "precision": _percent(each.precision),
                }
                for each in found.per_intent
            ]
            return cli.output.table(columns, rows)
        return cli.output.record(_figures(found), json=found.document())

    @command(intents, "learn", _("Learn a model from a labelled file, or from the cases, and keep it as a candidate."))
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
    def learn_model(cli: Invocation, file: Path | None) -> None:
        """Learn, and keep what was learnt under the next number."""
        from crmkit_service.intents.learning import learn
        from crmkit_service.intents.training import examples_in, examples_of, keep

        if file is not None:
            examples = examples_in(file)
        else:
            with cli.session() as session:
                examples = examples_of(session)
        kept = keep(cli.crm, cli.actor, learn(examples), examples, "file" if file is not None else "cases")
        pairs = [
            (_("Number"), kept.number),
            (_("Texts"), kept.examples),
            (_("Intents"), kept.intents),
            (_("Right at once"), _percent(kept.accuracy)),
            (_("Among the first three"), _percent(kept.top3)),
        ]
        names = ("number", "state", "examples", "intents", "accuracy", "top3")
        cli.output.record(pairs, json={name: getattr(kept, name) for name in names})


def _using(intents: click.Group) -> None:
    @command(intents, "list", _("List the models that were learnt."))
    def list_models(cli: Invocation) -> None:
        """Print the models, the newest first."""
        from sqlalchemy import select

        from crmkit_service.intents.models import IntentModel

        with cli.session() as session:
            rows = [
                {
                    "number": each.number,
                    "state": each.state,
                    "source": each.source,
                    "examples": each.examples,
                    "intents": each.intents,
                    "accuracy": _percent(each.accuracy),
                    "learnt_at": each.learnt_at,
                }
                for each in session.scalars(select(IntentModel).order_by(IntentModel.number.desc()))
            ]
        columns = (
            Column("number", _("Number"), "right"),
            Column("state", _("State")),
            Column("source", _("Learnt from")),
            Column("examples", _("Texts"), "right"),
            Column("intents", _("Intents"), "right"),
            Column("accuracy", _("Right at once"), "right"),
            Column("learnt_at", _("Learnt at")),
        )
        cli.output.table(columns, rows, empty=_("No model was learnt yet."))

    @command(intents, "adopt", _("Use a model from now on."))
    @click.argument("number", type=int)
    def adopt(cli: Invocation, number: int) -> None:
        """Have a model suggest intents, in place of any other."""
        from sqlalchemy import select

        from crmkit_service.intents.models import IntentModel

        with cli.session() as session:
            model_id = session.scalar(select(IntentModel.id).where(IntentModel.number == number))
        if model_id is None:
            raise NotFound(_("There is no model {number}."), number=number)
        cli.run("service.intent_model.adopt", target=model_id)
        cli.output.say(_("Model {number} is in use now."), number=number)

    @command(intents, "try", _("Say what the model in use takes a text to be about."))
    @click.argument("text")
    def try_text(cli: Invocation, text: str) -> None:
        """Print the intents that a text may have."""
        from crmkit_service.intents.reading import adopted, loaded

        with cli.session() as session:
            model = adopted(session)
            arrays = loaded(session, model) if model is not None else None
        if arrays is None:
            raise NotFound(_("No model is in use."), fix=_("Learn one, and adopt it."))
        rows = [{"intent": each.intent, "probability": _percent(each.probability)} for each in arrays.guess(text)]
        columns = (Column("intent", _("Intent")), Column("probability", _("Probability"), "right"))
        cli.output.table(columns, rows, empty=_("It knows no word of this text."))


def _figures(found: Any) -> list[tuple[str, object]]:
    """Return the main figures of an evaluation as people read them."""
    return [
        (_("Learnt from"), found.learnt_from),
        (_("Held out"), found.held_out),
        (_("Intents"), found.intents),
        (_("Right at once"), f"{_percent(found.accuracy)} ({_percent(found.low)} – {_percent(found.high)})"),
        (_("Among the first three"), _percent(found.top3)),
        (_("Calibration error"), _percent(found.calibration_error)),
        (_("Suggested with 80% or more"), _percent(found.sure)),
        (_("Of these right"), _percent(found.sure_accuracy)),
        (_("Seconds"), found.seconds),
    ]


def _percent(share: float) -> str:
    return f"{share * 100:.1f}%"
