"""A configuration as a folder of TOML files: one folder a section, one file an item.

Must not touch the database.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from attrs import frozen

from crmkit.errors import ConfigurationError, FileRejected, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

LARGEST = 1_000_000
"""Most bytes of one file."""
_SAFE = "._-@+ "


@frozen(order=True)
class Place:
    """Where an item is: its section's folder and its name."""

    folder: str
    name: str

    @property
    def path(self) -> str:
        """Return the item's file below the folder; signs that a file system may refuse are escaped."""
        safe = "".join(
            letter if letter.isalnum() or letter in _SAFE else quote(letter, safe="") for letter in self.name
        )
        return f"{self.folder}/{safe}.toml"


def write_files(folder: Path, documents: Mapping[Place, Mapping[str, Any]], *, known: Iterable[str]) -> list[str]:
    """Write documents, and remove files of known sections for which there is none any more. Returns what was written or
    removed, as paths below the folder. Raises ConfigurationError."""
    import tomlkit

    touched: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        wanted: dict[str, str] = {}
        for place, document in sorted(documents.items()):
            wanted[place.path] = tomlkit.dumps(_laid_out(document))
        for path, text in wanted.items():
            file = folder / path
            if not file.is_file() or file.read_text(encoding="utf-8") != text:
                file.parent.mkdir(exist_ok=True)
                file.write_text(text, encoding="utf-8")
                touched.append(path)
        for section in known:
            for file in sorted((folder / section).glob("*.toml")):
                path = f"{section}/{file.name}"
                if path not in wanted:
                    file.unlink()
                    touched.append(path)
    except OSError as error:
        raise ConfigurationError(
            _("{path} cannot be written: {reason}."), path=error.filename or folder, reason=error.strerror
        ) from error
    return touched


def read_files(folder: Path, *, known: Iterable[str]) -> dict[Place, dict[str, Any]]:
    """Read the documents of a folder. Raises FileRejected with one problem for each file that can't be read, with its
    line and column, and for each folder that is no section's; ConfigurationError when there is no such folder."""
    if not folder.is_dir():
        raise ConfigurationError(
            _("There is no folder {path}."), fix=_("crmkit config export DIR writes one."), path=folder
        )
    sections = set(known)
    found: dict[Place, dict[str, Any]] = {}
    problems: list[Problem] = []
    for file in sorted(folder.rglob("*.toml")):
        path = file.relative_to(folder).as_posix()
        section = path.partition("/")[0]
        if section not in sections or path.count("/") != 1:
            hint = _("Known folders: {known}.")
            problems.append(
                Problem(
                    FileRejected.code,
                    _("This is in no folder of a section."),
                    field=path,
                    hint=hint,
                    known=", ".join(sorted(sections)),
                )
            )
            continue
        try:
            if file.stat().st_size > LARGEST:
                problems.append(Problem(FileRejected.code, _("This file is too large."), field=path))
                continue
            found[Place(section, unquote(file.stem))] = tomllib.loads(file.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            problems.append(Problem(FileRejected.code, _("This is no TOML: {reason}."), field=path, reason=str(error)))
        except UnicodeDecodeError:
            problems.append(Problem(FileRejected.code, _("This is not in UTF-8."), field=path))
        except (OSError, RecursionError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            problems.append(Problem(FileRejected.code, _("This cannot be read: {reason}."), field=path, reason=reason))
    if problems:
        raise FileRejected(problems)
    return found


def _laid_out(document: Mapping[str, Any]) -> Any:
    """Return the document for writing: long texts over several lines, lists of sets one below the other."""
    import tomlkit

    table = tomlkit.document()
    later: list[tuple[str, Any]] = []
    for name, value in document.items():
        if value is None:
            continue
        if isinstance(value, Mapping) or (isinstance(value, list) and value and isinstance(value[0], Mapping)):
            later.append((name, value))
        else:
            table[name] = tomlkit.string(value, multiline=True) if isinstance(value, str) and "\n" in value else value
    for name, value in later:
        if isinstance(value, Mapping):
            table[name] = _laid_out(value)
        else:
            rows = tomlkit.aot()
            for item in value:
                rows.append(tomlkit.item(_without_none(item)))
            table[name] = rows
    return table


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_none(each) for name, each in value.items() if each is not None}
    return [_without_none(each) for each in value] if isinstance(value, list) else value
