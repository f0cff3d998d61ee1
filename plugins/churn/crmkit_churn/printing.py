"""What ``crmkit churn train`` prints: a run's figures beside its base line's. Must not know how they were found."""

from __future__ import annotations

import json
from typing import Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation

_ = texts("crmkit_churn")


def show_run(cli: Invocation, run: Any) -> None:
    """Print the figures of a run beside its base line's; with --json as one document."""
    found, base = run.figures or {}, run.baseline or {}
    names = ("auc", "pr_auc", "lift_at_decile", "brier", "ece", "log_loss", "accuracy")
    document = {
        "run": run.number,
        "state": run.state,
        "better": run.state != "refused",
        "method": run.parameters.get("method"),
        "rows": run.rows,
        "split": found.get("split"),
        **{name: found.get(name) for name in names},
        "base_line": {name: base.get(name) for name in ("base", *names)},
        "gain": found.get("gain"),
        "five_fold": found.get("five_fold"),
        "seconds": found.get("seconds"),
        "cpu_seconds": found.get("cpu_seconds"),
        "features": found.get("features"),
        "notes": [cli.text(note["text"]).format(**note["values"]) for note in run.notes or []],
    }
    if cli.output.json:
        click.echo(json.dumps(document, ensure_ascii=False, default=str))
        return
    rows = [
        {"figure": name, "model": found.get(name), "base": base.get(name), "folds": found["five_fold"].get(name)}
        for name in names
    ]
    columns = (
        Column("figure", _("Figure")),
        Column("model", _("Model"), "right"),
        Column("base", _("Base line"), "right"),
        Column("folds", _("Five-fold"), "right"),
    )
    cli.output.table(columns, rows)
    split = found["split"]
    words = _("Learnt from {train} ({train_left} left), judged by {test} ({test_left} left): {how}. {seconds} s.")
    cli.output.say(
        cli.text(words).format(
            train=split["train_rows"],
            train_left=split["train_left"],
            test=split["test_rows"],
            test_left=split["test_left"],
            how=split["how"] or f"{', '.join(split['train_cuts'])} → {split['test_cut']}",
            seconds=found["seconds"],
        )
    )
    for note in document["notes"]:
        cli.output.say(note)
    said = _("Refused: no better than the base line.") if run.state == "refused" else _("Better than the base line.")
    cli.output.say(cli.text(said))
