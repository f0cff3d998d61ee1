"""``crmkit doctor``: looks at the installation, its database, its plugins and its jobs."""

from __future__ import annotations

from crmkit.cli.findings import show_findings
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import single
from crmkit.errors import ConfigurationError
from crmkit.i18n import texts

_ = texts("crmkit")


@single("doctor", _("Look for anything that is wrong with the installation, its database, plugins and jobs."))
def doctor(cli: Invocation) -> None:
    """Print what was found; with an error among it the exit code is 7."""
    from crmkit.doctor import examine

    findings = examine(cli.settings)
    show_findings(cli, findings, fails=ConfigurationError(_("The installation has errors.")))
