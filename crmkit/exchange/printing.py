"""Sets documents by typst: a layout, values and the fonts that this machine has for them; the result is a PDF.

Values reach a document as data, never as markup. Must not know what any document is about.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crmkit.errors import FontMissing, MissingExtra, TemplateError
from crmkit.i18n import normalise_language, texts

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


def typeset(layout: str, values: Mapping[str, Any], *, language: str = "en", extra: str = "reports") -> bytes:
    """Return a document as a PDF: ``layout`` is typst's own language, ``values`` is what it reads.

    The layout finds the values by ``json(bytes(sys.inputs.document))``: those given, which have to be plain (texts,
    numbers, lists, mappings), with ``fonts``, ``lang`` and ``region`` for setting its text. ``extra`` is the extra of
    crmkit that is named where typst is missing.

    Raises MissingExtra without typst, FontMissing where no font has the characters of the values, TemplateError for a
    layout that cannot be set.
    """
    require_typst(extra)
    lang, _dash, script = normalise_language(language).partition("_")
    plain = json.dumps(dict(values), ensure_ascii=False)
    given = {
        **values,
        "fonts": fonts_for(plain, families()),
        "lang": lang,
        "region": "cn" if script == "Hans" else None,
    }
    return compiled(layout, given, extra)


def compiled(layout: str, values: Mapping[str, Any], extra: str = "reports") -> bytes:
    """Return a document as a PDF, with all that its layout reads in ``values``. Raises as `typeset` does."""
    typst = require_typst(extra)
    with TemporaryDirectory(prefix="crmkit-document-") as folder:
        source = Path(folder, "document.typ")
        source.write_text(layout, "utf-8")
        try:
            made: Any = typst.compile(
                str(source), root=folder, font_paths=_folders(), sys_inputs={"document": json.dumps(dict(values))}
            )
        except typst.TypstError as error:
            raise TemplateError(_("The document cannot be set: {reason}."), reason=str(error)) from None
    return bytes(made)


def require_typst(extra: str = "reports") -> Any:
    """Return the library. Raises MissingExtra where it is not installed."""
    try:
        import typst
    except ImportError as error:
        raise MissingExtra(
            _("PDF documents need typst, which is not installed."),
            fix=_('Run: pip install "crmkit[{extra}]"'),
            extra=extra,
        ) from error
    return typst


def _folders() -> list[str]:
    return [str(path) for each in FOLDERS if (path := Path(each).expanduser()).is_dir()]


@cache
def families() -> frozenset[str]:
    """Return the families of fonts on this machine. It takes a moment, so it is done once."""
    return frozenset(str(font.family) for font in require_typst().Fonts(font_paths=_folders()).fonts())


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
