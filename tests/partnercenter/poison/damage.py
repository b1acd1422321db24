"""Damaging an answer: its values, its text, its wrapping."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

# Put into a value first and replaced in the text afterwards, because Python's own writer would not
# write them.
_MARK = "@@as-it-is-{}@@"
AS_IT_IS = (
    "NaN",
    "-Infinity",
    "Infinity",
    "1" + "0" * 400,
    "-1e400",
    "1e99999999999999999999",
    "0." + "0" * 500 + "1",
    "01",
    "+1",
    "0x10",
    "tru",
    "'single'",
    '{"a": 1, "a": 2}',
    '{"id": "x", "ID": "y"}',
    "[" * 100_000 + "]" * 100_000,
    '{"a":' * 50_000 + "1" + "}" * 50_000,
    '"\\ud800"',
    '"\\udfff\\ud83d"',
    '"a\\u0000b"',
    '"\\x41"',
    '"raw \x01 control"',
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2**63,
    10**30,
    0.1,
    -0.0,
    1e308,
    "",
    " ",
    "0",
    "1.10",
    "1,10",
    "-0.00",
    "1e5",
    "NaN",
    "９９",
    "x" * 5_000,
    "\u202egnp.exe",
    "a\u200bb\u2060c\ufeff",
    "Соntоsо",
    "😀" * 40,
    "e\u0301" * 40,
    "\u0085\u2028",
    "0001-01-01T00:00:00",
    "9999-12-31T23:59:59.9999999Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-02-30T00:00:00Z",
    "2026-11-21T24:00:00Z",
    "6/31/2026 13:00:00 PM",
    "13/13/2026 1:00:00 AM",
    "2026-W47-6",
    "{00000001-0000-4000-8000-000000000000}",
    "00000001-0000-4000-8000-00000000000",
    "../../users",
    "?a=b#c",
    "javascript:alert(1)",
    "https://[",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    [],
    {},
    [[]],
    [None, 1, "x", {}],
    {"uri": "https://evil.example/", "headers": [{"key": "MS-ContinuationToken", "value": 7}]},
    {"next": {"uri": "//evil.example/x"}},
)
CONTENT_TYPES = (
    "application/json",
    "application/json; charset=utf-8",
    "application/json; charset=utf-16",
    "text/plain",
    "text/html",
    "application/octet-stream",
    "",
    ";;;",
)


def damaged(body: Any, chance: random.Random) -> tuple[bytes, str]:
    """Return a damaged form of a JSON value as bytes, and a content type for it."""
    value = copy.deepcopy(body)
    replaced: dict[str, str] = {}
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        value = _damage_value(value, chance, replaced)
    text = json.dumps(value, ensure_ascii=chance.random() < 0.5)
    for mark, raw in replaced.items():
        text = text.replace(f'"{mark}"', raw)
    encoded = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.3:
        encoded = _damage_bytes(encoded, chance)
    return encoded, chance.choice(CONTENT_TYPES) if chance.random() < 0.2 else CONTENT_TYPES[0]


def _damage_value(value: Any, chance: random.Random, replaced: dict[str, str]) -> Any:
    places = list(_places(value))
    if not places:
        return _poison(chance, replaced)
    holder, key = chance.choice(places)
    what = chance.randrange(7)
    if what == 0:
        del holder[key]
    elif what == 1 and isinstance(holder, dict):
        # The same field again in another spelling, or in another spelling only.
        kept = holder[key] if chance.random() < 0.5 else holder.pop(key)
        holder[chance.choice((key.upper(), key.capitalize(), f"{key} "))] = kept
    elif what == 2 and isinstance(holder, dict):
        holder[f"future{chance.randrange(1_000)}"] = _poison(chance, replaced)
    elif what == 3:
        holder[key] = [holder[key]] * chance.choice((1, 2, 50))
    elif what == 4:
        holder[key] = str(holder[key])
    else:
        holder[key] = _poison(chance, replaced)
    return value


def _poison(chance: random.Random, replaced: dict[str, str]) -> Any:
    if chance.random() < 0.7:
        return copy.deepcopy(chance.choice(VALUES))
    mark = _MARK.format(len(replaced))
    replaced[mark] = chance.choice(AS_IT_IS)
    return mark


def _damage_bytes(encoded: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(encoded) + 1)
    what = chance.randrange(9)
    if what == 0:
        return encoded[:place]
    if what == 1:
        return encoded[:place] + bytes([chance.randrange(256)]) + encoded[place + 1 :]
    if what == 2:
        return encoded[:place] + chance.randbytes(8) + encoded[place:]
    if what == 3:
        return b"\xef\xbb\xbf" * chance.choice((1, 2)) + encoded
    if what == 4:
        return encoded.decode("utf-8", "replace").encode("utf-16")
    if what == 5:
        return b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"
    if what == 6:
        return encoded + encoded
    if what == 7:
        return b"upstream connect error\r\n" + encoded
    return b""


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place in a value where something can be put: its holder and its key."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield value, key
            yield from _places(member)
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield value, number
            yield from _places(member)
