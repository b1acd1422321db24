"""Refusals because of who the customer or the partner is."""

from partnercenter.error_kinds.refused import InvalidRequest, PermissionRefused


class RegistrationNumberRefused(InvalidRequest):
    advice = (
        "The company's registration number is missing, has the wrong form, or is not asked for in "
        "this country. Correct it."
    )


class PhoneNumberMissing(InvalidRequest):
    advice = "This country asks for a phone number in the address. Enter one."


class DomainTaken(InvalidRequest):
    advice = (
        "This domain belongs to a tenant already. Choose another name, unless an earlier attempt "
        "of your own created it."
    )


class AgreementExists(InvalidRequest):
    advice = (
        "This person's consent to the agreement is on record already. Nothing is left to do, "
        "unless somebody else agreed."
    )


class AgreementMissing(PermissionRefused):
    advice = (
        "The customer has not accepted the Microsoft Customer Agreement. Confirm its acceptance "
        "or have the customer sign it, then try again."
    )


class AccountUnderReview(PermissionRefused):
    advice = (
        "Microsoft is reviewing this customer or has refused it, and nothing can be bought until "
        "that is settled. Look at the account's status in Partner Center."
    )


class AccountLocked(PermissionRefused):
    advice = "Microsoft has locked this customer's account. Open a case with Microsoft."


class CustomerNotEligible(PermissionRefused):
    advice = (
        "The customer does not qualify for this product. Check its qualifications and whether the "
        "product is for its segment."
    )


class ProgrammeInactive(PermissionRefused):
    advice = (
        "The partner account is not active in the programme. Check its status and agreements in "
        "Partner Center."
    )


class PartnerAgreementMissing(PermissionRefused):
    """The partner's own agreement, or an indirect reseller's; also seen as 400."""

    advice = (
        "The Microsoft Partner Agreement has not been accepted. Its global administrator must "
        "accept it in Partner Center."
    )


class PartnerAccountUnknown(InvalidRequest):
    advice = "There is no reseller account under this partner id or tenant. Check both."


class PartnerRegionMismatch(InvalidRequest):
    advice = "This reseller is of another region than the provider. Name one of your own region."


class PartnerOfRecordRefused(InvalidRequest):
    advice = (
        "This partner id cannot be the reseller on record. It must be an indirect reseller of "
        "yours with an active tenant, never your own."
    )


class CountryRefused(PermissionRefused):
    advice = "You may not sell in this customer's country. Check your regions in Partner Center."


class CreditRefused(PermissionRefused):
    advice = (
        "Microsoft's credit or eligibility rules for your account do not allow this purchase. "
        "Settle open invoices, or ask Microsoft for the limit."
    )


class RiskRefused(PermissionRefused):
    advice = "Microsoft's risk check stopped this purchase. Open a case with Microsoft."


class LicenceChangeRefused(InvalidRequest):
    advice = "Microsoft refused this change of licences. Check the user's location and licences."


class NoLicencesLeft(LicenceChangeRefused):
    advice = "All licences of this product are in use. Buy more or take one from another user."
