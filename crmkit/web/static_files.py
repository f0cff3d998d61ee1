"""The styles, scripts, fonts and drawings of the pages: files of the packages, ours and plugins', and of nobody else's
server.

A file whose address names its version is kept by browsers for good. Compressed once, at its first use.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "static"
OF_PLUGINS = "plugins/"
"""Begins the name of a plugin's file, ``plugins/<plugin>/<file>``: it is in the folder ``static`` of its package."""
YEAR = 31_536_000
COMPRESSED = ("text/", "application/javascript", "application/json", "image/svg")
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".woff2": "font/woff2"}


@lru_cache(maxsize=256)
def version_of(name: str, folder: Path = FOLDER) -> str:
    """Return what the address of a static file ends with, so that a browser keeps it until it changes."""
    return hashlib.sha256((folder / name).read_bytes()).hexdigest()[:10]


@frozen(kw_only=True)
class StaticFile:
    """A file as it is sent: its bytes, those that are compressed where that helps, its type and version."""

    content: bytes
    compressed: bytes | None
    media_type: str
    version: str


@lru_cache(maxsize=256)
def static_file(name: str, folder: Path = FOLDER) -> StaticFile | None:
    """Return a file by its name below the folder, None for what is not in it."""
    path = (folder / name).resolve()
    if folder.resolve() not in path.parents or not path.is_file():
        return None
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    content = path.read_bytes()
    small = gzip.compress(content, 9, mtime=0) if kind.startswith(COMPRESSED) and len(content) > 500 else None
    return StaticFile(content=content, compressed=small, media_type=kind, version=version_of(name, folder))


async def serve_static(request: Request) -> Response:
    """Send a file, or nothing new to a browser that has it."""
    name: str = request.path_params["name"]
    found = _found(request, name) if name.isascii() and "\x00" not in name and len(name) < 200 else None
    if found is None:
        return Response(status_code=404)
    tag = f'"{found.version}"'
    versioned = request.query_params.get("v") == found.version
    headers = {
        "ETag": tag,
        "Cache-Control": f"public, max-age={YEAR}, immutable" if versioned else "public, max-age=300",
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    body = found.content
    if found.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body = found.compressed
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers, media_type=found.media_type)


def _found(request: Request, name: str) -> StaticFile | None:
    if not name.startswith(OF_PLUGINS):
        return static_file(name)
    plugin, _slash, rest = name.removeprefix(OF_PLUGINS).partition("/")
    folder: Path | None = request.app.state.pages.statics.get(plugin)
    return static_file(rest, folder) if folder is not None and rest else None
