"""The choices a simulated Partner Center leaves open, in one frozen value.

Microsoft's pages contradict each other or stay silent in places. Each such place is one field here,
set to what most sources say, so that a test can meet a client with the other answer without
touching a route.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Self


class SwitchError(ValueError):
    """A switch that does not exist, or a value it does not take."""


@dataclass(frozen=True, slots=True)
class Switches:
    """How this simulator answers where the real service is undocumented or varies."""

    bom: bool = False
    """JSON bodies start with a UTF-8 byte order mark, as on the live service."""
    links_with_version: bool = False
    """`links.*.uri` carries the `/v1` prefix that the live service usually leaves out."""
    replay_password: bool = True
    """A repeated create answers with the first password again; otherwise without any."""
    one_time_numbers_as_strings: bool = False
    """Amounts of OneTime rows are sent as text whatever the world holds."""
    mfa_enforced: bool = True
    """Delegated tokens need `mfa` among their authentication methods."""
    gdap_enforced: bool = True
    """Directory data of customers with `allowDelegatedAccess: false` is withheld."""
    sandbox_limits: bool = True
    """Sandbox partners may not create more customers than Microsoft allows them."""
    requests_per_minute: int = 0
    """Customer, order and subscription calls allowed a minute and tenant; 0 allows all."""
    access_token_seconds: int = 3600
    customer_page_default: int = 500
    customer_page_cap: int = 1000
    taken_domain_status: int = 409
    taken_domain_code: int = 800002
    bad_password_status: int = 400
    """Status for a refused password grant: 400 today, 401 in a recorded older exchange."""
    no_relationship_status: int = 403
    """Status of code 20002: the error table says 403, a client's test recorded 400."""
    manifest: str = field(default="inline", metadata={"allowed": ("inline", "link", "string")})
    """How a finished export names its manifest: inline as Microsoft's own sample client reads it,
    link as its pages show it, string as the preview of 2022 did."""
    export_seconds: int = 0
    """Virtual time an export takes; its first poll finds it running however long that is."""
    export_queue_seconds: int = 0
    """Virtual time before an export begins, while which its operation says notStarted."""
    operation_seconds: int = 86_400
    """Life of an export's operation and manifest, after which they answer 410."""
    sas_seconds: int = 3600
    """Life of the signature a manifest carries for its blobs."""
    blob_rows: int = field(default=250_000, metadata={"allowed": range(1, 10_000_001)})
    """Invoice rows behind one blob of an export, before those not asked for are left out."""
    unknown_columns: bool = False
    """Export rows carry columns no page names, as they will when Microsoft adds some."""
    invoice_day: int = field(default=1, metadata={"allowed": range(1, 29)})
    """Day of the next month on which what was charged in a month is invoiced; until then it is
    unbilled in the previous period."""
    utilization_lag_seconds: int = 0
    """How far Azure utilisation records lag; a period not complete answers 204."""

    webhook_plain_http: bool = False
    """Events may go to plain http on other machines too, for containers beside this one."""
    webhook_lag_seconds: int = 0
    """Time from a change to its webhook event; Microsoft lets up to 48 hours pass."""
    webhook_retry_seconds: int = 60
    """Wait after the first failed delivery of an event; it doubles with every further one."""
    webhook_duplicates: int = 0
    """How many times more each event is delivered after it was accepted."""
    webhook_reorder: bool = False
    """Events that wait together are delivered newest first."""
    unknown_country_status: int = 404
    """Status for validation rules of a country that does not exist: 404, or 400 with 800070."""
    duplicate_agreement_status: int = 400
    """Status of code 600061: 400 in a recorded exchange, 409 would say the same."""
    new_tenant_seconds: int = 0
    """How long the directory of a new customer answers 404; Microsoft says a few minutes."""
    qualification_review_seconds: int = 86400
    """How long a requested qualification stays InReview; Microsoft names no time."""

    availability_days: int = 30
    """Days after which all availability ids of the catalogue are replaced; 0 keeps them."""
    refused_views: str = ""
    """Catalogue views this partner may not read, separated by commas; unknown ones never."""
    refused_segments: str = ""
    """Catalogue segments this partner may not read, separated by commas."""
    cart_minutes: int = 7 * 24 * 60
    """How long a cart lives: seven days on today's pages, 15 minutes in an older recording."""
    cart_update_status: int = 200
    """Status of a cart's update: 200 in the API's description, 201 in its sample."""
    checkout_replays: bool = True
    """A second checkout repeats the first result; otherwise it is refused with 400/800065."""
    visibility_lag_seconds: int = 0
    """Until a new order or subscription is in the lists; on the live service up to 900."""
    provisioning_seconds: int = 0
    """Until a line of a new-commerce order shows the subscription it became."""

    patch_accepted: bool = False
    """A subscription's PATCH answers 202 with its `Location`; the change shows later."""
    patch_seconds: int = 30
    """How long an accepted PATCH takes to show, while others are refused as pending."""
    accepted_body: bool = False
    """A 202 carries the subscription as it will be, as in one recording; otherwise nothing."""
    location_absolute: bool = False
    """`Location` is a whole address instead of a path without a version."""
    window_closed_code: int = 800090
    """Code for fewer seats after their window: 800090, 900214 (hours) or 900257 (days)."""
    cancel_closed_code: int = 900117
    """Code for a cancellation after its window: 900117 (days) or 900213 (hours)."""
    transition_seconds: int = 0
    """How long a transition takes to complete."""
    transition_operation_ids: bool = True
    """Transitions and their eligibilities carry `operationId`, which older answers lack."""
    migration_seconds: int = 0
    """How long a migration to new commerce stays `Processing`."""

    @classmethod
    def names(cls) -> frozenset[str]:
        """Return the names a caller may change."""
        return frozenset(field.name for field in fields(cls))

    def changed(self, changes: Mapping[str, object]) -> Self:
        """Return a copy with some switches turned.

        Raises SwitchError for an unknown name, a value of another type or one not allowed.
        """
        allowed = {one.name: one.metadata.get("allowed") for one in fields(self)}
        for name, value in changes.items():
            if name not in self.names():
                known = ", ".join(sorted(self.names()))
                raise SwitchError(f"There is no switch {name!r}. Known switches: {known}.")
            wanted = type(getattr(self, name))
            if type(value) is not wanted:
                raise SwitchError(
                    f"Switch {name!r} takes {wanted.__name__}, not {type(value).__name__}."
                )
            choices = allowed[name]
            if choices is not None and value not in choices:
                raise SwitchError(f"Switch {name!r} takes {_described(choices)}, not {value!r}.")
        return replace(self, **changes)  # type: ignore[arg-type]


def _described(choices: range | tuple[str, ...]) -> str:
    if isinstance(choices, range):
        return f"a number from {choices[0]} to {choices[-1]}"
    return f"one of {', '.join(choices)}"
