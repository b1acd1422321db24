"""JSON whose numbers stay what they were: decimals are written and read with every digit.

Python's own writer refuses a ``Decimal`` or makes a float of it, and money takes neither. Keys are
written in order, so that one content is always one text, whatever order it was sent in.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

_SPELLINGS: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {}
_MOST_SPELLINGS = 256


class ExactEncoder(json.JSONEncoder):
    """For Django's JSON columns."""

    def encode(self, o: Any) -> str:
        return write_json(o)


class ExactDecoder(json.JSONDecoder):
    """Reads numbers with a point as ``Decimal``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "parse_float": Decimal})


def write_json(value: Any) -> str:
    """Write a decoded JSON value, decimals as numbers with every digit they came with."""
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if kind is Decimal or kind is int:
        return str(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return _write_object(value)
    return f"[{','.join([write_json(item) for item in value])}]"


def _write_object(row: Mapping[str, Any]) -> str:
    keys = tuple(row)
    spelled = _SPELLINGS.get(keys)
    if spelled is None:
        spelled = tuple((key, f"{encode_basestring(key)}:") for key in sorted(keys))
        # A stranger chooses the keys, so what is kept of them is bounded.
        if len(_SPELLINGS) < _MOST_SPELLINGS and len(keys) <= _MOST_SPELLINGS:
            _SPELLINGS[keys] = spelled
    # Nearly every value is a text, and a call of our own for each is what would cost.
    parts = [
        prefix + (encode_basestring(value) if type(value := row[key]) is str else write_json(value))
        for key, prefix in spelled
    ]
    return f"{{{','.join(parts)}}}"
