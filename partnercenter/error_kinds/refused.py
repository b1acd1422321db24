"""What Partner Center understood and said no to, whatever it was about."""

from typing import Self

from partnercenter.error_kinds.base import PartnerCenterError


class RequestRefused(PartnerCenterError):
    advice = "Partner Center refused the request. Correct what it names and try again."

    @classmethod
    def instead_of(cls, error: "RequestRefused") -> Self:
        """Return an error of this class with all that another one tells."""
        narrower = cls(error.message)
        vars(narrower).update(vars(error))
        narrower.transient = cls.transient
        return narrower


class InvalidRequest(RequestRefused):
    advice = "Partner Center did not accept a value. Correct what it names and try again."


class NotSupported(InvalidRequest):
    advice = "Partner Center does not offer this here. Do it in Partner Center's own pages."


class PermissionRefused(RequestRefused):
    advice = "This connection may not do that. Check its permissions in Partner Center."


class AppOnlyRefused(PermissionRefused):
    advice = (
        "Partner Center allows this only to a signed-in user. Connect with a user's consent "
        "instead of the application alone."
    )


class RoleMissing(PermissionRefused):
    advice = (
        "The connected user lacks a Partner Center or delegated-administration role. Have an "
        "administrator grant it."
    )


class ConditionalAccessBlocked(PermissionRefused):
    advice = (
        "The customer's conditional access policy blocks partners. Ask the customer to exclude "
        "service providers from it."
    )


class NoResellerRelationship(PermissionRefused):
    advice = (
        "There is no reseller relationship with this customer, or it has ended. Send the customer "
        "a new relationship request."
    )


class NotFound(RequestRefused):
    advice = "Partner Center does not know this. It may have been removed."


class CustomerNotFound(NotFound):
    advice = "Partner Center does not know this customer. Discover tenants again."


class UserNotFound(NotFound):
    advice = "The customer has no such user. It may have been deleted; load the users again."


class InvoiceNotFound(NotFound):
    advice = "Partner Center does not know this invoice. Check its number."


class ProfileNotFound(NotFound):
    advice = "Partner Center does not know this partner id. Check the number."


class ExportExpired(NotFound):
    advice = "Microsoft keeps exported billing data for a short time only. It is asked for again."


class CountryUnknown(NotFound):
    advice = "Partner Center does not know this country. Use its ISO code, such as GB."


class NotVetted(NotFound):
    advice = "Microsoft has no vetting on record for this customer, which blocks nothing."


class NotReadyYet(NotFound):
    """Made, but not to be used yet: also seen as 400."""

    transient = True
    lasts = True
    advice = "Microsoft is still setting this up. Look again in a quarter of an hour."


class Conflict(RequestRefused):
    advice = "Something else is changing the same thing. Look at its state before trying again."


class PendingOperation(Conflict):
    """Something is under way; what comes of it is read before anything is sent again."""

    transient = True
    lasts = True
    advice = (
        "Microsoft is still busy with an earlier change. Wait, look at what came of it, and only "
        "then try again; it can take a day."
    )


class PreconditionFailed(RequestRefused):
    advice = "It was changed in the meantime. Load it again and repeat the change."
