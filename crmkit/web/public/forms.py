"""What a form of a public page has sent: its fields, and the files of a page that takes some. Must not know pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from attrs import frozen
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from crmkit.errors import InvalidInput
from crmkit.hooks.public import SentFile
from crmkit.i18n import texts

_ = texts("crmkit")

FIELDS = 500
MULTIPART = "multipart/form-data"
FORM = "form"
"""The field that carries the form's own token."""


@frozen(kw_only=True)
class Sent:
    """What a form has sent: its fields with all of their values, and its files."""

    values: dict[str, tuple[str, ...]]
    files: tuple[SentFile, ...] = ()


def is_own_form(request: Request, body: bytes) -> bool:
    """Say whether a browser has sent a form of ours, which carries a token."""
    return media_of(request) == "application/x-www-form-urlencoded" and any(
        part.partition(b"=")[0] == FORM.encode() for part in body.split(b"&")
    )


def media_of(request: Request) -> str:
    """Return the media type of a request's body, without its parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_parts(request: Request, body: bytes, most: int) -> Sent:
    """Return the fields and the files of a form in parts (RFC 7578); what has neither name nor content is no file.
    Raises InvalidInput for what is no form, and for more files than a page takes."""

    async def stream() -> Any:
        yield body
        yield b""

    try:
        # A browser sends an empty part for a field in which nothing was chosen.
        form = await MultiPartParser(request.headers, stream(), max_files=most + 5, max_fields=FIELDS).parse()
    except (MultiPartException, ValueError, KeyError) as error:
        raise InvalidInput(_("This form cannot be read.")) from error
    values: dict[str, list[str]] = {}
    files: list[SentFile] = []
    try:
        for name, value in form.multi_items():
            if isinstance(value, str):
                if "\x00" in name or "\x00" in value:
                    raise InvalidInput(_("This form cannot be read."))
                values.setdefault(name, []).append(value.replace("\r\n", "\n"))
            elif content := await value.read():
                files.append(SentFile(filename=value.filename or "file", content=content))
    finally:
        await form.close()
    if len(files) > most:
        raise InvalidInput(_("This form cannot be read."))
    return Sent(values={name: tuple(found) for name, found in values.items()}, files=tuple(files))


def read_fields(body: bytes) -> dict[str, tuple[str, ...]]:
    """Return the fields of a form with all of their values. Raises InvalidInput for what is no form."""
    found: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS, errors="strict")
    except ValueError as error:
        raise InvalidInput(_("This form cannot be read.")) from error
    for name, value in pairs:
        if "\x00" in name or "\x00" in value:
            raise InvalidInput(_("This form cannot be read."))
        found.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return {name: tuple(values) for name, values in found.items()}
