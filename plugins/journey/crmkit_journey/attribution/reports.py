"""The report on attribution: what each channel gets of the revenue, a column for each model."""

from __future__ import annotations

from typing import Annotated

from attrs import frozen

from crmkit import Chart, Column, CrmSession, Input, Moment, Note, Period, Report, Table, texts
from crmkit_journey.attribution.computing import attribute
from crmkit_journey.attribution.reading import Touches, merged, paths_of
from crmkit_journey.attribution.sharing import HALF_LIFE
from crmkit_journey.attribution.words import BY, MODELS, WAYS, By, Way

_ = texts("crmkit_journey")

_UNTOUCHED = "(none)"


@frozen(kw_only=True)
class AttributionParameters:
    """The days whose conversions count, and which touches are given credit for them."""

    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    by: Annotated[By, Input(title=_("By"), choices=BY, classified="internal")] = "channel"
    days: Annotated[int, Input(title=_("Days of look-back"), minimum=1, maximum=3650, classified="internal")] = 30
    way: Annotated[Way, Input(title=_("Direction"), choices=WAYS, classified="internal")] = "any"
    conversion: Annotated[
        str, Input(title=_("Kind of conversion"), max_length=60, classified="internal")
    ] = "purchase"  # fmt: skip


def attribution_rows(session: CrmSession, parameters: AttributionParameters, moment: Moment) -> Table:
    """Return what each channel gets by each model, in minor units of the base currency; every column adds up to the
    revenue of the conversions that had touches, and with the row of those without to all of it."""
    choice = Touches(
        period=parameters.period,
        by=parameters.by,
        days=parameters.days,
        way=parameters.way,
        conversion=parameters.conversion,
    )
    found = paths_of(session, choice, moment)
    alike = merged(found.paths)
    by_model = {
        name: attribute(name, found.paths if name == "decay" else alike, half_life=HALF_LIFE)  # type: ignore[arg-type]
        for name in MODELS
    }
    channels = sorted({name for each in by_model.values() for name in each.value})
    rows = [
        {
            "channel": name,
            "conversions": round(float(by_model["linear"].conversions[name]), 2),
            **{model: each.value[name] for model, each in by_model.items()},
        }
        for name in channels
    ]
    number, value = found.untouched
    if number:
        rows.append(
            {"channel": _UNTOUCHED, "conversions": float(number), **dict.fromkeys(MODELS, value)}
        )  # fmt: skip
    notes = []
    if found.unconverted:
        text = _("{number} conversions have an amount that there is no exchange rate for; they count as 0.")
        notes.append(Note(text=text, values={"number": found.unconverted}))
    if number:
        text = _("{number} conversions had no touch before them: they stand in the last row.")
        notes.append(Note(text=text, values={"number": number}))
    return Table(rows=rows, notes=notes)


REPORTS = [
    Report(
        name="journey.attribution",
        title=_("Which touches led to revenue"),
        rows=attribution_rows,
        parameters=AttributionParameters,
        defaults={"period": "last 3 months"},
        permission="journey.attribution.read",
        columns=[
            Column(name="channel", title=_("Channel")),
            Column(
                name="conversions",
                title=_("Conversions, linear"),
                kind="number",
                total=True,
                doc=_("Of each conversion, every touch before it gets the same part."),
            ),
            *(Column(name=name, title=title, kind="money", total=True) for name, title in MODELS.items()),
        ],
        charts=[Chart.bars("channel", "first", "last", "markov", "shapley")],
        temporal=False,
        doc=_("What each channel gets of the revenue that came after its touches, by seven models."),
    )
]
