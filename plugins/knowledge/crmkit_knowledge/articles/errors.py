"""The errors of knowledge: codes KNO101 to KNO199."""

from __future__ import annotations

from typing import Any, ClassVar

from crmkit import Conflict, InvalidInput, Problem, texts
from crmkit_knowledge.articles.words import REVISIONS, STATES

_ = texts("crmkit_knowledge")


class RevisionInState(Conflict):
    """Something was asked of a revision that its state does not allow; says in which it is."""

    code: ClassVar[str] = "KNO101"
    summary = _("The revision is in another state.")

    def __init__(self, number: int, revision: int, state: str) -> None:
        super().__init__(
            _('Revision {revision} of article {number} is in the state "{state}".'),
            fix=_("Look at the article: somebody may have been quicker."),
            number=number,
            revision=revision,
            state=REVISIONS[state],
        )


class NothingInWork(Conflict):
    """Something was asked of what is being worked on, and nothing is."""

    code: ClassVar[str] = "KNO102"
    summary = _("Nothing of the article is being worked on.")

    def __init__(self, number: int) -> None:
        super().__init__(_("Nothing of article {number} is being worked on."), fix=_("Change it first."), number=number)


class OwnRevision(Conflict):
    """Somebody approves what they have written themselves, where the space wants four eyes."""

    code: ClassVar[str] = "KNO103"
    summary = _("Somebody else has to approve it.")

    def __init__(self, number: int) -> None:
        super().__init__(
            _("You have written this revision of article {number} yourself."),
            fix=_("Somebody else has to approve it, or the space must not ask for four eyes."),
            number=number,
        )


class ArticleInState(Conflict):
    """Something was asked of an article that its state does not allow."""

    code: ClassVar[str] = "KNO104"
    summary = _("The article is in another state.")

    def __init__(self, number: int, state: str) -> None:
        super().__init__(
            _('Article {number} is in the state "{state}".'),
            fix=_("Look at what can be done with it there."),
            number=number,
            state=STATES[state],
        )


def problem(field: str, message: Any, **values: Any) -> InvalidInput:
    """Return the refusal of one input."""
    return InvalidInput([Problem(InvalidInput.code, message, field=field, **values)])
