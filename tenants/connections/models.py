"""A Partner Center account of a reseller, the consent it works with, and how it fares."""

from django.db import models

from portal.core.encryption import Seal
from portal.core.rows import EVERY_SUB_RESELLER, OwnedForeignKey, ResellerOwned


class Connection(ResellerOwned):
    """Where a reseller's tenants are read from. Its secret opens only for this row and version.

    People of sub-resellers see which there are, in the columns `queries.unread_columns` leaves.
    """

    tree_path = EVERY_SUB_RESELLER

    class Program(models.TextChoices):
        DIRECT_BILL = "direct_bill", "Direct bill"
        INDIRECT_PROVIDER = "indirect_provider", "Indirect provider"
        COUNTRY_TENANT = "country_tenant", "Country tenant of an indirect provider"

    class State(models.TextChoices):
        NEW = "new", "Not tested yet"
        WORKING = "working", "Working"
        FAILING = "failing", "Failing"

    name = models.CharField(max_length=120)
    program = models.CharField(max_length=20, choices=Program, default=Program.DIRECT_BILL)
    cloud = models.CharField(max_length=30, default="global")
    partner_tenant = models.CharField(max_length=64)
    client_id = models.CharField(max_length=64)
    secret_sealed = models.TextField()
    secret_version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    last_success_at = models.DateTimeField(null=True)
    last_failure_at = models.DateTimeField(null=True)
    last_failure_code = models.CharField(max_length=60, blank=True)
    last_failure = models.TextField(blank=True)
    discovered_at = models.DateTimeField(null=True)
    secret_expires_on = models.DateField(null=True)
    secret_warned_days = models.PositiveSmallIntegerField(null=True)
    uses_reseller_address = models.BooleanField(default=True, db_default=True)
    """Whether a customer without a billing address is created with its reseller's (PRV-13)."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["reseller", "name"], name="tenants_connection_name"),
            models.UniqueConstraint(
                fields=["reseller", "partner_tenant"], name="tenants_connection_partner"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def secret_seal(self) -> Seal:
        """Where the secret lives; a value sealed for another row or an older version is refused."""
        return Seal("tenants_connection", str(self.pk), "secret", self.secret_version)

    @property
    def shows_reseller_mpn(self) -> bool:
        """Whether the reseller's MPN id is asked for with customers and orders (IND-01 to IND-04).

        Only indirect providers sell through resellers, and so do the country tenants of theirs; a
        direct account has none to name.
        """
        return self.program in (self.Program.INDIRECT_PROVIDER, self.Program.COUNTRY_TENANT)


class Consent(ResellerOwned):
    """The consent a person gave for a connection, and the refresh token that came of it.

    One per connection; consenting again replaces it. The refresh token opens only for this row and
    version. While a worker renews it the lease is its; every write carries the fence, so one that
    stalled cannot put an older token over a newer one.
    """

    class State(models.TextChoices):
        ACTIVE = "active", "Signed in"
        LOST = "lost", "Lost"

    connection = OwnedForeignKey("tenants.Connection", on_delete=models.CASCADE)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    microsoft_tenant = models.UUIDField()
    user_name = models.CharField(max_length=250)
    user_object_id = models.CharField(max_length=64, blank=True)
    mfa_seen = models.BooleanField()
    scopes = models.JSONField(default=list)
    roles = models.JSONField(default=list)
    refresh_sealed = models.TextField()
    refresh_version = models.PositiveIntegerField(default=1)
    obtained_at = models.DateTimeField()
    renewed_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)
    lost_at = models.DateTimeField(null=True)
    lost_code = models.CharField(max_length=60, blank=True)
    lost_because = models.TextField(blank=True)
    calls_checked_at = models.DateTimeField(null=True)
    calls_judged = models.PositiveIntegerField(default=0)
    calls_without_mfa = models.PositiveIntegerField(default=0)
    callers_without_mfa = models.JSONField(default=list)
    warned_days = models.PositiveSmallIntegerField(null=True)
    noticed_at = models.DateTimeField(null=True)
    started_by = models.CharField(max_length=250)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["reseller", "connection"], name="tenants_consent_one"),
        ]

    def __str__(self) -> str:
        return self.user_name

    def refresh_seal(self) -> Seal:
        """Where the refresh token lives; its version rises with every one that comes."""
        return Seal("tenants_consent", str(self.pk), "refresh", self.refresh_version)


class AccessToken(ResellerOwned):
    """An access token of a consent for one service, shared by all processes until it ends.

    It lives for about an hour. One that does not open, after a change of keys for instance, is
    simply made anew, so rotation leaves these alone.
    """

    consent = OwnedForeignKey("tenants.Consent", on_delete=models.CASCADE)
    audience = models.CharField(max_length=120)
    token_sealed = models.TextField()
    version = models.PositiveIntegerField(default=1)
    good_until = models.DateTimeField()

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "consent", "audience"], name="tenants_accesstoken_one"
            ),
        ]

    def __str__(self) -> str:
        return self.audience

    def seal(self) -> Seal:
        """Where the token lives."""
        return Seal("tenants_accesstoken", str(self.pk), "access", self.version)


class ConsentRequest(ResellerOwned):
    """One sign-in that was begun: whose it is, what has to come back, and how it ended.

    ``verifier_sealed`` is the half of PKCE that never leaves this installation. A request is taken
    once, whether it succeeds or not.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", "Waiting for the sign-in"
        GRANTED = "granted", "Signed in"
        REFUSED = "refused", "Refused"

    connection = OwnedForeignKey("tenants.Connection", on_delete=models.CASCADE)
    membership_id = models.UUIDField()
    started_by = models.CharField(max_length=250)
    session_digest = models.CharField(max_length=64, blank=True)
    nonce = models.CharField(max_length=64)
    verifier_sealed = models.TextField()
    redirect_uri = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    code = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    user_name = models.CharField(max_length=250, blank=True)
    mfa_seen = models.BooleanField(null=True)

    class Meta(ResellerOwned.Meta):
        indexes = [
            models.Index(
                fields=["reseller", "connection", "-created_at"], name="tenants_consentreq_newest"
            ),
        ]

    def __str__(self) -> str:
        return self.started_by

    def verifier_seal(self) -> Seal:
        """Where the verifier lives."""
        return Seal("tenants_consentrequest", str(self.pk), "verifier", 1)


class FamilyHealth(ResellerOwned):
    """How the calls of one family of Partner Center's API fared last, through one connection."""

    class State(models.TextChoices):
        GREEN = "green", "Works"
        AMBER = "amber", "Disturbed"
        RED = "red", "Refused"

    connection = OwnedForeignKey("tenants.Connection", on_delete=models.CASCADE)
    family = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=State)
    last_success_at = models.DateTimeField(null=True)
    last_failure_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)
    app_only_fallback = models.BooleanField(default=False)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "connection", "family"], name="tenants_familyhealth_one"
            ),
        ]

    def __str__(self) -> str:
        return self.family


class PartnerClaim(ResellerOwned):
    """The fact that a reseller has proved to hold a Microsoft partner tenant (C12).

    One reseller of the installation each. Written only after Microsoft let the reseller in, so
    nobody can take a tenant that is not his, nor find out by asking who has one.
    """

    connection = OwnedForeignKey("tenants.Connection", on_delete=models.CASCADE)
    partner_tenant = models.CharField(max_length=64)
    claimed_at = models.DateTimeField(auto_now_add=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner_tenant"], name="tenants_partnerclaim_one"),
        ]
        indexes = [
            models.Index(fields=["reseller", "connection"], name="tenants_partnerclaim_conn"),
        ]

    def __str__(self) -> str:
        return self.partner_tenant
