"""Merge fields in the spelling ``{#Accounts.Email#}``: pure, one pass, data only.

A text is cut into what stands there and the fields it names. What a field says is put in its place
and never looked at again, so a value that looks like a field, or like any template language, stays
what it is. Names are read without regard to case and to blanks.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from portal.notify.letters.kinds import MergeField

FIELD = re.compile(r"\{#([^{}#\r\n]{0,120})#\}")
NEW_LINE = re.compile(r"\r\n|\r|\n")
OPENED = "{#"
LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
Fields = Mapping[str, MergeField]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text: words, or the name of a field as it is written (``field``)."""

    text: str
    field: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a text, and where (lines and columns count from 1)."""

    what: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"Line {self.line}, column {self.column}: {self.what}"


def key_of(name: str) -> str:
    """Return a field's name as it is compared."""
    return "".join(name.split()).lower()


def parts_of(text: str) -> Iterator[Part]:
    """Yield the pieces of a text in order; together they are the text."""
    end = 0
    for found in FIELD.finditer(text):
        if found.start() > end:
            yield Part(text[end : found.start()], None, end)
        yield Part(found[0], key_of(found[1]), found.start())
        end = found.end()
    if end < len(text):
        yield Part(text[end:], None, end)


def problems_in(text: str, fields: Fields) -> list[Problem]:
    """Return every field that is not known, and every one that is opened and not closed."""
    found = []
    for part in parts_of(text):
        if part.field is None:
            at = part.text.find(OPENED)
            while at >= 0:
                what = "“{#” begins a merge field that does not end with “#}”."
                found.append(_problem(text, part.position + at, what))
                at = part.text.find(OPENED, at + len(OPENED))
        elif part.field not in fields:
            found.append(_problem(text, part.position, f"There is no merge field {part.text}."))
    return found


def merge(text: str, values: Mapping[str, str], fields: Fields) -> str:
    """Return a text with its fields replaced; what is no field of this letter stays as it is."""
    said = _by_key(values)
    return "".join(
        part.text if part.field is None or part.field not in fields else said.get(part.field, "")
        for part in parts_of(text)
    )


def merge_html(text: str, values: Mapping[str, str], fields: Fields) -> SafeString:
    """Return a text as HTML: everything escaped, lines kept, addresses of the text made links.

    What a field says becomes a link only where the field is one: whoever may choose an account's
    name must not be able to put a link into its reseller's mail.
    """
    said = _by_key(values)
    lines: list[list[SafeString]] = [[]]
    for part in parts_of(text):
        field = fields.get(part.field) if part.field is not None else None
        own = part.field is None or field is None
        shown = part.text if own or part.field is None else said.get(part.field, "")
        show = _linked if own or (field and field.is_link) else escape
        first, *others = NEW_LINE.split(shown)
        lines[-1].append(show(first))
        lines += [[show(line)] for line in others]
    whole = (_joined(line) for line in lines)
    paragraphs = [list(group) for is_text, group in groupby(whole, key=bool) if is_text]
    return format_html_join("\n", "<p>{}</p>", ((_broken(lines),) for lines in paragraphs))


def _linked(text: str) -> SafeString:
    made, end = [], 0
    for found in LINK.finditer(text):
        link = format_html('<a href="{0}">{0}</a>', found[0])
        made += [escape(text[end : found.start()]), link]
        end = found.end()
    return _joined([*made, escape(text[end:])])


def _joined(pieces: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _broken(lines: Sequence[SafeString]) -> SafeString:
    """Return lines one below the other."""
    return format_html_join("", "{}<br>\n", ((line,) for line in lines[:-1])) + lines[-1]


def _by_key(values: Mapping[str, str]) -> dict[str, str]:
    return {key_of(name): value for name, value in values.items()}


def _problem(text: str, position: int, what: str) -> Problem:
    before = text[:position]
    line = before.count("\n") + 1
    return Problem(what, line, position - (before.rfind("\n") + 1) + 1)
