"""The catalogues of a new plugin: every text that it marks, with the Simplified Chinese that the scaffold knows.

Must not know the templates: it reads what was rendered.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

LANGUAGE = "zh_Hans"
KNOWN = Path(__file__).parent / "templates" / "zh_Hans.po"
"""Translations of the texts in the templates."""


def catalogues(package: str, sources: Mapping[str, bytes], own: Mapping[str, str]) -> dict[str, bytes]:
    """Return the ``.po`` and ``.mo`` files for the modules of a package, by path; none where nothing is marked.

    ``own`` are translations that no template can know, such as that of the plugin's title; a name that stays as it is
    does not take the place of a translation.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import write_po

    known = {**own, **_known(), **{text: said for text, said in own.items() if said != text}}
    catalogue, compiled = Catalog(locale=LANGUAGE, charset="utf-8"), Catalog(locale=LANGUAGE, charset="utf-8")
    for text in sorted(_marked(sources)):
        catalogue.add(text, known.get(text, ""))
        if text in known:
            compiled.add(text, known[text])
    if not len(catalogue):
        return {}
    compiled.mime_headers = [("Language", LANGUAGE), ("Content-Type", "text/plain; charset=utf-8")]
    po, mo = BytesIO(), BytesIO()
    write_po(po, catalogue, width=120, omit_header=True, sort_output=True)
    write_mo(mo, compiled)
    head = f'msgid ""\nmsgstr ""\n"Language: {LANGUAGE}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    folder = f"{package}/locale/{LANGUAGE}/LC_MESSAGES/{package}"
    return {f"{folder}.po": head.encode() + po.getvalue().strip() + b"\n", f"{folder}.mo": mo.getvalue()}


def _marked(sources: Mapping[str, bytes]) -> set[str]:
    from babel.messages.extract import extract

    found: set[str] = set()
    for path, content in sources.items():
        if path.endswith((".py", ".html")):
            method = "python" if path.endswith(".py") else "jinja2"
            rows: Any = extract(method, BytesIO(content), keywords={"_": None}, options={"silent": "false"})
            found.update(str(message) for _line, message, _comments, _context in rows if message)
    return found


def _known() -> dict[str, str]:
    from babel.messages.pofile import read_po

    with KNOWN.open("rb") as file:
        return {str(item.id): str(item.string) for item in read_po(file, locale=LANGUAGE) if item.id and item.string}
