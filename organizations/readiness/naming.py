"""The domain a tenant is asked for, and the partner id of a reseller.

A value with a dot is a full domain, whatever its suffix; one without is a prefix under the cloud's
own (DESIGN section 5). Only under that can a tenant be made: letters and digits alone, 1 to 27 of
them (Microsoft's page "Create a customer").
"""

import re
from typing import Final

from organizations.directory.domains import MICROSOFT_DOMAIN

SUFFIXES: Final = {"china": "partner.onmschina.cn"}
PREFIX_LENGTH: Final = 27
MPN_LENGTH: Final = 20
_PREFIX = re.compile(rf"[a-z0-9]{{1,{PREFIX_LENGTH}}}")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_MPN = re.compile(rf"[0-9]{{1,{MPN_LENGTH}}}")


def suffix_of(cloud: str) -> str:
    """Return what every new domain of a cloud ends in."""
    return SUFFIXES.get(cloud, MICROSOFT_DOMAIN)


def full_domain(text: str, *, cloud: str) -> str:
    """Return a prefix or a full alias as a full domain in lower case; "" when it is neither."""
    value = text.strip().strip(".").lower()
    if "." not in value:
        return f"{value}.{suffix_of(cloud)}" if _PREFIX.fullmatch(value) else ""
    labels = value.split(".")
    fits = len(value) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
    return value if fits and not labels[-1].isdigit() else ""


def prefix_of(domain: str, *, cloud: str) -> str:
    """Return the prefix under which a tenant can be made; "" of an alias, which only exists."""
    prefix, _, rest = domain.partition(".")
    return prefix if rest == suffix_of(cloud) and _PREFIX.fullmatch(prefix) else ""


def is_mpn(text: str) -> bool:
    """Tell whether this has the form of a partner id."""
    return _MPN.fullmatch(text) is not None
