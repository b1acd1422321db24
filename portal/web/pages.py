"""The base of every page: a declared right, the actor, and our errors beside the form.

A page without a capability cannot be written: the class itself is refused (DEC11).
"""

from typing import Any, ClassVar

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.generic import View
from django_htmx.http import HttpResponseClientRedirect

from portal.core.access import ALL_CAPABILITIES, Actor
from portal.core.errors import PortalError
from portal.web.actors import actor_of


class Page(View):
    """A view for actors who have ``capability``; ``write_capability`` is asked for on POST."""

    capability: ClassVar[str] = ""
    write_capability: ClassVar[str] = ""
    abstract: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "abstract" not in cls.__dict__:
            cls.abstract = False
        if not cls.abstract and cls.capability not in ALL_CAPABILITIES:
            raise TypeError(f"{cls.__name__} must name the capability it needs.")

    @property
    def actor(self) -> Actor:
        return actor_of(self.request)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actor = actor_of(request)
        actor.require(self.capability)
        if request.method == "POST":
            actor.require(self.write_capability or self.capability)
        return super().dispatch(request, *args, **kwargs)

    def go_to(self, address: str) -> HttpResponse:
        """Send the browser on; a form sent by htmx leaves its dialog that way."""
        if getattr(self.request, "htmx", False):
            return HttpResponseClientRedirect(address)
        return redirect(address)

    def say(self, text: str) -> None:
        """Show ``text`` on the next page."""
        messages.success(self.request, text)

    def refuse(self, error: PortalError) -> None:
        """Show on the next page why nothing was done."""
        messages.error(self.request, error.detail)


def add_errors(form: BaseForm, error: PortalError) -> None:
    """Put an operation's refusal on the form: beside the fields it names, else on top."""
    named = False
    for name, texts in error.fields.items():
        if name in form.fields:
            form.add_error(name, texts)
            named = True
    if not named:
        form.add_error(None, error.detail)
