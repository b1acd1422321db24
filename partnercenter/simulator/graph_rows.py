"""Invoice rows in the spelling of the billing export of Microsoft Graph.

The full set of reconciliation columns is the one real importers read. Which of them the basic set
leaves out Microsoft does not say: here those that describe a row and are needed neither to assign
nor to check its money. For daily usage the pages name the basic columns.
"""

from collections.abc import Callable

from partnercenter.simulator.line_rows import Row, numbers_as_text, v1_name


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


RECONCILIATION = _names(
    """
    PartnerId CustomerId CustomerName CustomerDomainName CustomerCountry InvoiceNumber MpnId
    Tier2MpnId OrderId OrderDate ProductId SkuId AvailabilityId SkuName ProductName ChargeType
    UnitPrice Quantity Subtotal TaxTotal Total Currency PriceAdjustmentDescription PublisherName
    PublisherId SubscriptionDescription SubscriptionId ChargeStartDate ChargeEndDate
    TermAndBillingCycle EffectiveUnitPrice UnitType AlternateId BillableQuantity BillingFrequency
    PricingCurrency PCToBCExchangeRate PCToBCExchangeRateDate MeterDescription ReservationOrderId
    CreditReasonCode SubscriptionStartDate SubscriptionEndDate ReferenceId ProductQualifiers
    PromotionId ProductCategory
    """
)
_DESCRIBING = _names(
    """
    CustomerDomainName CustomerCountry AvailabilityId PriceAdjustmentDescription PublisherName
    PublisherId SubscriptionDescription UnitType AlternateId PCToBCExchangeRateDate
    MeterDescription ReservationOrderId CreditReasonCode ProductQualifiers PromotionId
    ProductCategory
    """
)
USAGE = _names(
    """
    PartnerId PartnerName CustomerId CustomerName CustomerDomainName CustomerCountry MpnId
    Tier2MpnId InvoiceNumber ProductId SkuId AvailabilityId SkuName ProductName PublisherName
    PublisherId SubscriptionDescription SubscriptionId ChargeStartDate ChargeEndDate UsageDate
    MeterType MeterCategory MeterId MeterSubCategory MeterName MeterRegion Unit ResourceLocation
    ConsumedService ResourceGroup ResourceURI ChargeType UnitPrice Quantity UnitType
    BillingPreTaxTotal BillingCurrency PricingPreTaxTotal PricingCurrency ServiceInfo1
    ServiceInfo2 Tags AdditionalInfo EffectiveUnitPrice PCToBCExchangeRate PCToBCExchangeRateDate
    EntitlementId EntitlementDescription PartnerEarnedCreditPercentage CreditPercentage CreditType
    BenefitOrderId BenefitId BenefitType
    """
)
_USAGE_BASIC = _names(
    """
    PartnerId PartnerName CustomerId CustomerName InvoiceNumber ProductId SkuId SkuName
    PublisherName SubscriptionId ChargeStartDate ChargeEndDate UsageDate Unit ResourceURI
    ChargeType UnitPrice Quantity BillingPreTaxTotal BillingCurrency PricingPreTaxTotal
    PricingCurrency EffectiveUnitPrice PCToBCExchangeRate EntitlementId CreditPercentage
    CreditType BenefitOrderId BenefitType
    """
)
BASIC = {
    "reconciliation": tuple(one for one in RECONCILIATION if one not in _DESCRIBING),
    "usage": tuple(one for one in USAGE if one in _USAGE_BASIC),
}
FULL = {"reconciliation": RECONCILIATION, "usage": USAGE}

_CATEGORIES = {"CFQ": "OnlineServices", "DZH": "Azure", "DG7": "Software"}
_UNKNOWN = {"ColumnOfNextYear": "new", "AnotherNewColumn": 7, "NewNestedColumn": {"key": [1, None]}}


def graph_shaper(
    dataset: str,
    attribute_set: str,
    *,
    invoice: str,
    unknown_columns: bool,
    as_text: bool,
) -> Callable[[Row], Row]:
    """Return what turns a row of a world, in either spelling, into a row of an export.

    A column the row has nothing for is left out, as absent beats null on this service; columns of
    a row that is in Graph's spelling already all stay in the full set. `invoice` is written into
    rows that do not name theirs; an empty one empties the column.
    """
    columns = (BASIC if attribute_set == "basic" else FULL)[dataset]
    pairs = [(column, v1_name(column)) for column in columns]
    wants_category = "ProductCategory" in columns

    def shape(row: Row) -> Row:
        if "PartnerId" not in row:
            shaped = {column: row[name] for column, name in pairs if name in row}
            if wants_category and "productId" in row:
                shaped["ProductCategory"] = _CATEGORIES.get(str(row["productId"])[:3].upper(), "")
        elif attribute_set == "basic":
            shaped = {column: row[column] for column in columns if column in row}
        else:
            shaped = dict(row)
        shaped["InvoiceNumber"] = (shaped.get("InvoiceNumber") or invoice) if invoice else ""
        if as_text:
            shaped = numbers_as_text(shaped)
        return shaped | _UNKNOWN if unknown_columns else shaped

    return shape
