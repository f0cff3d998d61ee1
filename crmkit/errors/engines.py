"""The errors of the engines. Must not know databases, plugins or doors."""

from __future__ import annotations

from crmkit.errors.configuration import ConfigurationError
from crmkit.errors.operations import InvalidInput, NotFound
from crmkit.i18n import texts

_ = texts("crmkit")


class ExpressionError(InvalidInput):
    """An expression cannot be understood; the problems say at which column, and what was probably meant."""

    code = "CK710"
    summary = _("The expression cannot be understood.")


class UnknownFact(NotFound):
    """There is no fact of that name, or the reader has no right to its class."""

    code = "CK715"
    summary = _("There is no such fact.")


class DefinitionError(InvalidInput):
    """A definition (a dimension, a segment, a rule …) is not usable."""

    code = "CK780"
    summary = _("The definition is not usable.")


class UnknownDefinition(NotFound):
    """There is no definition of that name."""

    code = "CK781"
    summary = _("There is no such definition.")


class UnknownReport(NotFound):
    """There is no report of that name, or the reader has no right to run it."""

    code = "CK760"
    summary = _("There is no such report.")


class UnknownFigure(NotFound):
    """The report has no such figure, or cannot list the rows behind it."""

    code = "CK761"
    summary = _("There are no rows behind this figure.")


class TemplateError(InvalidInput):
    """A template cannot be used, or asks for more than templates may: time, memory, anything but the document."""

    code = "CK762"
    summary = _("The template cannot be used.")


class FontMissing(ConfigurationError):
    """No font on this machine can print the characters of the document."""

    code = "CK763"
    summary = _("No font can print these characters.")
