"""Companies the reseller deals with, and their commercial accounts."""

from typing import Any

from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.functions import Concat, Lower

from portal.core.money import CurrencyField
from portal.core.rows import OwnedForeignKey, ResellerOwned


def registration_key(number: Any) -> Func:
    """Return the expression that makes differently written registration numbers equal."""
    bare = Func(number, Value("[^[:alnum:]]"), Value(""), Value("g"), function="regexp_replace")
    return Lower(bare, output_field=models.TextField())


class Organization(ResellerOwned):
    """A customer, or a sub-reseller with customers of its own (``parent``).

    ``mpn_id`` and ``microsoft_partner_id`` (its partner tenant) are what Microsoft calls a
    sub-reseller. ``sub_reseller_id`` is the nearest one: itself, or whose customer it is.

    One that was merged into another stays as a tombstone (``merged_into``): what closed months say
    of it stays true, and nothing can be linked to it or changed any more. The database sees to it.
    """

    customer_path = "id"
    tree_path = "sub_reseller_id"

    class Kind(models.TextChoices):
        CUSTOMER = "customer", "Customer"
        SUB_RESELLER = "sub_reseller", "Sub-reseller"

    number = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=15, choices=Kind, default=Kind.CUSTOMER)
    parent = OwnedForeignKey("self", null=True, blank=True)
    primary_domain = models.CharField(max_length=253, blank=True)
    registration_number = models.CharField(max_length=60, blank=True)
    country = models.CharField(max_length=2, blank=True)
    notification_email = models.EmailField(blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    mpn_id = models.CharField(max_length=30, blank=True, default="", db_default="")
    microsoft_partner_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    merged_into = OwnedForeignKey("self", null=True, blank=True)
    merged_at = models.DateTimeField(null=True, blank=True)

    search = models.GeneratedField(
        expression=Lower(
            Concat(
                F("name"),
                Value(" "),
                F("number"),
                Value(" "),
                F("primary_domain"),
                output_field=models.TextField(),
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
    )
    # Row-level security lets only comparisons that cannot leak use an index, and lower() is none of
    # them: what is compared without regard to case is kept that way.
    name_key = models.GeneratedField(
        expression=Lower(F("name")), output_field=models.TextField(), db_persist=True
    )
    registration_key = models.GeneratedField(
        expression=registration_key(F("registration_number")),
        output_field=models.TextField(),
        db_persist=True,
    )
    sub_reseller_id = models.GeneratedField(
        expression=Case(When(kind="sub_reseller", then=F("id")), default=F("parent_id")),
        output_field=models.UUIDField(null=True),
        db_persist=True,
    )
    is_complete = models.GeneratedField(
        expression=Case(
            When(
                ~Q(primary_domain="") & ~Q(notification_email="") & ~Q(contact_phone=""),
                then=Value(True),
            ),
            default=Value(False),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "number"], name="organizations_organization_number"
            ),
            models.CheckConstraint(name="organizations_organization_named", condition=~Q(name="")),
            models.CheckConstraint(
                # The other half, and that nothing is merged into itself, is for the trigger.
                name="organizations_organization_time_of_merger",
                condition=Q(merged_at=None) | Q(merged_into__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["reseller", "mpn_id"],
                condition=~Q(mpn_id="") & Q(merged_into=None),
                name="organizations_organization_mpn_id",
            ),
            models.UniqueConstraint(
                fields=["reseller", "microsoft_partner_id"],
                condition=Q(microsoft_partner_id__isnull=False, merged_into=None),
                name="organizations_organization_partner_id",
            ),
            models.CheckConstraint(
                name="organizations_organization_only_sub_resellers_are_partners",
                condition=Q(kind="sub_reseller") | Q(mpn_id="", microsoft_partner_id=None),
            ),
        ]
        indexes = [
            models.Index(fields=["reseller", "name", "id"], name="organizations_by_name"),
            models.Index(fields=["reseller", "primary_domain"], name="organizations_by_domain"),
            models.Index(fields=["reseller", "-created_at", "id"], name="organizations_newest"),
            models.Index(
                fields=["reseller", "country", "name", "id"], name="organizations_by_country"
            ),
            models.Index(
                fields=["reseller", "name_key"],
                opclasses=["int8_ops", "text_pattern_ops"],
                name="organizations_by_name_key",
            ),
            models.Index(
                fields=["reseller", "registration_key"],
                condition=~Q(registration_key=""),
                name="organizations_by_registration",
            ),
            models.Index(
                fields=["reseller", "name", "id"],
                condition=Q(is_complete=False),
                name="organizations_incomplete",
            ),
            models.Index(
                fields=["reseller", "name", "id"],
                condition=Q(kind="sub_reseller"),
                name="organizations_resellers",
            ),
            models.Index(
                fields=["reseller", "sub_reseller_id", "name", "id"],
                condition=Q(sub_reseller_id__isnull=False),
                name="organizations_by_sub_reseller",
            ),
        ]

    REQUIRED = ("primary_domain", "notification_email", "contact_phone")

    def __str__(self) -> str:
        return self.name

    @property
    def is_sub_reseller(self) -> bool:
        return self.kind == self.Kind.SUB_RESELLER

    @property
    def is_merged(self) -> bool:
        return self.merged_into_id is not None

    @property
    def missing_fields(self) -> tuple[str, ...]:
        """What an import left out; an organization is complete when this is empty."""
        return tuple(name for name in self.REQUIRED if not getattr(self, name))


class Account(ResellerOwned):
    """The commercial account of an organization. Most organizations have one, the primary."""

    customer_path = "organization_id"
    tree_path = "organization__sub_reseller_id"

    organization = OwnedForeignKey(Organization, related_name="accounts")
    name = models.CharField(max_length=200)
    customer_number = models.CharField(max_length=60, blank=True)
    is_primary = models.BooleanField(default=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    currency = CurrencyField()
    address_line1 = models.CharField(max_length=200, blank=True)
    address_line2 = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=60, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "organization"],
                condition=Q(is_primary=True),
                name="organizations_account_one_primary",
            )
        ]
        indexes = [
            models.Index(fields=["reseller", "organization"], name="organizations_account_org")
        ]

    def __str__(self) -> str:
        return self.name


class Numbering(models.Model):
    """The next organization number of a reseller; locking it hands numbers out once each."""

    reseller = models.OneToOneField(
        "core.Reseller", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    next_number = models.PositiveIntegerField(default=10_001)

    def __str__(self) -> str:
        return str(self.next_number)
