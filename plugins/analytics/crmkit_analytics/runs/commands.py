"""``crmkit analytics models`` and ``run``: what can be fitted, fitting it, and which run counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from crmkit import NotFound, texts
from crmkit.cli.api import Column, Invocation, command, option

_ = texts("crmkit_analytics")


def add_to(analytics: click.Group) -> None:
    """Add the commands of this room to a group."""
    _looking(analytics)
    _changing(analytics)


def _looking(analytics: click.Group) -> None:
    @command(analytics, "models", _("List what can be fitted, and which run of it counts."))
    def models(cli: Invocation) -> None:
        """Print the kinds of models."""
        from crmkit_analytics.runs.reading import adopted, kinds_of

        with cli.session() as session:
            counting = {name: adopted(session, name) for name in kinds_of(cli.crm)}
        rows = [
            {
                "model": name,
                "title": cli.text(kind.title),
                "doc": cli.text(kind.doc),
                "adopted": None if (run := counting[name]) is None else run.number,
            }
            for name, kind in kinds_of(cli.crm).items()
        ]
        columns = (Column("model", _("Model")), Column("title", _("Title")), Column("adopted", _("Counts"), "right"))
        cli.output.table(columns, rows, empty=_("No plugin can fit a model."))

    @command(analytics, "runs", _("List the runs of a model, or of all."))
    @click.argument("model", required=False)
    @option("--limit", type=click.IntRange(1, 1000), default=50, metavar="N", help=_("So many at most (50)."))
    def runs(cli: Invocation, model: str | None, limit: int) -> None:
        """Print runs, the newest first."""
        from crmkit_analytics.runs.reading import runs_of

        with cli.session() as session:
            rows = [run_document(each) for each in runs_of(session, model, limit)]
        columns = (
            Column("number", _("Number"), "right"),
            Column("model", _("Model")),
            Column("state", _("State")),
            Column("data_until", _("Data until")),
            Column("rows", _("Rows"), "right"),
            Column("reason", _("Reason")),
        )
        cli.output.table(columns, rows, empty=_("Nothing was fitted yet."))

    @command(analytics, "show", _("Show a run by its number: data, parameters, figures beside the base line."))
    @click.argument("number", type=click.IntRange(1))
    def show(cli: Invocation, number: int) -> None:
        """Print one run."""
        print_run(cli, _found(cli, number))


def _changing(analytics: click.Group) -> None:
    @command(analytics, "fit", _("Fit a model now, and print what was found."))
    @click.argument("model")
    @option("--param", "-p", "given", multiple=True, metavar="NAME=VALUE", help=_("A parameter of the model."))
    @option("--from", "data_from", metavar="DAY", help=_("Data from this day on."))
    @option("--until", "data_until", metavar="DAY", help=_("Data until this day (today)."))
    @option("--seed", type=click.IntRange(0), default=1, metavar="N", help=_("The same seed finds the same (1)."))
    def fit(
        cli: Invocation,
        model: str,
        given: Sequence[str],
        data_from: str | None,
        data_until: str | None,
        seed: int,
    ) -> None:
        """Fit while the terminal waits, with a bar of how far it is."""
        from crmkit_analytics.runs.fitting import fit_now

        with cli.output.progress(_("Fitting")) as advance:
            run = fit_now(
                cli.crm,
                cli.actor,
                model,
                _values(given),
                data_from=_day("data_from", data_from),
                data_until=_day("data_until", data_until),
                seed=seed,
                tell=lambda share, word: advance(round(share * 100), 100),
            )
        print_run(cli, run)

    @command(analytics, "adopt", _("Have a run count, by its number."))
    @click.argument("number", type=click.IntRange(1))
    def adopt(cli: Invocation, number: int) -> None:
        """Adopt a run."""
        cli.run("analytics.model_run.adopt", {}, target=_found(cli, number).id)
        cli.output.say(cli.text(_("Done.")))

    @command(analytics, "retire", _("Have a run no longer count, by its number."))
    @click.argument("number", type=click.IntRange(1))
    def retire(cli: Invocation, number: int) -> None:
        """Retire a run."""
        cli.run("analytics.model_run.retire", {}, target=_found(cli, number).id)
        cli.output.say(cli.text(_("Done.")))

    @command(analytics, "roll-back", _("Have the run of a model count again that counted before."))
    @click.argument("model")
    def roll_back(cli: Invocation, model: str) -> None:
        """Go back to the run before."""
        run = cli.run("analytics.model_run.roll_back", {"model": model})
        cli.output.say(cli.text(_("Run {number} counts.")), number=run.number)


def run_document(run: Any) -> dict[str, Any]:
    """Return a run as plain names and values, as ``--json`` prints it."""
    names = (
        "number", "model", "state", "data_from", "data_until", "known_at", "asked", "parameters", "figures", "baseline",
        "judged_by", "rows", "seed", "code_version", "started_at", "finished_at", "reason", "adopted_at",
    )  # fmt: skip
    return {"id": run.id, **{name: getattr(run, name) for name in names}}


def print_run(cli: Invocation, run: Any) -> None:
    """Print one run: what it was given, what it found, how good it is."""
    document = run_document(run)
    if cli.json:
        cli.output.document(document)
        return
    cli.output.record(
        (
            (_("Model"), run.model),
            (_("Number"), run.number),
            (_("State"), run.state),
            (_("Data from"), run.data_from),
            (_("Data until"), run.data_until),
            (_("Rows"), run.rows),
            (_("Seed"), run.seed),
            (_("Code"), run.code_version),
            (_("Reason"), run.reason),
        )
    )
    cli.output.heading(_("Parameters"))
    cli.output.table(
        (Column("name", _("Parameter")), Column("value", _("Found"), "right")),
        [{"name": name, "value": _said(value)} for name, value in run.parameters.items()],
    )
    cli.output.heading(_("Figures"))
    figures = dict.fromkeys([*run.figures, *run.baseline])
    cli.output.table(
        (Column("name", _("Figure")), Column("model", _("Model"), "right"), Column("base", _("Base line"), "right")),
        [
            {"name": name, "model": _said(run.figures.get(name)), "base": _said(run.baseline.get(name))}
            for name in figures
        ],
    )


def _said(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value


def _values(given: Sequence[str]) -> dict[str, Any]:
    """Return parameters as they were typed; several texts divided by commas are a list where the model wants one."""
    from crmkit import InvalidInput, Problem

    found: dict[str, Any] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name:
            text = _("Write a parameter as NAME=VALUE.")
            raise InvalidInput([Problem(InvalidInput.code, text, field="param", value=each)])
        if name in found:
            before = found[name] if isinstance(found[name], list) else [found[name]]
            found[name] = [*before, value]
        else:
            found[name] = [part.strip() for part in value.split(",")] if "," in value else value
    return found


def _day(field: str, text: str | None) -> Any:
    from datetime import date

    from crmkit import InvalidInput, Problem

    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problem = Problem(InvalidInput.code, _("This is no day; write 2026-07-31."), field=field, value=text)
        raise InvalidInput([problem]) from None


def _found(cli: Invocation, number: int) -> Any:
    from sqlalchemy import select

    from crmkit_analytics.runs.models import ModelRun

    with cli.session() as session:
        run = session.scalars(select(ModelRun).where(ModelRun.number == number)).first()
    if run is None:
        raise NotFound(_("There is no run {number}."), number=number)
    return run
