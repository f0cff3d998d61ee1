"""How insights are filled from files. Must not know how one is noted."""

from __future__ import annotations

from crmkit import ImportField, Imports, texts

_ = texts("crmkit_knowledge")

IMPORTS = Imports(
    operation="knowledge.insight.import",
    customer="required",
    owner=True,
    known=(("external_source", "external_id"),),
    fields=[
        ImportField(name="external_id", title=_("External id"), headings="id|编号"),
        ImportField(name="topic", title=_("Topic"), required=True, headings="about|主题"),
        ImportField(
            name="text", title=_("What is known"), required=True, headings="insight|note|preference|value|内容|洞察"
        ),
        ImportField(name="kind", title=_("Kind"), headings="type|类型"),
        ImportField(name="source", title=_("Source"), headings="来源"),
        ImportField(name="confidence", title=_("Confidence"), headings="certainty|可信度"),
        ImportField(name="learnt_at", title=_("Learnt at"), type="instant", headings="created|date|日期"),
        ImportField(name="expires_on", title=_("Expires on"), type="date", headings="valid until|失效日期"),
        ImportField(name="due_on", title=_("Promised for"), type="date", headings="due|承诺日期"),
    ],
)
