"""What other plugins may import of messaging; everything else may change at any time."""

from __future__ import annotations

from crmkit_messaging.composing.known import UsableTemplate, usable_templates
from crmkit_messaging.composing.plaintext import Segments, segments_of
from crmkit_messaging.composing.rendering import Rendered, render
from crmkit_messaging.leaving.links import headers_for, links_for
from crmkit_messaging.receiving.fetching import receive_mail
from crmkit_messaging.receiving.storing import Arrival
from crmkit_messaging.sending.accepting import send
from crmkit_messaging.sending.deciding import Decision
from crmkit_messaging.sending.inputs import NewMessage
from crmkit_messaging.sending.models import OutgoingMessage
from crmkit_messaging.sending.reading import decide
from crmkit_messaging.sending.suppression import is_suppressed, lift, suppress

__all__ = [
    "Arrival",
    "Decision",
    "NewMessage",
    "OutgoingMessage",
    "Rendered",
    "Segments",
    "UsableTemplate",
    "decide",
    "headers_for",
    "is_suppressed",
    "lift",
    "links_for",
    "receive_mail",
    "render",
    "segments_of",
    "send",
    "suppress",
    "usable_templates",
]
