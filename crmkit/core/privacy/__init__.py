"""What crmkit's own tables hold about persons."""

from __future__ import annotations

from crmkit.hooks.contributions import PersonalData
from crmkit.i18n import texts

_ = texts("crmkit")

PERSONAL_DATA: tuple[PersonalData, ...] = (
    PersonalData(
        table="crm_customer",
        column="id",
        columns=(
            "name",
            "sort_name",
            "family_name",
            "given_name",
            "middle_name",
            "salutation",
            "job_title",
            "birth_date",
            "birthday",
            "birth_band",
            "gender",
            "occupation",
            "language",
            "time_zone",
            "identity_kind",
            "identity_number",
            "country",
            "province",
            "city",
            "preferences",
            "custom",
            "custom_sealed",
            "website",
            "registration_number",
        ),
        purpose=_("Customer relationship"),
        on_merge="combine",
    ),
    PersonalData(
        table="crm_contact_point",
        columns=("value", "details", "label"),
        purpose=_("Reaching the customer"),
        on_merge="combine",
    ),
    PersonalData(table="crm_customer_identifier", columns=("external_id",), purpose=_("Matching with other systems")),
    PersonalData(table="crm_customer_tag", columns=("name",), purpose=_("Classification"), on_merge="combine"),
    PersonalData(table="crm_relationship", columns=("kind", "note"), purpose=_("Relationships"), on_merge="combine"),
    PersonalData(
        table="crm_relationship",
        column="other_id",
        columns=("kind", "note"),
        purpose=_("Relationships"),
        on_merge="combine",
    ),
    PersonalData(
        table="crm_consent",
        columns=("evidence", "source"),
        purpose=_("Proof of consent"),
        on_erase="retain",
        retention_days=1095,
        law=_("Duty to prove consent (GDPR art. 7(1), PIPL art. 14), for three years"),
    ),
    PersonalData(table="crm_change", columns=("changes",), purpose=_("History of changes")),
    PersonalData(
        table="crm_interaction",
        columns=("subject", "body", "payload", "external_id", "thread"),
        purpose=_("History of the relationship"),
        on_erase="anonymise",
    ),
    PersonalData(table="crm_interaction_key", columns=("external_id",), purpose=_("Recording only once")),
    PersonalData(table="crm_purchase_line", purpose=_("Purchases"), on_erase="anonymise"),
    PersonalData(table="crm_participant", columns=("address", "name"), purpose=_("Participants")),
    PersonalData(table="crm_attachment", columns=("filename",), purpose=_("Files of the customer")),
)
"""The kernel's part of the personal-data map."""
