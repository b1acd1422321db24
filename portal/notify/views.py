"""The log of messages and the webhooks, for administrators."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal.core.errors import PortalError
from portal.notify.forms import WebhookForm
from portal.notify.letters.kinds import letter_named
from portal.notify.models import Delivery, Webhook
from portal.notify.operations import may_be_retried, retry_delivery
from portal.notify.queries import deliveries, webhooks
from portal.notify.topics import describe_topic
from portal.notify.webhooks import (
    change_webhook,
    create_webhook,
    remove_webhook,
    rotate_secret,
)
from portal.web.dialogs import UNPROCESSABLE, render_dialog
from portal.web.lists import Column, Empty, ListPage, Tab
from portal.web.pages import Page, add_errors

State = Delivery.State
TONES = {
    State.WAITING: "idle",
    State.HELD: "idle",
    State.SENDING: "work",
    State.SENT: "good",
    State.FAILED: "bad",
    State.DROPPED: "idle",
}


class DeliveryListPage(ListPage):
    """Everything that was sent, is about to be, or could not be."""

    capability = "messages.view"
    model = Delivery
    title, one, many = "Messages", "message", "messages"
    template_name = "notify/delivery_list.html"
    row_template = "notify/delivery_row.html"
    columns: ClassVar[tuple[Column, ...]] = (
        Column("recipient", "To"),
        Column("subject", "What"),
        Column("state", "State"),
        Column("created", "Asked", sort="created_at"),
        Column("actions", "Actions", hidden_label=True),
    )
    default_sort = "-created_at"
    search_label, search_fields = "Search messages", ("recipient", "subject")
    search_placeholder = "Whom, or what about"
    tabs: ClassVar[tuple[Tab, ...]] = (
        Tab("", "All"),
        Tab("to-come", "To come", where=Q(state__in=[*Delivery.TO_COME, State.SENDING])),
        Tab("failed", "Failed", where=Q(state=State.FAILED), tone="warn"),
    )

    def get_rows(self) -> QuerySet[Any]:
        return deliveries(self.actor)

    def list_context(self) -> dict[str, Any]:
        context, may_manage = super().list_context(), self.actor.may("webhooks.manage")
        for row in context["page"].rows:
            row.tone = TONES[State(row.state)]
            row.what = row.subject or describe_message(row)
            row.may_retry = may_manage and may_be_retried(row)
        return context

    def empty(self) -> Empty:
        return Empty(
            "No messages yet",
            "Weekly digests, letters, mails about money and security, and what webhooks are told"
            " are listed here, with what became of each.",
        )


def describe_message(row: Delivery) -> str:
    """Say what a message is about in words, until there is a subject."""
    letter = letter_named(row.topic) if row.is_letter else None
    return letter.label if letter else describe_topic(row.topic)


class DeliveryRetryPage(Page):
    """Sends a message again."""

    capability = "webhooks.manage"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, delivery_id: UUID) -> HttpResponse:
        row = Delivery.objects.get_visible(self.actor, pk=delivery_id)
        retry_delivery(row, actor=self.actor)
        self.say(f"The message to {row.recipient} is sent again.")
        return self.go_to(reverse("notify:delivery_list"))


class WebhookListPage(Page):
    """The webhooks, and the form for one more."""

    capability, write_capability = "messages.view", "webhooks.manage"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(WebhookForm())

    def show(
        self, form: WebhookForm, *, new: tuple[Webhook, str] | None = None, status: int = 200
    ) -> HttpResponse:
        """Answer the page; ``new`` is a webhook with the secret that is shown this once."""
        context = {
            "title": "Webhooks",
            "crumbs": [("Messages", reverse("notify:delivery_list"))],
            "webhooks": list(webhooks(self.actor)),
            "may_manage": self.actor.may("webhooks.manage"),
            "form": form,
            "new_webhook": new[0] if new else None,
            "new_secret": new[1] if new else "",
        }
        return render(self.request, "notify/webhook_list.html", context, status=status)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = WebhookForm(request.POST)
        if not form.is_valid():
            return self.show(form, status=UNPROCESSABLE)
        try:
            new = create_webhook(
                actor=self.actor,
                url=form.cleaned_data["url"],
                events=form.cleaned_data["events"],
            )
        except PortalError as error:
            add_errors(form, error)
            return self.show(form, status=UNPROCESSABLE)
        return self.show(WebhookForm(), new=new)


class WebhookRotatePage(WebhookListPage):
    """Makes a new secret and shows it once."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, webhook_id: UUID) -> HttpResponse:  # type: ignore[override]
        row = Webhook.objects.get_visible(self.actor, pk=webhook_id)
        return self.show(WebhookForm(), new=rotate_secret(row, actor=self.actor))


class WebhookPausePage(Page):
    """Pauses a webhook, or lets it go on."""

    capability = "webhooks.manage"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, webhook_id: UUID) -> HttpResponse:
        row = Webhook.objects.get_visible(self.actor, pk=webhook_id)
        paused = row.state == Webhook.State.ACTIVE
        state = Webhook.State.PAUSED if paused else Webhook.State.ACTIVE
        change_webhook(row, actor=self.actor, state=state)
        self.say(f"{row.url} is {'paused' if paused else 'told again'}.")
        return self.go_to(reverse("notify:webhook_list"))


class WebhookRemovePage(Page):
    """Asks, then removes a webhook."""

    capability = "webhooks.manage"

    def get(self, request: HttpRequest, webhook_id: UUID) -> HttpResponse:
        row = Webhook.objects.get_visible(self.actor, pk=webhook_id)
        return render_dialog(
            request,
            "notify/webhook_remove.html",
            {"webhook": row, "back": reverse("notify:webhook_list")},
            title="Remove webhook",
        )

    def post(self, request: HttpRequest, webhook_id: UUID) -> HttpResponse:
        row = Webhook.objects.get_visible(self.actor, pk=webhook_id)
        remove_webhook(row, actor=self.actor)
        self.say(f"{row.url} is told no more.")
        return self.go_to(reverse("notify:webhook_list"))
