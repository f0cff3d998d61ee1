"""What messaging has, for the kernel's hooks: whatever its rooms have. Must not do anything itself."""

from __future__ import annotations

from crmkit.hooks.rooms import implement
from crmkit_messaging.composing import has as composing
from crmkit_messaging.leaving import has as leaving
from crmkit_messaging.mail import has as mail
from crmkit_messaging.receiving import has as receiving
from crmkit_messaging.sending import has as sending

ROOMS = (mail, composing, sending, leaving, receiving)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)
