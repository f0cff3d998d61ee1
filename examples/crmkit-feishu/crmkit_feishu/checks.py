"""What ``crmkit doctor`` says about the robots."""

from __future__ import annotations

from collections.abc import Sequence

from crmkit import Check, CrmSession, Finding, Refused, checked_address
from crmkit.i18n import texts

from crmkit_feishu.settings import settings_of

_ = texts("crmkit_feishu")


def robots(session: CrmSession) -> Sequence[Finding]:
    """Say which robots cannot be called, and which take messages that are not signed."""
    settings = settings_of(session.crm.settings)
    findings: list[Finding] = []
    for name, robot in sorted(settings.robots.items()):
        try:
            checked_address(robot.url, private=settings.private)
        except Refused:
            findings.append(
                Finding(
                    level="error",
                    code="feishu.address",
                    message=_('The address of the robot "{name}" cannot be called.'),
                    values={"name": name},
                )
            )
        if not robot.secret:
            findings.append(
                Finding(
                    level="warning",
                    code="feishu.unsigned",
                    message=_('Messages to the robot "{name}" are not signed.'),
                    hint=_("Switch signing on in the group, and set the robot's secret."),
                    values={"name": name},
                )
            )
    if settings.usual and settings.usual not in settings.robots:
        findings.append(
            Finding(
                level="error",
                code="feishu.usual",
                message=_('There is no robot "{name}".'),
                values={"name": settings.usual},
            )
        )
    return findings


CHECKS = [Check(name="feishu.robots", title=_("Feishu robots"), run=robots)]
