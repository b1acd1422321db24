"""Who there is: resellers, people, what each person may do where, and tokens for programs.

People and their sign-in belong to the installation, everything else to a reseller. Inside a
reseller's scope the people table cannot be read at all: a membership carries the name and address
that screens show, so no query there can reach somebody else's staff.
"""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from portal.core.access import Role
from portal.core.rows import ResellerOwned

OF_AN_ORGANIZATION = sorted(role.value for role in Role if role.has_organization)


class Reseller(models.Model):
    """A CSP partner that uses this installation: the isolation root.

    While it is suspended its people read and change nothing, and its jobs wait.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=200)
    slug = models.CharField(
        max_length=60, unique=True, validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*\Z")]
    )
    currency = models.CharField(max_length=3, default="EUR")
    locale = models.CharField(max_length=10, default="en_GB")
    time_zone = models.CharField(max_length=60, default="Europe/Amsterdam")
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_because = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes people; an address is kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person who signs in with an e-mail address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="core_user_email_lower")]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return self.full_name or self.email


class Membership(ResellerOwned):
    """A person's role at a reseller, or at one organization of it."""

    customer_path = "organization_id"
    tree_path = "organization_id"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    organization_id = models.UUIDField(null=True, blank=True)
    email = models.EmailField()
    full_name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "user", "organization_id"],
                nulls_distinct=False,
                name="core_membership_once",
            ),
            models.CheckConstraint(
                name="core_membership_customers_have_organization",
                condition=Q(role__in=OF_AN_ORGANIZATION, organization_id__isnull=False)
                | (~Q(role__in=OF_AN_ORGANIZATION) & Q(organization_id__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["reseller", "organization_id"], name="core_membership_org")]

    def __str__(self) -> str:
        return f"{self.label} ({self.get_role_display()})"

    @property
    def label(self) -> str:
        """The name screens and the audit show."""
        return self.full_name or self.email


class ApiToken(ResellerOwned):
    """A program's way in on behalf of a membership. Only a hash is kept; the text is shown once."""

    customer_path = "membership__organization_id"
    tree_path = "membership__organization_id"

    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta(ResellerOwned.Meta):
        indexes = [models.Index(fields=["reseller", "membership"], name="core_apitoken_owner")]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"


class SignInTries(models.Model):
    """How often somebody tried to sign in lately (`portal.core.identity.tries`)."""

    name = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.until}"
