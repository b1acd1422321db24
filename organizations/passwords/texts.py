"""The built-in texts of the letters, for a reseller that wrote none of its own."""

from typing import Final

WELCOME_TEXT: Final = (
    "Your Microsoft cloud services: {#Tenant.Domain#}",
    """Dear {#Accounts.Name#},

Your Microsoft tenant {#Tenant.Domain#} is ready.

Sign in at https://portal.office.com with the user name {#Tenant.Username#}@{#Tenant.Domain#}.

Your first password is behind this link:
{#Tenant.PasswordLink#}

The link shows it once, after a code that we mail you, and opens for {#Tenant.LinkHours#} hours. \
Microsoft asks you for a password of your own when you sign in for the first time.

Kind regards,
{#Reseller.Name#}""",
)
WELCOME_TEXTS: Final = {
    "de": (
        "Ihre Microsoft Cloud Services: {#Tenant.Domain#}",
        """Guten Tag {#Accounts.Name#},

Ihr Microsoft-Mandant {#Tenant.Domain#} ist bereit.

Melden Sie sich unter https://portal.office.com mit dem Benutzernamen \
{#Tenant.Username#}@{#Tenant.Domain#} an.

Ihr erstes Kennwort finden Sie hinter diesem Link:
{#Tenant.PasswordLink#}

Der Link zeigt es einmal, nach einem Code, den wir Ihnen mailen, und gilt \
{#Tenant.LinkHours#} Stunden. Bei der ersten Anmeldung fragt Microsoft nach einem eigenen Kennwort.

Freundliche Grüße
{#Reseller.Name#}""",
    ),
    "nl": (
        "Uw Microsoft-cloudservices: {#Tenant.Domain#}",
        """Beste {#Accounts.Name#},

Uw Microsoft-tenant {#Tenant.Domain#} staat klaar.

Meld u aan op https://portal.office.com met de gebruikersnaam \
{#Tenant.Username#}@{#Tenant.Domain#}.

Uw eerste wachtwoord staat achter deze link:
{#Tenant.PasswordLink#}

De link toont het één keer, na een code die wij u mailen, en werkt \
{#Tenant.LinkHours#} uur. Bij de eerste aanmelding vraagt Microsoft om een eigen wachtwoord.

Met vriendelijke groet,
{#Reseller.Name#}""",
    ),
}
CODE_TEXT: Final = (
    "Your code for {#Tenant.Domain#}",
    """Dear {#Accounts.Name#},

The code that shows the first password of {#Tenant.Domain#} is

{#Code.Number#}

It is good for {#Code.Minutes#} minutes. If you did not ask for it, somebody else has the link we \
mailed you: tell us, and give the code to nobody.

Kind regards,
{#Reseller.Name#}""",
)
CODE_TEXTS: Final = {
    "de": (
        "Ihr Code für {#Tenant.Domain#}",
        """Guten Tag {#Accounts.Name#},

der Code, der das erste Kennwort von {#Tenant.Domain#} zeigt, lautet

{#Code.Number#}

Er gilt {#Code.Minutes#} Minuten. Wenn Sie ihn nicht angefordert haben, hat jemand anders den \
Link, den wir Ihnen gemailt haben: Sagen Sie es uns, und geben Sie den Code niemandem.

Freundliche Grüße
{#Reseller.Name#}""",
    ),
    "nl": (
        "Uw code voor {#Tenant.Domain#}",
        """Beste {#Accounts.Name#},

De code die het eerste wachtwoord van {#Tenant.Domain#} toont is

{#Code.Number#}

Hij geldt {#Code.Minutes#} minuten. Hebt u er niet om gevraagd, dan heeft iemand anders de link \
die wij u mailden: laat het ons weten en geef de code aan niemand.

Met vriendelijke groet,
{#Reseller.Name#}""",
    ),
}
