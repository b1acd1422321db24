"""What must be right before anything is asked of Microsoft, and what would be sent."""

from typing import Any, Final

from organizations.passwords.recipients import recipient_for
from organizations.provisioning.asking import Wish
from organizations.provisioning.drafting import draft_of
from organizations.readiness.checking import address_to_send, check_readiness
from organizations.synchronizing.options import SyncOptions
from portal.core.access import Actor
from portal.core.errors import InvalidInput

OWN_NAMES: Final = {"domain_prefix": "domain"}
"""What a request calls otherwise than the options it comes from."""


def check_ready(wish: Wish, *, actor: Actor) -> None:
    """Refuse what Microsoft would refuse. Raises: InvalidInput with every field that is wrong."""
    options = SyncOptions(
        username=wish.username, domain_prefix=wish.domain, reseller_mpn_id=wish.reseller_mpn_id
    )
    readiness = check_readiness(
        wish.account, actor=actor, connection=wish.connection, options=options
    )
    if not readiness.ready:
        fields = {OWN_NAMES.get(name, name): said for name, said in readiness.refusals.items()}
        raise InvalidInput(
            f"This account cannot be provisioned yet. {readiness.sentence}.", fields=fields
        )


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
