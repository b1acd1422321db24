"""The first password of a new tenant's administrator, and the links that hand it over.

    waiting ──letter sent──▶ sent ──shown──▶ opened ─┐
       └──────────┬────────────┘                     ├──▶ (wiped)
                  └──too late──▶ expired ────────────┘

The password lies sealed in its row, under the row's identity and a version, and nowhere else. It is
wiped in the transaction that shows it, that notes that a letter carried it, or that finds it too
old. Whom it goes to is decided when the tenant is ordered and never follows the account.
"""

from django.db import models
from django.db.models import Q

from organizations.directory.models import Account
from portal.core.encryption import Seal
from portal.core.rows import OwnedForeignKey, ResellerOwned
from tenants.connections.models import Connection

RECIPIENT_LENGTH = 1_300
"""Of five addresses."""


class FirstPassword(ResellerOwned):
    """A user of a new tenant, whom its password goes to, and what became of it.

    ``version`` rises with every password written. ``links`` counts the links made, so that each has
    a number of its own.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Not sent yet"
        SENT = "sent", "Sent"
        OPENED = "opened", "Opened"
        EXPIRED = "expired", "Expired"
        MAILED = "mailed", "In the mail"

    class Wiped(models.TextChoices):
        SHOWN = "shown", "It was shown"
        MAILED = "mailed", "The mail carried it"
        EXPIRED = "expired", "It was too old"

    tree_path = "account__organization__sub_reseller_id"

    account = OwnedForeignKey(Account)
    connection = OwnedForeignKey(Connection, db_index=False)
    microsoft_id = models.UUIDField()
    request_id = models.UUIDField()
    username = models.CharField(max_length=120)
    domain = models.CharField(max_length=253)
    recipient = models.CharField(max_length=RECIPIENT_LENGTH, blank=True)
    held_because = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=10, blank=True)
    password_sealed = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    links = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    kept_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    wiped_at = models.DateTimeField(null=True)
    wiped_because = models.CharField(max_length=8, choices=Wiped, blank=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "request_id"], name="organizations_firstpassword_request"
            ),
            models.CheckConstraint(
                # Nothing is compared with the password itself: a refusal would print it.
                name="organizations_firstpassword_wiped_says_why",
                condition=Q(wiped_at=None, wiped_because="")
                | (Q(wiped_at__isnull=False) & ~Q(wiped_because="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["reseller", "-kept_at", "-id"], name="organizations_firstpw_newest"
            ),
            models.Index(
                fields=["reseller", "expires_at"],
                condition=Q(wiped_at=None),
                name="organizations_firstpw_kept",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.username}@{self.domain}"

    def seal(self) -> Seal:
        """Where the password lives."""
        return Seal("organizations_firstpassword", str(self.pk), "password", self.version)

    @property
    def is_wiped(self) -> bool:
        return self.wiped_at is not None


class PasswordLink(ResellerOwned):
    """One link to a first password; of several the last one opens.

    Its key is derived from the row, so only the digest is stored. So is the code that a receiver is
    mailed: ``codes`` numbers them, ``code_tries`` counts wrong answers to the last.
    """

    password = OwnedForeignKey(FirstPassword, on_delete=models.CASCADE, db_index=False)
    number = models.PositiveIntegerField()
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    codes = models.PositiveSmallIntegerField(default=0)
    code_until = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "password", "number"], name="organizations_passwordlink_number"
            ),
        ]

    def __str__(self) -> str:
        return f"Link {self.number} of {self.password_id}"


class PasswordSettings(ResellerOwned):
    """How a reseller hands over first passwords. Without a row, the defaults hold.

    ``in_mail``: the letter may carry the password itself. ``own_address``: where letters to "the
    reseller" go when an account belongs to no sub-reseller; empty means its first administrator.
    """

    in_mail = models.BooleanField(default=False)
    own_address = models.EmailField(blank=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["reseller"], name="organizations_passwordsettings_one")
        ]

    def __str__(self) -> str:
        return "How first passwords are handed over"
