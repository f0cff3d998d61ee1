"""What the commands of plugins may use: groups, options and output as the kernel's own commands have them.

A command gets the `Invocation` first, which opens the customer base, runs operations and prints. Importing this imports
no database.
"""

from __future__ import annotations

from uuid import UUID

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option, single
from crmkit.cli.output import Column
from crmkit.cli.secrets import Question, ask_secrets

__all__ = ["Column", "Invocation", "Question", "ask_secrets", "command", "customer_id", "group", "option", "single"]


def customer_id(cli: Invocation, text: str) -> UUID:
    """Return the id of the customer that a text names: an id, ``source:external_id``, an e-mail address, a phone number
    or the whole name. Raises NotFound, and Conflict where several are meant."""
    from crmkit.cli import naming

    return naming.customer_id(cli, text)
