"""Company names and domain prefixes: invented stems, plus a few names meant to hurt.

A stem is three syllables of fixed length (3 + 2 + 3 letters), so different choices can never spell
the same stem; walking through all choices in a scattered order gives every customer a stem, and
with it a domain prefix, of its own without keeping the used ones in memory.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from partnercenter.simulator.worlds.chance import source


def _syllables(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_HEADS = _syllables(
    "Bel Bor Cal Cor Dal Del Dor Fal Fen Fir Gal Gel Gor Hal Hel Hol Jas Jor Kal Kel Kir Lam Lan "
    "Lor Lum Mal Mar Mel Mor Nal Nel Nor Pel Por Ral Rem Ros Sal Sel Sol Tal Tel Tor Tul Val Vel "
    "Ver Vol Wal Wel Wil Zel Zor Dun Bar Cam Bos Das Fos Gar Hav Hir Jan Kas Lev Lis Mos Nav Pas "
    "Rav Sav Tav Var Vis Wes Tim"
)
_MIDDLES = _syllables(
    "an en on in al el ol il ar er or ir as es is am em im ev iv av ad ed id un ul"
)
_TAILS = _syllables(
    "ber bex dal dan den dor fen gar gen han hem hus kar kem ken lan lem len lin lor lux mar men "
    "mer mir mon nar nes nis nor pan par pen rak ram ren ros san sen ser sim sol tan tek ten tis "
    "tor tra tum val van vel ven vik vor wen zan"
)

STEM_COUNT = len(_HEADS) * len(_MIDDLES) * len(_TAILS)
# A prime that does not divide STEM_COUNT, so that multiplying by it visits every stem once.
_STRIDE = 1_000_003

_LONG = "International Consolidated Holding Company for the Import and Export of Small Furniture "

HOSTILE_NAMES = (
    "<script>alert(1)</script> {stem} & Zn.",
    '=HYPERLINK("http://{stem}.invalid/","{stem}")',
    "{stem} \u202edetimiL edarT\u202c \u05e9\u05dc\u05d5\u05dd",
    'O\'{stem} "The Quote" \\ Söhne',
    "{stem} " + _LONG * 3,
    "@SUM({stem};A1:A9)",
    "+31 {stem} -1+1|' /C calc'!A0",
    "{stem} {{{{7*7}}}} ${{7*7}} %s %n",
    "'; DROP TABLE {stem}; --",
    "{stem}\tTab & <b>Bold</b> \U0001f3d7\ufe0f 建設 株式会社",
    "<img src=x onerror=alert(1)> {stem}",
    "{stem} Z\u0351\u036ba\u0343l\u035ag\u0310o",
)


def stem(number: int, *, seed: int) -> str:
    """Return the invented word of customer `number`; a second round gets digits appended."""
    place = (number * _STRIDE + _start(seed)) % STEM_COUNT
    rest, head = divmod(place, len(_HEADS))
    middle, tail = divmod(rest, len(_TAILS))
    word = _HEADS[head] + _MIDDLES[middle] + _TAILS[tail]
    rounds = number // STEM_COUNT
    return f"{word}{rounds + 1}" if rounds else word


def hostile_name(number: int, stem_word: str) -> str:
    """Return a name with markup, a formula, reversed text, quotes, great length or the like."""
    return HOSTILE_NAMES[number % len(HOSTILE_NAMES)].format(stem=stem_word).strip()


def ascii_slug(text: str) -> str:
    """Return the letters and digits of `text` in lower case ASCII, for domains and mailboxes."""
    plain = text.translate(_FOLD)
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(letter for letter in decomposed.lower() if letter.isascii() and letter.isalnum())


@cache
def _start(seed: int) -> int:
    return source(f"{seed}/stems").randrange(STEM_COUNT)


_FOLD = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "Ø": "O",
        "æ": "ae",
        "Æ": "Ae",
        "ł": "l",
        "Ł": "L",
        "å": "a",
        "Å": "A",
    }
)
