"""Makes the list of passwords that are refused as everybody tries them: ``crmkit/security/credentials/refused.bin``.

Run it with a file of passwords, one a line and the commonest first: ``10-million-password-list-top-1000000.txt`` of
the SecLists project. Those that are long enough to be a password of crmkit are kept, in no readable form: the first
eight bytes of the SHA-256 of each, sorted, so that a look-up reads a few of them and the list can't be used to guess.
"""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "crmkit" / "security" / "credentials" / "refused.bin"
SHORTEST = 12
MOST = 20_000


def main(source: Path) -> None:
    """Write the list that is made from a file of passwords and say how many it holds."""
    found: set[bytes] = set()
    for line in source.read_text("utf-8", "replace").splitlines():
        password = unicodedata.normalize("NFC", line.strip()).casefold()
        if len(password) >= SHORTEST:
            found.add(hashlib.sha256(password.encode()).digest()[:8])
        if len(found) == MOST:
            break
    TARGET.write_bytes(b"".join(sorted(found)))
    print(f"{len(found)} passwords in {TARGET.name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
