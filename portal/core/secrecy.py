"""Taking secrets out of texts: by shape, and by value for those this process has handled (DEC14).

A shape finds what nobody told us of, a value finds what has no shape. The values are kept in memory
only, the newest first and not many: they are those of the connections at work.
"""

import re
from collections import OrderedDict
from threading import Lock

MASK = "***"
REMEMBERED = 256
SHORTEST = 8
"""A shorter value would be found in ordinary words."""
SHAPES = re.compile(
    r"tnt_[A-Za-z0-9_-]{8,}"  # our API tokens
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.?[A-Za-z0-9_-]*"  # JSON web tokens
    # a form on its way to sign in, an address that lets in whoever has it
    r"|(?:(?<=[?&]sig=)|(?<=[?&]code=)|(?<=token=)|(?<=secret=)|(?<=password=))[^&\s\"'<>]+"
    r"|(?<=/reset/key/)[^/\s\"']+"  # a link that sets a new password
    r"|(?<=/welcome/)[^/\s\"'<]+"  # a link that shows a first password
    r"|(?<=/webhooks/partner-center/)[^/\s\"']+"  # where one connection's events come in
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # user and password in an address
    r"|(?<=Bearer )[^\s\"']+"
)
_values: OrderedDict[str, None] = OrderedDict()
_lock = Lock()


def remembered(value: str) -> str:
    """Return ``value``; every text that `without_secrets` sees from now on loses it."""
    if len(value) >= SHORTEST:
        with _lock:
            _values[value] = None
            _values.move_to_end(value)
            if len(_values) > REMEMBERED:
                _values.popitem(last=False)
    return value


def without_secrets(text: str) -> str:
    """Return a text with every known value and shape of a secret masked."""
    for value in tuple(_values):
        if value in text:
            text = text.replace(value, MASK)
    return SHAPES.sub(MASK, text)
