"""Reports as PDF, set by typst: tagged, with the charts as drawings and a font that has Chinese characters.

Needs the extra ``crmkit[reports]``. Must not know how figures are found.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from crmkit.engines.reports.documents import document
from crmkit.engines.reports.values import ReportRun
from crmkit.exchange.printing import compiled, families as known_families, fonts_for as fonts_for, require_typst
from crmkit.exchange.reports.charts import drawn

STYLE = """text{font-size:12px;fill:#1c2430}.ck-tick{fill:#5b6675}.ck-grid{stroke:#dde2e8}.ck-axis{stroke:#5b6675}
polyline,.ck-l1,.ck-l2,.ck-l3,.ck-l4,.ck-l5,.ck-l6,.ck-l7,.ck-l8{stroke-width:2}"""
COLOURS = ("#2f6fb7", "#d98324", "#2d8a6a", "#b2588c", "#6f62b5", "#3f9fb5", "#8a7a3b", "#7b8794")


def pdf(run: ReportRun, language: str = "en", *, families: Iterable[str] | None = None) -> bytes:
    """Return a report as a PDF. ``families`` are the fonts that there are, by default those of this machine.

    Raises MissingExtra without the extra, FontMissing where no font has the characters of the report.
    """
    require_typst()
    found: dict[str, Any] = {**document(run, language), "charts": drawn(run, language)}
    fonts = fonts_for(json.dumps(found, ensure_ascii=False), known_families() if families is None else families)
    style = f"<style>text{{font-family:{', '.join(repr(font) for font in fonts)}}}{STYLE}{_colours()}</style>"
    for chart in found["charts"]:
        chart["svg"] = chart["svg"].replace("<title", f"{style}<title", 1)
    lang, _dash, script = found["language"].partition("-")
    found |= {"fonts": fonts, "lang": lang, "region": "cn" if script == "Hans" else None}
    return compiled(_layout(), found)


@cache
def _layout() -> str:
    return files("crmkit.exchange.reports").joinpath("templates", "report.typ").read_text("utf-8")


def _colours() -> str:
    return "".join(
        f".ck-s{place}{{fill:{colour}}}.ck-l{place}{{stroke:{colour}}}" for place, colour in enumerate(COLOURS, 1)
    )
