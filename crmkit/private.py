"""Files and folders that are their owner's alone from their first moment on, whatever the umask.

Must not know what is in them.
"""

from __future__ import annotations

import os
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700


def make_private_file(path: Path, *, keep: bool = False) -> None:
    """Make an empty file that its owner alone may read and change, or close the one that is there; with ``keep`` it
    keeps what it holds. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | (0 if keep else os.O_TRUNC), FILE_MODE)
    try:
        if os.name == "posix":
            os.fchmod(descriptor, FILE_MODE)
    finally:
        os.close(descriptor)


def make_private_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing, for their owner alone. One that is there stays as it is.

    Raises OSError.
    """
    if path.is_dir():
        return
    make_private_folder(path.parent)
    path.mkdir(mode=FOLDER_MODE, exist_ok=True)
    path.chmod(FOLDER_MODE)
