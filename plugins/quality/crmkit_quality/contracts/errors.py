"""The error of a file that breaks a contract: it names what was found, in the language of whoever reads it."""

from __future__ import annotations

from collections.abc import Sequence

from crmkit.errors import FeedStopped
from crmkit.i18n import texts, translate
from crmkit_quality.contracts.terms import Finding

_ = texts("crmkit_quality")


class ContractBroken(FeedStopped):
    """A file breaks the contract with its source. Nothing of it was taken in, and the source is stopped."""

    def __init__(self, file: str, source: str, findings: Sequence[Finding]) -> None:
        super().__init__(
            _('"{file}" breaks the contract with "{source}":'),
            fix=_("Nothing of it was taken in, and nothing more is until the source is released."),
            file=file,
            source=source,
        )
        self.findings = tuple(findings)

    def render(self, language: str = "en") -> str:
        """Return what is wrong, what was found, and what follows, in a language."""
        found = [translate(each.message, language, **each.values) for each in self.findings]
        fix = translate(self.fix or "", language)
        return " ".join([translate(self.message, language, **self.values), *found, fix])
