"""The built-in texts of the letters about provisioning, for a reseller that wrote none."""

from typing import Final

DONE_TEXT: Final = (
    "{#Tenant.Domain#} is ready",
    """Hello,

{#Accounts.Name#} has its Microsoft tenant: {#Tenant.Domain#} is there and linked to the account.

What was done for it:
{#Provisioning.Link#}

Asked for by {#Provisioning.AskedBy#}.

{#Reseller.Name#}""",
)
DONE_TEXTS: Final = {
    "de": (
        "{#Tenant.Domain#} ist bereit",
        """Guten Tag,

{#Accounts.Name#} hat einen Microsoft-Mandanten: {#Tenant.Domain#} besteht und ist mit dem Konto \
verknüpft.

Was dafür getan wurde:
{#Provisioning.Link#}

Angefordert von {#Provisioning.AskedBy#}.

{#Reseller.Name#}""",
    ),
    "nl": (
        "{#Tenant.Domain#} staat klaar",
        """Hallo,

{#Accounts.Name#} heeft een Microsoft-tenant: {#Tenant.Domain#} bestaat en is aan het account \
gekoppeld.

Wat daarvoor is gedaan:
{#Provisioning.Link#}

Aangevraagd door {#Provisioning.AskedBy#}.

{#Reseller.Name#}""",
    ),
}
STOPPED_TEXT: Final = (
    "{#Tenant.Domain#} waits for somebody",
    """Hello,

The provisioning of {#Tenant.Domain#} for {#Accounts.Name#} does not go on by itself: \
{#Provisioning.State#}.

{#Provisioning.Reason#}

See it, and go on from there:
{#Provisioning.Link#}

Asked for by {#Provisioning.AskedBy#}.

{#Reseller.Name#}""",
)
STOPPED_TEXTS: Final = {
    "de": (
        "{#Tenant.Domain#} wartet auf jemanden",
        """Guten Tag,

die Bereitstellung von {#Tenant.Domain#} für {#Accounts.Name#} geht nicht von selbst weiter: \
{#Provisioning.State#}.

{#Provisioning.Reason#}

Hier sehen Sie, woran es liegt, und können fortfahren:
{#Provisioning.Link#}

Angefordert von {#Provisioning.AskedBy#}.

{#Reseller.Name#}""",
    ),
    "nl": (
        "{#Tenant.Domain#} wacht op iemand",
        """Hallo,

De inrichting van {#Tenant.Domain#} voor {#Accounts.Name#} gaat niet vanzelf verder: \
{#Provisioning.State#}.

{#Provisioning.Reason#}

Hier ziet u waarom, en kunt u verder:
{#Provisioning.Link#}

Aangevraagd door {#Provisioning.AskedBy#}.

{#Reseller.Name#}""",
    ),
}
