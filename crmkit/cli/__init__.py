"""The command line: every group and command is loaded when it is asked for, and only then.

Must not decide anything about customers: commands read by sessions, change by operations, and print.
"""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command line with the arguments of the process and end it with a documented exit code."""
    from crmkit.cli.root import root

    root.main(prog_name="crmkit")
