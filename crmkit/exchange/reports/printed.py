"""Reports as PDF, set by typst: tagged, with the charts as drawings and a font that has Chinese characters.

Values reach the document as data, never as markup. Needs the extra ``crmkit[reports]``. Must not know how figures are
found.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crmkit.engines.reports.documents import document
from crmkit.engines.reports.values import ReportRun
from crmkit.errors import FontMissing, MissingExtra, TemplateError
from crmkit.exchange.reports.charts import drawn
from crmkit.i18n import texts

_ = texts("crmkit")

CHINESE = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Hiragino Sans GB",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "SimHei",
    "SimSun",
    "Droid Sans Fallback",
)
"""Families of fonts that have Chinese characters, the best first."""
LATIN = ("Inter", "Noto Sans", "Source Sans 3", "Liberation Sans", "Arial", "DejaVu Sans", "Libertinus Serif")
FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts", "/System/Library/Fonts")
"""Folders in which fonts are looked for, beside those that the system names."""

STYLE = """text{font-size:12px;fill:#1c2430}.ck-tick{fill:#5b6675}.ck-grid{stroke:#dde2e8}.ck-axis{stroke:#5b6675}
polyline,.ck-l1,.ck-l2,.ck-l3,.ck-l4,.ck-l5,.ck-l6,.ck-l7,.ck-l8{stroke-width:2}"""
COLOURS = ("#2f6fb7", "#d98324", "#2d8a6a", "#b2588c", "#6f62b5", "#3f9fb5", "#8a7a3b", "#7b8794")


def pdf(run: ReportRun, language: str = "en", *, families: Iterable[str] | None = None) -> bytes:
    """Return a report as a PDF. ``families`` are the fonts that there are, by default those of this machine.

    Raises MissingExtra without the extra, FontMissing where no font has the characters of the report.
    """
    typst = _library()
    found: dict[str, Any] = {**document(run, language), "charts": drawn(run, language)}
    fonts = fonts_for(json.dumps(found, ensure_ascii=False), _families() if families is None else families)
    style = f"<style>text{{font-family:{', '.join(repr(font) for font in fonts)}}}{STYLE}{_colours()}</style>"
    for chart in found["charts"]:
        chart["svg"] = chart["svg"].replace("<title", f"{style}<title", 1)
    lang, _dash, script = found["language"].partition("-")
    found |= {"fonts": fonts, "lang": lang, "region": "cn" if script == "Hans" else None}
    with TemporaryDirectory(prefix="crmkit-report-") as folder:
        source = Path(folder, "report.typ")
        source.write_text(_layout(), "utf-8")
        try:
            made: Any = typst.compile(
                str(source), root=folder, font_paths=_folders(), sys_inputs={"document": json.dumps(found)}
            )
        except typst.TypstError as error:
            raise TemplateError(_("The document cannot be set: {reason}."), reason=str(error)) from None
    return bytes(made)


def _library() -> Any:
    try:
        import typst
    except ImportError as error:
        raise MissingExtra(
            _("PDF documents need typst, which is not installed."), fix=_('Run: pip install "crmkit[reports]"')
        ) from error
    return typst


@cache
def _layout() -> str:
    return files("crmkit.exchange.reports").joinpath("templates", "report.typ").read_text("utf-8")


def _folders() -> list[str]:
    return [str(path) for each in FOLDERS if (path := Path(each).expanduser()).is_dir()]


@cache
def _families() -> frozenset[str]:
    """Return the families of fonts on this machine. It takes a moment, so it is done once."""
    return frozenset(str(font.family) for font in _library().Fonts(font_paths=_folders()).fonts())


def fonts_for(text: str, families: Iterable[str]) -> Sequence[str]:
    """Return the fonts to set a text in, the first first. Raises FontMissing for Chinese without a font for it."""
    there = set(families)
    chinese = [name for name in CHINESE if name in there][:1]
    if not chinese and any(unicodedata.east_asian_width(char) == "W" for char in text):
        raise FontMissing(
            _("There is no font with Chinese characters on this machine."),
            fix=_("Install one: fonts-noto-cjk on Debian and Ubuntu, google-noto-sans-cjk-fonts on Fedora."),
        )
    return [*chinese, *(name for name in LATIN if name in there)] or ["Libertinus Serif"]


def _colours() -> str:
    return "".join(
        f".ck-s{place}{{fill:{colour}}}.ck-l{place}{{stroke:{colour}}}" for place, colour in enumerate(COLOURS, 1)
    )
