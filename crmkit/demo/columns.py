"""A small container for whole columns of integers: how the packaged sample is stored.

It exists so that the builder and the reader of the sample share one definition of the form. It must not know what the
columns mean, databases or the rest of crmkit.

Form: one xz stream. Its content is a line of JSON (the header that the caller gave, with the list of columns under
``columns``), then the columns one after another. A column of n integers of w bytes is stored as w planes of n bytes,
least significant first: equal high bytes then lie side by side, which halves the compressed size.
"""

from __future__ import annotations

import json
import lzma
import sys
from array import array
from collections.abc import Mapping
from typing import Any

MAGIC = "crmkit-columns-1"

_WIDTHS = {"B": 1, "H": 2, "I": 4, "i": 4}


def pack(header: Mapping[str, Any], columns: Mapping[str, array[int]]) -> bytes:
    """Return a header and named columns as one compressed file; the same input gives the same bytes.

    Columns are arrays of typecode B, H, I or i. The bytes depend on nothing but the input and the release of liblzma.
    Raises KeyError for another typecode.
    """
    described = [[name, column.typecode, len(column)] for name, column in columns.items()]
    head = {"magic": MAGIC, **header, "columns": described}
    parts = [json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode(), b"\n"]
    for column in columns.values():
        width = _WIDTHS[column.typecode]
        little = _little_endian(column).tobytes()
        parts += [little[plane::width] for plane in range(width)]
    # A window of 4 MiB holds the whole sample; the preset's own would make every reader set 64 MiB aside.
    window = {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 4 * 1024 * 1024}
    return lzma.compress(b"".join(parts), format=lzma.FORMAT_XZ, check=lzma.CHECK_SHA256, filters=[window])


def unpack(packed: bytes) -> tuple[dict[str, Any], dict[str, array[int]]]:
    """Return the header and the columns that `pack` was given.

    Raises ValueError when the bytes are damaged or of another form.
    """
    try:
        content = lzma.decompress(packed, format=lzma.FORMAT_XZ)
    except lzma.LZMAError as error:
        raise ValueError(str(error)) from error
    line, _, body = content.partition(b"\n")
    header = json.loads(line)
    if not isinstance(header, dict) or header.pop("magic", None) != MAGIC:
        raise ValueError(f"not a {MAGIC} file")
    columns: dict[str, array[int]] = {}
    at = 0
    for name, typecode, count in header.pop("columns"):
        width = _WIDTHS[typecode]
        if at + width * count > len(body):
            raise ValueError(f"the column {name} is cut short")
        interleaved = bytearray(width * count)
        for plane in range(width):
            interleaved[plane::width] = body[at : at + count]
            at += count
        column = array(typecode)
        column.frombytes(bytes(interleaved))
        columns[name] = _little_endian(column)
    return header, columns


def _little_endian(column: array[int]) -> array[int]:
    # The same swap leads there and back; on nearly every machine there is nothing to do.
    if sys.byteorder == "little" or column.itemsize == 1:
        return column
    swapped = array(column.typecode, column)
    swapped.byteswap()
    return swapped
