"""The tables of the organizations floor, gathered for Django."""

from organizations.agreements.models import AgreementConfirmation
from organizations.alert.models import Condition, ConditionEvent
from organizations.bulk.models import BulkItem, BulkLink
from organizations.directory.models import Account, Numbering, Organization
from organizations.fields.models import FieldDefinition, FieldValue
from organizations.files.models import FilePart, FileRemark, UploadedFile
from organizations.ignoring.models import IgnoredTenant
from organizations.linking.models import Link
from organizations.offboarding.models import OffboardingStep
from organizations.passwords.models import FirstPassword, PasswordLink, PasswordSettings
from organizations.provisioning.models import ProvisioningRequest, ProvisioningStep
from organizations.suggestions.models import LinkSuggestion, SuggestionState

__all__ = [
    "Account",
    "AgreementConfirmation",
    "BulkItem",
    "BulkLink",
    "Condition",
    "ConditionEvent",
    "FieldDefinition",
    "FieldValue",
    "FilePart",
    "FileRemark",
    "FirstPassword",
    "IgnoredTenant",
    "Link",
    "LinkSuggestion",
    "Numbering",
    "OffboardingStep",
    "Organization",
    "PasswordLink",
    "PasswordSettings",
    "ProvisioningRequest",
    "ProvisioningStep",
    "SuggestionState",
    "UploadedFile",
]
