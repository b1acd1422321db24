"""The page behind a one-time link: for whoever got the letter, with or without a sign-in here."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.generic import View

from organizations.passwords.models import FirstPassword, PasswordLink
from organizations.passwords.opening import (
    Opening,
    Stand,
    ask_code,
    belongs_to,
    masked,
    open_signed_in,
    open_with_code,
    read_link,
    stand_of,
    worker_of,
)
from organizations.passwords.queries import link_by_key
from portal.core.access import Actor, acting
from portal.core.errors import NotFound, PortalError, TooMany, Unavailable
from portal.core.identity.models import Reseller
from portal.core.identity.queries import is_held
from portal.core.identity.tries import Tries, take_try
from portal.notify.letters.addresses import split_addresses
from portal.web.failures import error_page
from portal.web.limits import address_of

GONE, UNPROCESSABLE = 410, 422
SIGN_IN = "https://portal.office.com"
"""Where the first password is used."""
MINUTE = 60
NOT_NOW = "This cannot be opened just now. Try again later."


@method_decorator(login_not_required, name="dispatch")
@method_decorator(transaction.non_atomic_requests, name="dispatch")
@method_decorator(sensitive_post_parameters(), name="dispatch")
class WelcomePage(View):
    """Asks for a code, then shows a first password once.

    Each try is counted before any transaction, and the password is wiped in the one in which its
    page is made.
    """

    http_method_names = ("get", "post")

    @sensitive_variables("key")
    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        try:
            link = _find(key)
        except PortalError as error:
            return error_page(request, error)
        with acting(worker_of(link)) as worker, transaction.atomic():
            return self._show(link, worker)

    @sensitive_variables("key")
    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        try:
            link = _find(key)
            _count(request, link)
        except PortalError as error:
            return error_page(request, error)
        with acting(worker_of(link)) as worker:
            try:
                with transaction.atomic():
                    return self._answer(link, worker)
            except PortalError as error:
                with transaction.atomic():
                    return self._show(link, worker, wrong=error.detail)

    def _answer(self, link: PasswordLink, worker: Actor) -> HttpResponse:
        if "code" in self.request.POST:
            code = self.request.POST["code"][:40]
            return self._opened(link, worker, open_with_code(link, actor=worker, code=code))
        member: Actor | None = getattr(self.request, "actor", None)
        if "signed-in" in self.request.POST and member is not None:
            return self._opened(link, worker, open_signed_in(link, actor=worker, member=member))
        place = self.request.POST.get("to", "0")
        to = ask_code(link, actor=worker, place=int(place) if place.isdecimal() else -1)
        return self._show(link, worker, asked=to)

    @sensitive_variables()
    def _opened(self, link: PasswordLink, worker: Actor, opening: Opening) -> HttpResponse:
        if not opening.password:
            return self._show(link, worker, wrong=opening.wrong)
        password, _ = read_link(link, actor=worker)
        context = {**_names(password), "shown": opening.password, "sign_in": SIGN_IN}
        answer = render(self.request, "passwords/welcome_shown.html", context)
        answer["Referrer-Policy"] = "no-referrer"
        return answer

    def _show(
        self, link: PasswordLink, worker: Actor, *, asked: str = "", wrong: str = ""
    ) -> HttpResponse:
        password, row = read_link(link, actor=worker)
        stand = stand_of(row, password)
        context: dict[str, Any] = {**_names(password), "stand": stand.value, "wrong": wrong}
        if stand == Stand.READY:
            addresses = split_addresses(password.recipient)
            context |= {
                "addresses": [(place, masked(one)) for place, one in enumerate(addresses)],
                "asked": asked,
                "code_open": row.code_until is not None and row.code_until > timezone.now(),
                "is_member": belongs_to(getattr(self.request, "actor", None), password),
            }
        status = (UNPROCESSABLE if wrong else 200) if stand == Stand.READY else GONE
        return render(self.request, "passwords/welcome.html", context, status=status)


@sensitive_variables("key")
def _find(key: str) -> PasswordLink:
    link = link_by_key(key)
    if link is None:
        raise NotFound
    if is_held(link.reseller_id):
        raise Unavailable(NOT_NOW, code="read_only")
    return link


def _count(request: HttpRequest, link: PasswordLink) -> None:
    """Count a try by where it comes from and by link, as tries to sign in are counted."""
    tries = [
        Tries("welcome", f"address {address_of(request)}", 20, MINUTE),
        Tries("welcome", f"link {link.pk}", 10, 5 * MINUTE),
    ]
    if not {"code", "signed-in"} & set(request.POST):
        tries.append(Tries("welcome code", f"link {link.pk}", 4, 5 * MINUTE))
    if wait := take_try(tries):
        error = TooMany(f"That was too often. Try again in {wait} seconds.")
        error.retry_after = wait
        raise error


def _names(password: FirstPassword) -> dict[str, Any]:
    reseller = Reseller.objects.values_list("name", flat=True).get(pk=password.reseller_id)
    return {"password": password, "reseller_title": reseller, "noindex": True}
