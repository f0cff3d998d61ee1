"""The command ``crmkit``.

Answers ``--version`` before anything else is imported, so that scripts which only ask for it don't pay for a command
line. Must not know any command: those belong to ``crmkit.cli``, which is imported only when one is asked for.
"""

from __future__ import annotations

import sys

from crmkit import __version__


def main() -> None:
    """Run the command line with the arguments of the process.

    Ends the process with the documented exit codes of the command line; ``--version`` and ``-V`` alone return.
    """
    if len(sys.argv) == 2 and sys.argv[1] in ("--version", "-V"):
        print(f"crmkit {__version__}")
        return
    from crmkit.cli import main as run

    run()


if __name__ == "__main__":
    main()
