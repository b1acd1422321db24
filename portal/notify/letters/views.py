"""Letters on the screen: which there are, how each is worded, and how it would look."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal.core.errors import NotFound, PortalError
from portal.notify.letters.forms import LetterForm
from portal.notify.letters.kinds import LetterKind, letter_kinds
from portal.notify.letters.languages import LANGUAGES
from portal.notify.letters.operations import (
    check_letter,
    choose,
    reset_letter,
    save_letter,
    send_test,
)
from portal.notify.letters.queries import (
    LetterText,
    Written,
    check_language,
    get_kind,
    own_letters,
    reseller_language,
    text_in,
    write,
)
from portal.web.dialogs import UNPROCESSABLE
from portal.web.pages import Page, add_errors

LANGUAGE, ABOUT, PREVIEW = "language", "about", "preview"


class LetterListPage(Page):
    """Every kind of letter, and the languages the reseller wrote it in."""

    capability = "messages.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        own, home = own_letters(self.actor), reseller_language(self.actor)
        context = {
            "title": "Letters",
            "crumbs": [("Messages", reverse("notify:delivery_list"))],
            "letters": [
                {
                    "kind": kind,
                    "home": home,
                    "texts": [
                        {
                            "language": code,
                            "label": LANGUAGES[code],
                            "own": own.get((kind.name, code)),
                        }
                        for code in _languages_of(kind, home, own)
                    ],
                }
                for kind in letter_kinds()
            ],
        }
        return render(request, "letters/letter_list.html", context)


class LetterPage(Page):
    """One letter in one language: writing it, and looking at it before it is saved."""

    capability, write_capability = "messages.view", "letters.manage"

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        letter = get_kind(kind)
        language = self._language(request.GET.get(LANGUAGE, ""))
        text = text_in(letter, language, actor=self.actor)
        about = _about(request.GET.get(ABOUT, ""))
        form = self._form(letter, initial={**_initial(text), ABOUT: about or ""})
        return self._show(letter, language, form, text=text, about=about)

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        letter = get_kind(kind)
        language = self._language(request.POST.get(LANGUAGE, ""))
        about = _about(request.POST.get(ABOUT, ""))
        form = self._form(letter, data=request.POST)
        if about is not None:
            choose(letter, about, actor=self.actor)
        if not form.is_valid():
            return self._show(letter, language, form, status=UNPROCESSABLE)
        values = {
            name: form.cleaned_data.get(name, letter.default_to)
            for name in ("to", "subject", "body")
        }
        try:
            if PREVIEW in request.POST:
                text = check_letter(letter, actor=self.actor, language=language, **values)
                return self._show(letter, language, form, text=text, about=about)
            save_letter(letter.name, actor=self.actor, language=language, **values)
        except PortalError as error:
            add_errors(form, error)
            return self._show(letter, language, form, status=UNPROCESSABLE)
        self.say(f"“{letter.label}” is saved in {LANGUAGES[language]}.")
        return self.go_to(_address(letter, language, about))

    def _language(self, code: str) -> str:
        return check_language(code) if code else reseller_language(self.actor)

    def _form(self, kind: LetterKind, **options: Any) -> LetterForm:
        return LetterForm(kind=kind, choices=kind.choices(self.actor), **options)

    def _show(
        self,
        kind: LetterKind,
        language: str,
        form: LetterForm,
        *,
        text: LetterText | None = None,
        about: UUID | None = None,
        status: int = 200,
    ) -> HttpResponse:
        shown = text_in(kind, language, actor=self.actor)
        context = {
            "title": kind.label,
            "crumbs": [
                ("Messages", reverse("notify:delivery_list")),
                ("Letters", reverse("letters:letter_list")),
            ],
            "kind": kind,
            "language": language,
            "language_label": LANGUAGES[language],
            "languages": LANGUAGES.items(),
            "own": shown.own,
            "fields": kind.offered(self.actor).values(),
            "secrets": [field for field in kind.fields if field.is_secret],
            "form": form,
            "about": about,
            "written": self._written(text, about) if text else None,
            "may_manage": self.actor.may("letters.manage"),
        }
        return render(self.request, "letters/letter_detail.html", context, status=status)

    def _written(self, text: LetterText, about: UUID | None) -> Written:
        kind = text.kind
        if about is None:
            values = {field.name: field.example for field in kind.fields}
        else:
            values = choose(kind, about, actor=self.actor)
        return write(text, values, kind.offered(self.actor))


class LetterTestPage(Page):
    """Sends the saved text to who asks."""

    capability = "letters.manage"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        letter = get_kind(kind)
        language = check_language(request.POST.get(LANGUAGE, ""))
        about = _about(request.POST.get(ABOUT, ""))
        row = send_test(letter.name, actor=self.actor, language=language, about=about)
        self.say(f"A test of “{letter.label}” is on its way to {row.recipient}.")
        return self.go_to(_address(letter, language, about))


class LetterResetPage(Page):
    """Puts the built-in text back."""

    capability = "letters.manage"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        letter = get_kind(kind)
        language = check_language(request.POST.get(LANGUAGE, ""))
        reset_letter(letter.name, actor=self.actor, language=language)
        self.say(f"The built-in text of “{letter.label}” holds again in {LANGUAGES[language]}.")
        return self.go_to(_address(letter, language, None))


def _about(text: str) -> UUID | None:
    """Return what a letter is looked at with; what is no id is not there."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def _address(kind: LetterKind, language: str, about: UUID | None) -> str:
    query = {LANGUAGE: language} | ({ABOUT: str(about)} if about else {})
    return f"{reverse('letters:letter_detail', args=[kind.name])}?{urlencode(query)}"


def _initial(text: LetterText) -> dict[str, str]:
    return {"to": text.to, "subject": text.subject, "body": text.body}


def _languages_of(kind: LetterKind, home: str, own: Any) -> list[str]:
    """Return the reseller's language first, then those it wrote in and those built in."""
    written = {code for name, code in own if name == kind.name}
    others = sorted({"en", *(kind.translations or {}), *written} - {home})
    return [home, *others]
