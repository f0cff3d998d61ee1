"""``crmkit messaging``: the group of commands; each room adds its own."""

from __future__ import annotations

from crmkit import texts
from crmkit.cli.api import group
from crmkit_messaging.composing.commands import templates
from crmkit_messaging.leaving.commands import suppressed
from crmkit_messaging.mail.commands import mailbox
from crmkit_messaging.receiving import commands as receiving
from crmkit_messaging.sending.commands import add_to as add_sending

_ = texts("crmkit_messaging")

messaging = group(help=_("Mailboxes, templates, messages out and in."), name="messaging")
"""The group ``crmkit messaging``."""
messaging.add_command(mailbox)
messaging.add_command(templates)
messaging.add_command(suppressed)
receiving.add_to(messaging)
add_sending(messaging)
