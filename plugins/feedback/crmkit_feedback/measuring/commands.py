"""``crmkit feedback score``: the figures of a survey, for people and for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

if TYPE_CHECKING:
    from crmkit_feedback.measuring.scores import Figure

_ = texts("crmkit_feedback")

COLLECT = "feedback.response.collect"
_DAY = click.DateTime(["%Y-%m-%d"])


def add_to(group: click.Group) -> None:
    """Add the commands to those of feedback."""

    @command(group, "score", _("Print the figures of a survey, with their intervals."))
    @click.argument("survey")
    @option("--by", default="", metavar="DIMENSION", help=_("owner, month, an attribute, label.value, a fact …"))
    @option("--since", type=_DAY, metavar="DAY", help=_("The first day."))
    @option("--until", type=_DAY, metavar="DAY", help=_("The last day."))
    @option("--question", default="", metavar="KEY", help=_("Another question than the one it measures by."))
    @option("--weighted", default="", metavar="DIMENSION", help=_("As if each part had answered as often as another."))
    @option("--reversed", "turned", is_flag=True, help=_("The lowest score is the best."))
    def score(
        cli: Invocation,
        survey: str,
        by: str,
        since: datetime | None,
        until: datetime | None,
        question: str,
        weighted: str,
        turned: bool,
    ) -> None:
        """Print the figures of a survey."""
        _score(cli, survey, by, since, until, question=question, weighted=weighted, turned=turned)


def _score(
    cli: Invocation,
    name: str,
    by: str,
    since: datetime | None,
    until: datetime | None,
    *,
    question: str,
    weighted: str,
    turned: bool,
) -> None:
    from crmkit_feedback.measuring.comparing import gaps
    from crmkit_feedback.measuring.rates import rates, weights_of
    from crmkit_feedback.measuring.reading import figures, survey_of

    _collect(cli)
    first, last = (None if day is None else day.date() for day in (since, until))
    with cli.session() as session:
        survey = survey_of(session, name)
        weights = weights_of(session, survey, weighted, first, last) if weighted else None
        options = {"question": question, "reversed": turned}
        (whole,) = figures(session, survey, None, first, last, weights, **options)  # type: ignore[arg-type]
        groups = figures(session, survey, by, first, last, weights, **options) if by else ()  # type: ignore[arg-type]
        asked = rates(session, survey, None, first, last)
        found = {
            "survey": survey.name,
            **whole.document(),
            "by": by or None,
            "asked": sum(each.asked for each in asked),
            "answered": sum(each.answered for each in asked),
            "differences": [each.document() for each in gaps(groups)],
        }
    if whole.outside:
        cli.output.warn(_("{count} answers are not on the scale and were left out."), count=whole.outside)
    if weights is not None and weights.missing:
        cli.output.warn(_("Nobody answered of: {parts}."), parts=", ".join(weights.missing))
    shown = groups if by else (whole,)
    rows = [{**each.document(), "interval": _interval(each)} for each in shown]
    cli.output.table(_columns(shown, by), rows, more=found, empty=_("Nobody has answered yet."))
    hidden = sum(each.hidden for each in shown)
    if hidden:
        cli.output.say(_("{count} groups have too few answers to be shown."), count=hidden)
    for each in found["differences"]:
        if each["p_holm"] is not None and each["p_holm"] < 0.05:
            text = _("{one} and {other} differ by {delta} (p = {p}, Holm).")
            one, other = each["groups"]
            cli.output.say(text, one=one, other=other, delta=f"{100 * each['delta']:+.1f}", p=f"{each['p_holm']:.4f}")


def _collect(cli: Invocation) -> None:
    """Take in what came as interactions, in batches, each in a transaction of its own."""
    after = None
    while COLLECT in cli.crm.registry.operations:
        after = cli.run(COLLECT, {"after": after}).last_id
        if after is None:
            return


def _interval(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f"{100 * figure.low:.1f} – {100 * figure.high:.1f}"


def _columns(shown: Sequence[Figure], by: str) -> list[Any]:
    metric = shown[0].metric if shown else "nps"
    if metric == "nps":
        bands = [("promoters", _("Promoters")), ("passives", _("Passives")), ("detractors", _("Detractors"))]
    elif metric == "csat":
        bands = [("satisfied", _("Satisfied")), ("neutral", _("Neither")), ("dissatisfied", _("Dissatisfied"))]
    else:
        bands = [("easy", _("Easy")), ("middling", _("Middling")), ("hard", _("Hard"))]
    return [
        *([Column("title", _("Group"))] if by else []),
        Column("n", _("Answers"), "right"),
        *(Column(name, title, "right") for name, title in bands),
        Column(f"{metric}_100", {"nps": "NPS", "csat": "CSAT", "ces": "CES"}[metric], "right"),
        Column("interval", _("Interval of 95 %"), "right"),
        *([] if metric == "nps" else [Column("mean", _("Mean"), "right")]),
    ]
