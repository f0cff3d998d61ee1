"""What knowledge has, for the kernel's hooks: whatever its rooms have. Must not do anything itself."""

from __future__ import annotations

from crmkit.hooks.rooms import implement
from crmkit_knowledge.articles import has as articles
from crmkit_knowledge.asked import has as asked
from crmkit_knowledge.capturing import has as capturing
from crmkit_knowledge.centre import has as centre
from crmkit_knowledge.desk import has as desk
from crmkit_knowledge.exchange import has as exchange
from crmkit_knowledge.files import has as files
from crmkit_knowledge.gaps import has as gaps
from crmkit_knowledge.helpful import has as helpful
from crmkit_knowledge.importing import has as importing
from crmkit_knowledge.insights import has as insights
from crmkit_knowledge.patterns import has as patterns
from crmkit_knowledge.policies import has as policies
from crmkit_knowledge.rendering import has as rendering
from crmkit_knowledge.semantic import has as semantic
from crmkit_knowledge.suggesting import has as suggesting
from crmkit_knowledge.synonyms import has as synonyms
from crmkit_knowledge.tags import has as tags

ROOMS = (
    articles,
    files,
    centre,
    desk,
    importing,
    policies,
    insights,
    tags,
    synonyms,
    semantic,
    patterns,
    capturing,
    asked,
    rendering,
    helpful,
    suggesting,
    exchange,
    gaps,
)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)
