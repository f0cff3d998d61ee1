"""What feedback has, for the kernel's hooks: whatever its rooms have. Must not do anything itself."""

from __future__ import annotations

from crmkit.hooks.rooms import implement
from crmkit_feedback.answering import has as answering
from crmkit_feedback.asking import has as asking
from crmkit_feedback.classifying import has as classifying
from crmkit_feedback.coding import has as coding
from crmkit_feedback.improving import has as improving
from crmkit_feedback.items import has as items
from crmkit_feedback.measuring import has as measuring
from crmkit_feedback.surveys import has as surveys

ROOMS = (surveys, asking, answering, items, classifying, coding, measuring, improving)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)
