"""Which of Microsoft's codes means which of our errors.

Numbers below 100,000 mean other things with another status or on another route, so they count only
with theirs; longer ones are unique, and pages disagree about their status (400 or 403), so any 4xx
will do. A route family comes first where its pages give a number a meaning of its own.
"""

import re
from collections.abc import Iterable

from partnercenter import errors
from partnercenter.errors import PartnerCenterError

Kind = type[PartnerCenterError]

_UNIQUE_FROM = 100_000


def _rows(*rows: tuple[int, str, Kind]) -> dict[tuple[int, str], Kind]:
    """Return (status, code) to class; codes are written ``1 2 5-7``. No pair may come twice."""
    found: dict[tuple[int, str], Kind] = {}
    for status, codes, kind in rows:
        for code in _expanded(codes):
            if (status, code) in found:
                raise ValueError(f"{status}/{code} has two meanings")
            found[status, code] = kind
    return found


def _expanded(codes: str) -> Iterable[str]:
    for part in codes.split():
        first, _, last = part.partition("-")
        yield from map(str, range(int(first), int(last or first) + 1))


ANYWHERE = _rows(
    # Who calls.
    (401, "400 800001", errors.TokenRefused),
    (401, "900420", errors.WrongAudience),
    (401, "900421 10001", errors.MfaRequired),
    (400, "900316", errors.AppOnlyRefused),
    (403, "900329", errors.AppOnlyRefused),
    (403, "900308 900150", errors.RoleMissing),
    (403, "900309", errors.ConditionalAccessBlocked),
    (403, "90000", errors.ReconnectNeeded),
    # What is asked.
    (400, "0 2000 3000 800002 900118 900126", errors.InvalidRequest),
    (400, "800042 900127 900141", errors.NotSupported),
    (404, "1000", errors.NotFound),
    (417, "800036", errors.PreconditionFailed),
    (500, "800003 800005 800087 800094 900192", errors.ServiceFailed),
    (501, "0", errors.ServiceFailed),
    # The customer.
    (400, "20002", errors.NoResellerRelationship),
    (403, "20002", errors.NoResellerRelationship),
    (400, "60003", errors.CustomerNotFound),
    (404, "60003", errors.CustomerNotFound),
    (404, "60002", errors.UserNotFound),
    (400, "600002 600049 600050", errors.RegistrationNumberRefused),
    (400, "600051", errors.PhoneNumberMissing),
    (403, "600006", errors.PermissionRefused),
    (400, "600061", errors.AgreementExists),
    (404, "600074", errors.NotVetted),
    (403, "13605", errors.AgreementMissing),
    (403, "800073-800075", errors.AccountUnderReview),
    (403, "900416", errors.AccountLocked),
    (400, "800086", errors.CustomerNotEligible),
    (403, "2085 800020", errors.CustomerNotEligible),
    # The partner.
    (403, "800039 900149", errors.ProgrammeInactive),
    (403, "900123 900124", errors.PartnerAgreementMissing),
    (403, "2030", errors.CountryRefused),
    (400, "800070", errors.CountryRefused),
    (403, "800022-800026 800062 900121", errors.CreditRefused),
    (403, "800069", errors.RiskRefused),
    (400, "2071 800016 800098 900154", errors.PartnerOfRecordRefused),
    (404, "2072 800015", errors.PartnerOfRecordRefused),
    (404, "3000", errors.ProfileNotFound),
    # The catalogue.
    (404, "400013 400018 400019", errors.StaleCatalogue),
    (200, "400072", errors.ItemUnavailable),
    (403, "2091", errors.ItemUnavailable),
    (403, "2006 2032 400030 400036", errors.OfferNotAllowed),
    (403, "800043", errors.PricesHidden),
    (400, "2100 800004 900142-900144", errors.WrongCatalogue),
    (400, "400039 800107 800121 800122 900267-900270", errors.TermOrBillingRefused),
    (403, "800028", errors.TermOrBillingRefused),
    (400, "400041 800029", errors.BaseProductMissing),
    (400, "27006 27007", errors.PromotionRefused),
    # Carts and orders.
    (404, "800008", errors.CartExpired),
    (400, "800009", errors.CartHasErrors),
    (400, "4018 800010 800017 800071", errors.OrderRefused),
    (409, "800014 800060 800064", errors.PendingOperation),
    (400, "800065", errors.AlreadySubmitted),
    (400, "900169", errors.CurrencyRefused),
    (400, "900203 900206", errors.AttestationMissing),
    (404, "20000", errors.OrderNotFound),
    (404, "800007", errors.NotReadyYet),
    (400, "800061 800063", errors.CancellationRefused),
    (403, "800019 800077", errors.CancellationRefused),
    (400, "800030 900115 900128 900129 900312-900315", errors.AzurePurchaseRefused),
    (400, "900317 900318 900321-900323", errors.AzurePurchaseRefused),
    (400, "900252-900254", errors.DocumentRefused),
    (400, "6000 6001 800072 800080 800085 800097", errors.TermOrBillingRefused),
    (400, "800018", errors.SandboxLimit),
    (403, "800066-800068 900116", errors.SandboxLimit),
    (400, "2002 900275 900419", errors.QuantityRefused),
    (403, "800027 800088 800089", errors.QuantityRefused),
    # Subscriptions.
    (404, "20003 800076", errors.SubscriptionNotFound),
    (400, "2001 2006 2011 800012 800021 800040 800041", errors.SubscriptionRefused),
    (400, "800091 800092 800095 800096 900277 900279 900280", errors.SubscriptionRefused),
    (403, "900263", errors.SubscriptionRefused),
    (400, "800081", errors.NotReadyYet),
    (400, "2054", errors.TermOrBillingRefused),
    (400, "2055", errors.PreconditionFailed),
    (409, "27009", errors.ParentInactive),
    (409, "800082 900278", errors.PendingOperation),
    (400, "900311", errors.PendingOperation),
    (400, "800090 900117 900213 900214 900257", errors.WindowClosed),
    (400, "800093", errors.RenewalRefused),
    (400, "900242 900244-900246 900291 900292", errors.EndDateRefused),
    (400, "900236 900258-900261", errors.TransitionRefused),
    (400, "900215-900226 900247 900248 900262", errors.MigrationRefused),
    (400, "900100-900114 900119 900120 900130-900140", errors.TransferRefused),
    (400, "900145-900148 900160 900400", errors.TransferRefused),
    (400, "800111 800112 800114 800115", errors.OverageRefused),
    # Licences.
    (400, "60000", errors.LicenceChangeRefused),
    (400, "60012", errors.NoLicencesLeft),
)

FAMILIES: dict[str, dict[tuple[int, str], Kind]] = {
    # Whether an indirect reseller signed the partner agreement.
    "compliance": _rows(
        (400, "2000 2001", errors.InvalidRequest),
        (400, "2200 2204 2205", errors.PartnerAccountUnknown),
        (400, "2201", errors.PartnerRegionMismatch),
        (400, "2203 2206", errors.PartnerAgreementMissing),
    ),
    # Asking for what may be sold needs no subscription that could refuse.
    "catalogue": _rows((400, "2001 2002 2006", errors.WrongCatalogue)),
    "purchase": _rows((400, "900316", errors.AzurePurchaseRefused)),
    "transfer": _rows((400, "900100-900120 900130-900148", errors.TransferRefused)),
}
"""What a code means on routes of one kind, before its meaning elsewhere."""

LINES = _rows(
    (400, "10000", errors.CurrencyRefused),
    (400, "10001", errors.StaleCatalogue),
    (400, "10002 10015", errors.QuantityRefused),
    (400, "10003", errors.ItemUnavailable),
    (400, "10004", errors.PartnerOfRecordRefused),
    (400, "10006", errors.OrderRefused),
    (400, "10007", errors.SubscriptionRefused),
    (400, "10008 10011", errors.AzurePurchaseRefused),
    (400, "10009", errors.SandboxLimit),
    (400, "10010", errors.InvalidRequest),
    (400, "10012", errors.AttestationMissing),
)
"""What the code of one line of a cart means, before its meaning elsewhere."""

_FAMILY_PATHS = tuple(
    (re.compile(pattern, re.IGNORECASE), family)
    for pattern, family in (
        (r"/v1(?:\.0)?/compliance/", "compliance"),
        (r"/v1(?:\.0)?/.*(?:transfers|productupgrades)\b", "transfer"),
        (r"/v1(?:\.0)?/(?:offers|offercategories|products|productpromotions)\b", "catalogue"),
        (r"/v1(?:\.0)?/customers/[^/]+/products\b", "catalogue"),
        (r"/v1(?:\.0)?/customers/[^/]+/(?:carts|orders)\b", "purchase"),
    )
)


def _by_code_alone() -> dict[str, Kind]:
    found: dict[str, set[Kind]] = {}
    for (_, code), kind in ANYWHERE.items():
        if int(code) >= _UNIQUE_FROM:
            found.setdefault(code, set()).add(kind)
    return {code: next(iter(kinds)) for code, kinds in found.items() if len(kinds) == 1}


_UNIQUE = _by_code_alone()


def kind_of(status: int, code: str, *, path: str = "") -> Kind | None:
    """Return the class for a code, None when the status alone has to tell.

    ``path`` is that of the call, without its query.
    """
    for pattern, family in _FAMILY_PATHS:
        if pattern.match(path) and (kind := FAMILIES[family].get((status, code))):
            return kind
    kind = ANYWHERE.get((status, code))
    if kind is None and 400 <= status < 500 and status not in (401, 408, 429):
        # A failure of Microsoft's own, told as ours, stays what its status says.
        alone = _UNIQUE.get(code)
        kind = alone if alone and issubclass(alone, errors.RequestRefused) else None
    return kind


def line_kind(code: str) -> Kind:
    """Return the class for the code of one line of a cart, or of one order of a checkout.

    Lines fail within answers that succeed: the class is for its advice, or to be raised.
    """
    return LINES.get((400, code)) or kind_of(400, code) or errors.OrderRefused
