"""Telling the floors above that a discovery came to its end, without knowing them.

Whoever needs the tenants of a discovery registers a function, as the runners of jobs are
registered; it is called in the transaction that ends a discovery in which something changed.
"""

from collections.abc import Callable

from portal.core.access import Actor

Follower = Callable[[Actor], None]
_followers: list[Follower] = []


def follow_discoveries(follower: Follower) -> None:
    """Have ``follower`` called at the end of every discovery; one of each."""
    if follower not in _followers:
        _followers.append(follower)


def tell_followers(actor: Actor) -> None:
    """Tell everybody who follows, last in the transaction that ends a discovery."""
    for follower in _followers:
        follower(actor)
