"""What a custom field is, and what one owner's field holds.

A definition says of which entity the field is, what it may hold, who sees and who edits it. A
vendor's definitions belong to a connection, one set each, because one account may be a different
tenant in every Partner Center account (ACC-04); resellers rename, group and order them like their
own.
"""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from organizations.directory.models import Account, Organization
from portal.core.access import Actor
from portal.core.identity.models import Membership
from portal.core.rows import OwnedForeignKey, ResellerOwned, Row, ScopedManager, ScopedQuerySet

if TYPE_CHECKING:
    from uuid import UUID

KEY = r"^[a-z][a-z0-9_]{0,59}$"
KEY_LENGTH = 60
LABEL_LENGTH, GROUP_LENGTH, HELP_LENGTH = 100, 100, 300
VALUE_LENGTH = 500


class Entity(models.TextChoices):
    """What a field can belong to; a user is somebody's membership."""

    ACCOUNT = "account", "Accounts"
    ORGANIZATION = "organization", "Organizations"
    USER = "user", "Users"


class Kind(models.TextChoices):
    """What a field may hold."""

    TEXT = "text", "Text"
    NUMBER = "number", "Number"
    DATE = "date", "Date"
    CHOICE = "choice", "Choice"


class SeenBy(models.TextChoices):
    """Who sees what a field holds; the widest first."""

    EVERYBODY = "everybody", "Everybody who sees the owner, customers too"
    STAFF = "staff", "Staff only"
    ADMINS = "admins", "Administrators only"


class EditedBy(models.TextChoices):
    """Who changes what a field holds. Customers read only."""

    STAFF = "staff", "Staff, except auditors"
    PROVISIONERS = "provisioners", "Those who may provision tenants"
    ADMINS = "admins", "Administrators only"


class Source(models.TextChoices):
    """Who made a definition."""

    RESELLER = "reseller", "Ours"
    VENDOR = "vendor", "Vendor"


class DefinitionQuerySet(ScopedQuerySet[Row]):
    """Definitions; customers know of those whose values they see."""

    def visible_to(self, actor: Actor) -> Self:
        rows = self.filter(reseller_id=actor.reseller_id)
        return rows if actor.is_staff else rows.filter(seen_by=SeenBy.EVERYBODY)


class ValueQuerySet(ScopedQuerySet[Row]):
    """Values; customers see what is theirs of the fields that everybody sees."""

    def visible_to(self, actor: Actor) -> Self:
        rows = super().visible_to(actor)
        return rows if actor.is_staff else rows.filter(definition__seen_by=SeenBy.EVERYBODY)


class DefinitionManager(ScopedManager.from_queryset(DefinitionQuerySet)):  # type: ignore[misc]
    """Definitions, in a scope only."""


class ValueManager(ScopedManager.from_queryset(ValueQuerySet)):  # type: ignore[misc]
    """Values, in a scope only."""


class FieldDefinition(ResellerOwned):
    """One custom field of an entity.

    ``key`` names it in the API and in files. ``group`` is the folder it is shown in, "" for none;
    ``position`` its place there. ``vendor_key`` is what the vendor's program calls it, without the
    part that keeps the sets of connections apart. No two owners hold the same text, whatever its
    case, in one that ``is_distinct``; only a vendor asks for that.
    """

    entity = models.CharField(max_length=12, choices=Entity)
    key = models.CharField(max_length=KEY_LENGTH)
    label = models.CharField(max_length=LABEL_LENGTH)
    help = models.CharField(max_length=HELP_LENGTH, blank=True)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.TEXT)
    choices = models.JSONField(default=list, blank=True)
    default = models.CharField(max_length=VALUE_LENGTH, blank=True)
    group = models.CharField(max_length=GROUP_LENGTH, blank=True)
    position = models.PositiveIntegerField(default=1)
    seen_by = models.CharField(max_length=12, choices=SeenBy, default=SeenBy.STAFF)
    edited_by = models.CharField(max_length=12, choices=EditedBy, default=EditedBy.STAFF)
    source = models.CharField(max_length=8, choices=Source, default=Source.RESELLER)
    connection = OwnedForeignKey("tenants.Connection", null=True, blank=True)
    vendor_key = models.CharField(max_length=KEY_LENGTH, blank=True)
    is_distinct = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = DefinitionManager()

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "entity", "key"], name="organizations_field_key"
            ),
            models.UniqueConstraint(
                fields=["reseller", "entity", "connection", "vendor_key"],
                condition=~Q(vendor_key=""),
                nulls_distinct=False,
                name="organizations_field_once_per_connection",
            ),
            models.CheckConstraint(
                name="organizations_field_key_is_plain", condition=Q(key__regex=KEY)
            ),
            models.CheckConstraint(name="organizations_field_labelled", condition=~Q(label="")),
            models.CheckConstraint(
                name="organizations_field_vendor_names_it",
                condition=Q(source="vendor") & ~Q(vendor_key="")
                | Q(source="reseller", vendor_key="", connection=None),
            ),
            models.CheckConstraint(
                name="organizations_field_choices_of_choice",
                condition=Q(kind="choice") & ~Q(choices=[]) | ~Q(kind="choice") & Q(choices=[]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["reseller", "entity", "group", "position", "id"],
                name="organizations_field_order",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_vendors(self) -> bool:
        return self.source == Source.VENDOR


class FieldValue(ResellerOwned):
    """What one account, organization or user has in a field, as canonical text.

    No row: the field holds its default. ``belongs_to`` is the organization whose people may see the
    value, None for one of the reseller's own staff; the database takes it from the owner. It also
    writes ``distinct_text``: the text in small letters where the field is distinct, else NULL.
    """

    customer_path = "belongs_to_id"
    tree_path = "belongs_to__sub_reseller_id"

    definition = OwnedForeignKey(FieldDefinition, related_name="values")
    account = OwnedForeignKey(Account, null=True)
    organization = OwnedForeignKey(Organization, null=True)
    membership = OwnedForeignKey(Membership, on_delete=models.CASCADE, null=True)
    belongs_to = OwnedForeignKey(Organization, null=True)
    text = models.CharField(max_length=VALUE_LENGTH, blank=True)
    distinct_text = models.CharField(max_length=VALUE_LENGTH, null=True, editable=False)  # noqa: DJ001
    changed_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = ValueManager()

    account_id: "UUID | None"
    organization_id: "UUID | None"
    membership_id: "UUID | None"

    class Meta(ResellerOwned.Meta):
        constraints = [
            # A missing owner differs from every other, so each of the three is about its own kind.
            models.UniqueConstraint(
                fields=["reseller", "account", "definition"],
                name="organizations_fieldvalue_account",
            ),
            models.UniqueConstraint(
                fields=["reseller", "organization", "definition"],
                name="organizations_fieldvalue_organization",
            ),
            models.UniqueConstraint(
                fields=["reseller", "membership", "definition"],
                name="organizations_fieldvalue_membership",
            ),
            models.UniqueConstraint(
                fields=["reseller", "definition", "distinct_text"],
                name="organizations_fieldvalue_distinct",
            ),
            models.CheckConstraint(
                name="organizations_fieldvalue_one_owner",
                condition=Q(account__isnull=False, organization=None, membership=None)
                | Q(account=None, organization__isnull=False, membership=None)
                | Q(account=None, organization=None, membership__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["reseller", "definition"], name="organizations_fieldvalue_of"),
            models.Index(fields=["reseller", "belongs_to"], name="organizations_fieldvalue_whose"),
        ]

    def __str__(self) -> str:
        return self.text
