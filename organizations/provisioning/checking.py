"""What must be right before anything is asked of Microsoft, and what would be sent."""

from typing import Any

from organizations.passwords.recipients import recipient_for
from organizations.provisioning.asking import Wish
from organizations.provisioning.drafting import draft_of
from organizations.readiness.sending import address_to_send
from portal.core.access import Actor
from portal.core.errors import InvalidInput

REQUIRED = (
    ("email", "email", "Enter the corporate e-mail of the account."),
    ("phone", "phone", "Enter the telephone number of the account."),
    ("address", "address_line1", "Enter the billing address of the account."),
)


def check_ready(wish: Wish, *, actor: Actor) -> None:
    """Refuse what Microsoft would refuse. Raises: InvalidInput with every field that is wrong."""
    wrong = {field: [words] for field, name, words in REQUIRED if not getattr(wish.account, name)}
    if wrong:
        raise InvalidInput("This account cannot be provisioned yet.", fields=wrong)


def sent_for(wish: Wish, *, actor: Actor) -> tuple[dict[str, Any], str]:
    """Return what is sent to Microsoft, and who gets the first password, as both are now."""
    draft = draft_of(
        wish.account,
        sent=address_to_send(wish.account, actor=actor, connection=wish.connection),
        domain=wish.domain,
        username=wish.username,
        reseller_mpn_id=wish.reseller_mpn_id,
    )
    return draft, recipient_for(wish.account, actor=actor).address
