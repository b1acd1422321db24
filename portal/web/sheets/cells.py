"""One cell: written so that no spreadsheet runs it, read back as it was, and known when mangled.

A spreadsheet takes a text that begins like a formula for one, wherever the text came from (OWASP,
"CSV Injection"). Such a text gets an apostrophe in front, as a person would type it, and so does
one that looks as if a spreadsheet had mangled it. The way back is exact: a text that itself begins
with apostrophes gets one more, so that an export that is imported again is the same to the letter.
"""

import re
from decimal import Decimal
from typing import Any

FORMULA = re.compile(
    r"[\s\x00-\x1f\x7f\u00ad\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r\n\x00]"
)
"""Blanks and what cannot be seen do not keep every spreadsheet from reading on to the sign."""
DIGITS = re.compile(r"\d+\Z")
EXCEL_TEXT = re.compile(r'="((?:[^"]|"")*)"\Z')
"""``="0012"``: how people make Excel keep the zeros of a number."""
APOSTROPHE = "'"

ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+\d+\Z", re.IGNORECASE)
DECIMALS = re.compile(r"\d+[.,]0+\Z")
A_DAY = re.compile(
    r"\d{1,2}[-./ ](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?:[-./ ]\d{2,4})?\Z",
    re.IGNORECASE,
)
SHEET_ERROR = re.compile(r"#(?:NAME\?|REF!|VALUE!|DIV/0!|N/A|NULL!|NUM!|SPILL!|CALC!)\Z|#{3,}\Z")
SAVE_AS_TEXT = "Give the column the format Text in the spreadsheet, enter the value again and save."


def safe_cell(value: Any) -> Any:
    """Return a cell no spreadsheet takes for a formula; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, int | Decimal):
        return value
    text = str(value)
    return f"{APOSTROPHE}{text}" if needs_apostrophe(text) else text


def needs_apostrophe(text: str) -> bool:
    """Tell whether a text is written with an apostrophe in front, see `plain_cell`."""
    bare = text.lstrip(APOSTROPHE)
    if _is_risky(bare):
        return True
    return len(bare) < len(text) and bool(DIGITS.match(bare))


def plain_cell(text: str) -> str:
    """Return what a cell says, without what keeps a spreadsheet from running or rounding it.

    The opposite of `safe_cell`; besides, ``="0012"`` and ``'0012`` are 0012.
    """
    if wrapped := EXCEL_TEXT.match(text):
        return wrapped[1].replace('""', '"')
    if not text.startswith(APOSTROPHE):
        return text
    bare = text.lstrip(APOSTROPHE)
    return text[1:] if _is_risky(bare) or DIGITS.match(bare) else text


def mangled(text: str, *, digits: bool) -> str:
    """Say what a spreadsheet did to a value that cannot be used any more; "" if nothing.

    Args:
        digits: the column holds numbers by which things are known, which a spreadsheet takes for
            quantities and dates.
    """
    if SHEET_ERROR.match(text):
        return (
            f"{text} is what a spreadsheet shows instead of a value it could not work out."
            " Enter the value as text."
        )
    if not digits:
        return ""
    if ROUNDED.match(text):
        return f"{text} is how a spreadsheet rounds a long number; digits are lost. {SAVE_AS_TEXT}"
    if DECIMALS.match(text):
        return f"{text} is a number with decimals, as a spreadsheet writes it. {SAVE_AS_TEXT}"
    if A_DAY.match(text):
        return f"{text} is a day, which a spreadsheet made of something else. {SAVE_AS_TEXT}"
    return ""


def _is_risky(bare: str) -> bool:
    return bool(FORMULA.match(bare) or mangled(bare, digits=True))
