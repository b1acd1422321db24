"""Reading which text holds for a kind of letter and a language."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_variables

from portal.core.access import Actor
from portal.core.errors import NotFound
from portal.core.identity.models import Reseller
from portal.notify.letters.addresses import Resolved, resolve_to
from portal.notify.letters.kinds import LetterKind, MergeField, letter_named
from portal.notify.letters.languages import ENGLISH, LANGUAGES, language_of_locale
from portal.notify.letters.merging import merge, merge_html
from portal.notify.letters.models import LetterTemplate
from portal.notify.mail import plain_line


@dataclass(frozen=True, slots=True)
class LetterText:
    """The text that holds. ``own`` is the reseller's row, None where it is the built-in one."""

    kind: LetterKind
    language: str
    to: str
    subject: str
    body: str
    own: LetterTemplate | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A letter with its fields filled in. ``to`` are the addresses, or why there are none."""

    to: Resolved
    subject: str
    text: str
    html: SafeString


def get_kind(name: str) -> LetterKind:
    """Return a kind of letter, or raise `NotFound`."""
    kind = letter_named(name)
    if kind is None:
        raise NotFound
    return kind


def check_language(code: str) -> str:
    """Return a language's code, or raise `NotFound`."""
    if code not in LANGUAGES:
        raise NotFound
    return code


def own_letters(actor: Actor) -> dict[tuple[str, str], LetterTemplate]:
    """Return what the reseller wrote itself, by kind and language (1 query)."""
    rows = LetterTemplate.objects.visible_to(actor)
    return {(row.kind, row.language): row for row in rows}


def reseller_language(actor: Actor) -> str:
    """Return the language of the reseller (1 query)."""
    locale = Reseller.objects.values_list("locale", flat=True).get(pk=actor.reseller_id)
    return language_of_locale(locale)


def built_in(kind: LetterKind, language: str) -> LetterText:
    """Return the text a kind comes with; English where there is none in the language."""
    found = (kind.translations or {}).get(language)
    if found is None:
        return LetterText(kind, ENGLISH, kind.default_to, kind.default_subject, kind.default_body)
    subject, body = found
    return LetterText(kind, language, kind.default_to, subject, body)


def text_in(kind: LetterKind, language: str, *, actor: Actor) -> LetterText:
    """Return what stands in one language: the reseller's own text or the built-in (1 query)."""
    row = LetterTemplate.objects.visible_to(actor).filter(kind=kind.name, language=language).first()
    return text_of(kind, language, row)


def text_of(kind: LetterKind, language: str, own: LetterTemplate | None) -> LetterText:
    """Return the reseller's own text where it wrote one, else the built-in (no query)."""
    return _of(kind, own) if own else built_in(kind, language)


def text_for(kind: LetterKind, language: str, *, actor: Actor) -> LetterText:
    """Return the text somebody is written with, who reads ``language`` ("" for the reseller's).

    The reseller's own text in that language, else in its own language, else a built-in one in
    either, else English (2 queries).
    """
    home = reseller_language(actor)
    order = (language or home, home)
    rows = LetterTemplate.objects.visible_to(actor).filter(kind=kind.name, language__in=order)
    own = {row.language: row for row in rows}
    for code in order:
        if code in own:
            return _of(kind, own[code])
    known = kind.translations or {}
    return built_in(kind, next((code for code in order if code in known), ENGLISH))


@sensitive_variables("values")
def write(text: LetterText, values: Mapping[str, str], fields: Mapping[str, MergeField]) -> Written:
    """Fill in the fields. The subject is one line, whatever a field says."""
    return Written(
        to=resolve_to(text.to, values, fields),
        subject=plain_line(merge(text.subject, _lines(values), fields)),
        text=merge(text.body, values, fields),
        html=merge_html(text.body, values, fields),
    )


@sensitive_variables("values")
def _lines(values: Mapping[str, str]) -> dict[str, str]:
    return {name: plain_line(value) for name, value in values.items()}


def _of(kind: LetterKind, row: LetterTemplate) -> LetterText:
    return LetterText(kind, row.language, row.to, row.subject, row.body, row)
