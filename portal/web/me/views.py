"""The person's own page: who am I here, which tokens do I have, and changing to another role."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal.core.database.scope import scope
from portal.core.errors import NotFound
from portal.core.identity.operations import create_token, revoke_token
from portal.web.actors import SESSION_KEY
from portal.web.me.forms import TokenForm
from portal.web.me.queries import own_membership, own_tokens
from portal.web.pages import Page


class ProfilePage(Page):
    """Name, role and tokens."""

    capability = "profile.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(TokenForm())

    def show(self, form: TokenForm, *, new_token: str = "", status: int = 200) -> HttpResponse:
        """Answer the page; ``new_token`` is the text that is shown this once."""
        context = {
            "title": "Your profile",
            "membership": own_membership(self.actor),
            "tokens": own_tokens(self.actor),
            "form": form,
            "new_token": new_token,
            "may_make_tokens": self.actor.may("tokens.manage"),
        }
        return render(self.request, "me/profile.html", context, status=status)


class TokenCreatePage(ProfilePage):
    """Makes a token and shows its text once."""

    write_capability = "tokens.manage"

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TokenForm(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        _, text = create_token(
            own_membership(self.actor),
            actor=self.actor,
            name=form.cleaned_data["name"],
            expires_at=form.expires_at(),
        )
        return self.show(TokenForm(), new_token=text)


class TokenRevokePage(Page):
    """Ends a token."""

    capability = "tokens.manage"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, token_id: UUID) -> HttpResponse:
        token = own_tokens(self.actor).filter(pk=token_id).first()
        if token is None:
            raise NotFound
        revoke_token(token, actor=self.actor)
        self.say(f"The token “{token.name}” no longer works.")
        return self.go_to(reverse("profile"))


class SwitchPage(Page):
    """Makes another of the person's memberships the one this session works as."""

    capability = "profile.view"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, membership_id: UUID) -> HttpResponse:
        own = [m for m in request.memberships if m.pk == membership_id]  # type: ignore[attr-defined]
        if not own or self.actor.kind != "person":
            raise NotFound
        with scope(None):  # a session is the person's; no role of a reseller may write one
            request.session.cycle_key()
        request.session[SESSION_KEY] = str(membership_id)
        return self.go_to(reverse("start"))
