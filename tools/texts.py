"""Keeps the catalogues of translations: finds every marked text, updates the ``.po`` files and compiles the ``.mo``.

Run ``python tools/texts.py`` after adding a text, translate what is listed as missing in the ``.po`` file, and run it
again. With ``--check`` it changes nothing and ends with 1 when a text is missing, untranslated or a field differs.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LANGUAGE = "zh_Hans"
_FIELD = re.compile(r"\{(\w*)[^}]*\}")


def packages() -> Iterator[Path]:
    """Yield the import packages that have catalogues: the kernel's and the first-party plugins'."""
    yield ROOT / "crmkit"
    yield from sorted(path.parent for path in ROOT.glob("plugins/*/crmkit_*/manifest.py"))


def catalogue_path(package: Path) -> Path:
    """Return the ``.po`` file of a package."""
    return package / "locale" / LANGUAGE / "LC_MESSAGES" / f"{package.name}.po"


def template(package: Path) -> Catalog:
    """Return a catalogue of every text that a package marks."""
    found = Catalog(project="crmkit", charset="utf-8")
    methods = [("scaffold/templates/**", "ignore"), ("**.py", "python"), ("**/templates/**.html", "jinja2")]
    options = {"**/templates/**.html": {"trimmed": "true", "silent": "false", "encoding": "utf-8"}}
    texts = extract_from_dir(str(package), methods, options, keywords={"_": None})
    for filename, _line, text, _comments, context in texts:
        if text:
            found.add(text, context=context, locations=[(filename, 1)])
    return found


def updated(package: Path) -> Catalog:
    """Return the package's catalogue with every text in it and nothing that is no longer used."""
    path = catalogue_path(package)
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=LANGUAGE)
    else:
        catalog = Catalog(locale=LANGUAGE, charset="utf-8")
    catalog.update(template(package), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def as_po(catalog: Catalog) -> bytes:
    """Return the ``.po`` form, the same for the same texts on every day and machine."""
    for message in catalog:
        message.locations = []
    buffer = BytesIO()
    write_po(buffer, catalog, width=120, omit_header=True, sort_output=True)
    head = f'msgid ""\nmsgstr ""\n"Language: {LANGUAGE}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    return head.encode() + buffer.getvalue().strip() + b"\n"


def as_mo(catalog: Catalog) -> bytes:
    """Return the ``.mo`` form."""
    day = datetime(2000, 1, 1, tzinfo=UTC)  # the same file for the same texts, whenever it is written
    clean = Catalog(locale=LANGUAGE, charset="utf-8", fuzzy=False, creation_date=day, revision_date=day)
    for message in catalog:
        if message.id and message.string:
            clean.add(message.id, message.string, context=message.context)
    clean._header_comment = ""
    clean.mime_headers = [("Language", LANGUAGE), ("Content-Type", "text/plain; charset=utf-8")]
    buffer = BytesIO()
    write_mo(buffer, clean)
    return buffer.getvalue()


def problems(package: Path) -> list[str]:
    """Return what is wrong with a package's catalogue."""
    catalog = updated(package)
    found = [_problem(message) for message in catalog if message.id]
    wrong = [f"{package.name}: {text}" for text in found if text]
    path = catalogue_path(package)
    if any(message.id for message in catalog):
        if not path.exists() or path.read_bytes() != as_po(catalog):
            wrong.append(f"{package.name}: the .po file is out of date")
        mo = path.with_suffix(".mo")
        if not mo.exists() or mo.read_bytes() != as_mo(catalog):
            wrong.append(f"{package.name}: the .mo file is out of date")
    return wrong


def _problem(message: Message) -> str | None:
    if not message.string:
        return f"not translated: {message.id!r}"
    here, there = _FIELD.findall(str(message.id)), _FIELD.findall(str(message.string))
    if set(here) != set(there):
        return f"fields differ: {message.id!r} and {message.string!r}"
    return None


def main() -> int:
    """Update or check the catalogues."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, report what is missing")
    arguments = parser.parse_args()
    if not arguments.check:
        for package in packages():
            catalog = updated(package)
            if any(message.id for message in catalog):
                path = catalogue_path(package)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(as_po(catalog))
                path.with_suffix(".mo").write_bytes(as_mo(catalog))
    wrong = [text for package in packages() for text in problems(package)]
    print("\n".join(wrong) or "complete")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
