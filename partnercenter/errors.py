"""Everything that can go wrong between us and Partner Center, as one tree.

Callers decide by class and by ``transient`` (would the same call later help?), people read
``advice``. Foreign exceptions never leave this package, because their texts carry whole addresses
with queries, and with them tokens and download signatures. Which code leads to which class is in
``refusal_codes``.

PartnerCenterError
├── ConfigurationError                    what an administrator entered is wrong
│   ├── SecretRefused                     client secret wrong or expired
│   ├── AppUnknown                        application not known in the partner tenant
│   ├── TenantUnknown                     partner tenant does not exist
│   └── WrongAudience                     token made for another service
├── ReconnectNeeded                       a person must sign in or consent again
│   ├── ConsentMissing
│   ├── MfaRequired
│   ├── TokenRefused                      a fresh token was refused too
│   └── SignInExpired                     too old, or revoked
├── RequestRefused                        Partner Center understood and said no (4xx)
│   ├── InvalidRequest                    400 and the 4xx without a class of their own
│   │   ├── NotSupported
│   │   ├── RegistrationNumberRefused
│   │   ├── PhoneNumberMissing
│   │   ├── DomainTaken                   found out by asking, as no code tells it
│   │   ├── AgreementExists
│   │   ├── PartnerAccountUnknown
│   │   ├── PartnerRegionMismatch
│   │   ├── PartnerOfRecordRefused        also seen as 403 and 404
│   │   ├── LicenceChangeRefused
│   │   │   └── NoLicencesLeft
│   │   ├── WrongCatalogue
│   │   ├── TermOrBillingRefused          also seen as 403
│   │   ├── EndDateRefused
│   │   ├── BaseProductMissing
│   │   ├── CurrencyRefused
│   │   ├── AttestationMissing
│   │   ├── PromotionRefused
│   │   ├── QuantityRefused               also seen as 403
│   │   ├── CartHasErrors
│   │   ├── OrderRefused
│   │   ├── CancellationRefused           also seen as 403
│   │   ├── DocumentRefused
│   │   ├── AzurePurchaseRefused
│   │   ├── SubscriptionRefused
│   │   │   ├── WindowClosed              seats can no longer be given back
│   │   │   └── RenewalRefused
│   │   ├── TransitionRefused
│   │   ├── MigrationRefused
│   │   ├── TransferRefused
│   │   └── OverageRefused
│   ├── PermissionRefused                 403
│   │   ├── AppOnlyRefused                needs a signed-in user
│   │   ├── RoleMissing
│   │   ├── ConditionalAccessBlocked
│   │   ├── NoResellerRelationship        also seen as 400
│   │   ├── AgreementMissing              the customer has not accepted it
│   │   ├── AccountUnderReview
│   │   ├── AccountLocked
│   │   ├── CustomerNotEligible
│   │   ├── ProgrammeInactive
│   │   ├── PartnerAgreementMissing       the partner or reseller has not; also 400
│   │   ├── CountryRefused
│   │   ├── CreditRefused                 also seen as 400
│   │   ├── RiskRefused
│   │   ├── OfferNotAllowed
│   │   ├── PricesHidden
│   │   └── SandboxLimit                  also seen as 400
│   ├── NotFound                          404, 410
│   │   ├── CustomerNotFound
│   │   ├── UserNotFound
│   │   ├── InvoiceNotFound
│   │   ├── ProfileNotFound
│   │   ├── ExportExpired                 billing data, to be asked for again
│   │   ├── CountryUnknown
│   │   ├── NotVetted                     no account status
│   │   ├── NotReadyYet                   made, but not usable yet                         transient
│   │   ├── StaleCatalogue                ids that have been replaced
│   │   │   └── ItemUnavailable           also told with 200
│   │   ├── CartExpired
│   │   ├── OrderNotFound
│   │   └── SubscriptionNotFound
│   ├── Conflict                          409
│   │   ├── PendingOperation              an earlier change is still under way             transient
│   │   ├── AlreadySubmitted              told as 400
│   │   └── ParentInactive
│   └── PreconditionFailed                412, 417, 428, stale entity tag
├── Throttled                             429                                              transient
├── ServiceFailed                         408, 5xx; 501 is not transient                   transient
├── ConnectionFailed                      no answer at all                                 transient
│   ├── ConnectionTimedOut                                                                 transient
│   └── TlsFailed                         certificate or protocol refused
└── AnswerRefused                         an answer came, and we do not believe it
    ├── MalformedAnswer                   not the JSON that was promised
    │   ├── TornAnswer                    cut short                                        transient
    │   └── GatewayPage                   HTML or text of something in between             transient
    ├── AnswerTooLarge
    ├── RedirectRefused
    ├── LinkRefused                       a link that leads to another place
    ├── MixedUpAnswer                     the answer to somebody else's question           transient
    └── PagingError                       a listing that cannot be trusted as whole        transient
"""

# ruff: noqa: I001 - renamed to themselves, names are given on; sorted, each would take three lines.

from partnercenter.error_kinds.accounts import (
    AccountLocked as AccountLocked,
    AccountUnderReview as AccountUnderReview,
    AgreementExists as AgreementExists,
    AgreementMissing as AgreementMissing,
    CountryRefused as CountryRefused,
    CreditRefused as CreditRefused,
    CustomerNotEligible as CustomerNotEligible,
    DomainTaken as DomainTaken,
    LicenceChangeRefused as LicenceChangeRefused,
    NoLicencesLeft as NoLicencesLeft,
    PartnerAccountUnknown as PartnerAccountUnknown,
    PartnerAgreementMissing as PartnerAgreementMissing,
    PartnerOfRecordRefused as PartnerOfRecordRefused,
    PartnerRegionMismatch as PartnerRegionMismatch,
    PhoneNumberMissing as PhoneNumberMissing,
    ProgrammeInactive as ProgrammeInactive,
    RegistrationNumberRefused as RegistrationNumberRefused,
    RiskRefused as RiskRefused,
)
from partnercenter.error_kinds.answers import (
    AnswerRefused as AnswerRefused,
    AnswerTooLarge as AnswerTooLarge,
    GatewayPage as GatewayPage,
    LinkRefused as LinkRefused,
    MalformedAnswer as MalformedAnswer,
    MixedUpAnswer as MixedUpAnswer,
    PagingError as PagingError,
    RedirectRefused as RedirectRefused,
    TornAnswer as TornAnswer,
)
from partnercenter.error_kinds.base import (
    AppUnknown as AppUnknown,
    ConfigurationError as ConfigurationError,
    ConnectionFailed as ConnectionFailed,
    ConnectionTimedOut as ConnectionTimedOut,
    ConsentMissing as ConsentMissing,
    MfaRequired as MfaRequired,
    PartnerCenterError as PartnerCenterError,
    ReconnectNeeded as ReconnectNeeded,
    SecretRefused as SecretRefused,
    ServiceFailed as ServiceFailed,
    SignInExpired as SignInExpired,
    TenantUnknown as TenantUnknown,
    Throttled as Throttled,
    TlsFailed as TlsFailed,
    TokenRefused as TokenRefused,
    WrongAudience as WrongAudience,
)
from partnercenter.error_kinds.purchases import (
    AlreadySubmitted as AlreadySubmitted,
    AttestationMissing as AttestationMissing,
    AzurePurchaseRefused as AzurePurchaseRefused,
    BaseProductMissing as BaseProductMissing,
    CancellationRefused as CancellationRefused,
    CartExpired as CartExpired,
    CartHasErrors as CartHasErrors,
    CurrencyRefused as CurrencyRefused,
    DocumentRefused as DocumentRefused,
    EndDateRefused as EndDateRefused,
    ItemUnavailable as ItemUnavailable,
    OfferNotAllowed as OfferNotAllowed,
    OrderNotFound as OrderNotFound,
    OrderRefused as OrderRefused,
    PricesHidden as PricesHidden,
    PromotionRefused as PromotionRefused,
    QuantityRefused as QuantityRefused,
    SandboxLimit as SandboxLimit,
    StaleCatalogue as StaleCatalogue,
    TermOrBillingRefused as TermOrBillingRefused,
    WrongCatalogue as WrongCatalogue,
)
from partnercenter.error_kinds.refused import (
    AppOnlyRefused as AppOnlyRefused,
    ConditionalAccessBlocked as ConditionalAccessBlocked,
    Conflict as Conflict,
    CountryUnknown as CountryUnknown,
    CustomerNotFound as CustomerNotFound,
    ExportExpired as ExportExpired,
    InvalidRequest as InvalidRequest,
    InvoiceNotFound as InvoiceNotFound,
    NoResellerRelationship as NoResellerRelationship,
    NotFound as NotFound,
    NotReadyYet as NotReadyYet,
    NotSupported as NotSupported,
    NotVetted as NotVetted,
    PendingOperation as PendingOperation,
    PermissionRefused as PermissionRefused,
    PreconditionFailed as PreconditionFailed,
    ProfileNotFound as ProfileNotFound,
    RequestRefused as RequestRefused,
    RoleMissing as RoleMissing,
    UserNotFound as UserNotFound,
)
from partnercenter.error_kinds.subscriptions import (
    MigrationRefused as MigrationRefused,
    OverageRefused as OverageRefused,
    ParentInactive as ParentInactive,
    RenewalRefused as RenewalRefused,
    SubscriptionNotFound as SubscriptionNotFound,
    SubscriptionRefused as SubscriptionRefused,
    TransferRefused as TransferRefused,
    TransitionRefused as TransitionRefused,
    WindowClosed as WindowClosed,
)
