"""What the plugin says about itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import PluginManifest

_ = texts("crmkit_feishu")

MANIFEST = PluginManifest(
    name="feishu",
    title=_("Feishu robots"),
    summary=_("Notices in Feishu (Lark) groups, by their custom robots."),
    api="1.0",
    module="crmkit_feishu.plugin",
    settings="crmkit_feishu.settings:FeishuSettings",
    homepage="https://example.com/crmkit-feishu",
    license="Apache-2.0",
    security_contact="security@example.com",
)
