"""Writing a folder whole: it is made beside its place and moved there when complete. Must not know what is in it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmkit import texts
from crmkit_knowledge.articles.errors import problem

_ = texts("crmkit_knowledge")


@contextmanager
def whole_folder(target: Path, *, mark: str, replace: bool) -> Iterator[Path]:
    """Give a folder to write to that becomes ``target`` at the end; where that fails nothing is left of it.

    A folder that has something in it is replaced only with ``replace``, and only if it has the file ``mark``: it was
    written by this. Raises InvalidInput otherwise.
    """
    target = target.absolute()
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise problem("folder", _("This is no folder."))
    filled = target.exists() and any(target.iterdir())
    if filled and not (replace and (target / mark).is_file()):
        raise problem(
            "folder", _("There is something in this folder. With --replace an earlier one of these is replaced.")
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        made.chmod(0o755)
        yield made
        if not target.exists():
            os.replace(made, target)
            return
        before = Path(tempfile.mkdtemp(prefix=f".{target.name}-before-", dir=target.parent))
        os.replace(target, before)
        os.replace(made, target)
        shutil.rmtree(before, ignore_errors=True)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def put(root: Path, name: str, content: bytes) -> None:
    """Write a file below a folder; its folders are made. Raises InvalidInput for a name that leads out of it."""
    path = root / name
    if not path.resolve().is_relative_to(root.resolve()):
        raise problem("folder", _("A name leads out of the folder."))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
