"""Setup > Accounts, Organizations or Users > Custom fields."""

from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from organizations.fields.forms import DefinitionForm
from organizations.fields.models import Entity, FieldDefinition
from organizations.fields.operations import change_field, create_field, remove_field
from organizations.fields.queries import count_values, definitions, get_definition
from portal.core.errors import InvalidInput, PortalError
from portal.web.dialogs import UNPROCESSABLE, render_dialog
from portal.web.pages import Page, add_errors

ENTITY = "entity"
UP, DOWN = "up", "down"


class DefinitionListPage(Page):
    """The fields of one entity (``?entity=``), by folder."""

    capability = "fields.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        entity = entity_asked(request)
        rows = list(definitions(self.actor).select_related("connection"))
        own = [row for row in rows if row.entity == entity]
        folders = [(name, list(fields)) for name, fields in groupby(own, lambda row: row.group)]
        context = {
            "title": f"Custom fields of {entity.label.lower()}",
            "crumbs": [
                ("Setup", list_address(Entity.ACCOUNT)),
                (entity.label, list_address(entity)),
            ],
            "folders": folders,
            "entity": entity,
            "tabs": [
                {
                    "label": each.label,
                    "url": list_address(each),
                    "active": each == entity,
                    "count": sum(row.entity == each for row in rows),
                }
                for each in Entity
            ],
            "may_manage": self.actor.may("fields.manage"),
            "create_url": f"{reverse('fields:definition_create')}?{ENTITY}={entity}",
        }
        return render(request, "fields/definition_list.html", context)


class DefinitionFormPage(Page):
    """What adding and changing have in common."""

    abstract = True

    def show(
        self, form: DefinitionForm, entity: Entity, *, title: str, status: int = 200
    ) -> HttpResponse:
        """Answer the form; who may not send it reads it."""
        may_manage = self.actor.may("fields.manage")
        if not may_manage:
            for field in form.fields.values():
                field.disabled = True
        context: dict[str, Any] = {
            "title": title,
            "crumbs": [("Custom fields", list_address(entity))],
            "form": form,
            "back": list_address(entity),
            "may_manage": may_manage,
        }
        return render(self.request, "fields/definition_form.html", context, status=status)


class DefinitionCreatePage(DefinitionFormPage):
    """A new field."""

    capability, write_capability = "fields.view", "fields.manage"
    heading = "New custom field"

    def get(self, request: HttpRequest) -> HttpResponse:
        entity = entity_asked(request)
        return self.show(DefinitionForm(initial={ENTITY: entity}), entity, title=self.heading)

    def post(self, request: HttpRequest) -> HttpResponse:
        entity = entity_asked(request)
        form = DefinitionForm(request.POST)
        if not form.is_valid():
            return self.show(form, entity, title=self.heading, status=UNPROCESSABLE)
        try:
            row = create_field(actor=self.actor, **form.cleaned_data)
        except PortalError as error:
            add_errors(form, error)
            return self.show(form, entity, title=self.heading, status=UNPROCESSABLE)
        self.say(f"The field {row.label} was added. The API and files call it {row.key}.")
        return self.go_to(list_address(Entity(row.entity)))


class DefinitionEditPage(DefinitionFormPage):
    """Changes a field."""

    capability, write_capability = "fields.view", "fields.manage"

    def get(self, request: HttpRequest, definition_id: UUID) -> HttpResponse:
        row = get_definition(self.actor, definition_id)
        return self._show(DefinitionForm(definition=row), row)

    def post(self, request: HttpRequest, definition_id: UUID) -> HttpResponse:
        row = get_definition(self.actor, definition_id)
        form = DefinitionForm(request.POST, definition=row)
        if not form.is_valid():
            return self._show(form, row, status=UNPROCESSABLE)
        try:
            changed = change_field(row, actor=self.actor, changes=form.cleaned_data)
        except PortalError as error:
            add_errors(form, error)
            return self._show(form, row, status=UNPROCESSABLE)
        self.say(f"The field {changed.label} was saved.")
        return self.go_to(list_address(Entity(row.entity)))

    def _show(
        self, form: DefinitionForm, row: FieldDefinition, *, status: int = 200
    ) -> HttpResponse:
        return self.show(form, Entity(row.entity), title=f"Edit {row.label}", status=status)


class DefinitionMovePage(Page):
    """Moves a field up or down in its folder."""

    capability = "fields.manage"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, definition_id: UUID) -> HttpResponse:
        row = get_definition(self.actor, definition_id)
        step = {UP: -1, DOWN: 1}.get(request.POST.get("direction", ""))
        if step is None:
            raise InvalidInput("A field moves up or down.", fields={"direction": ["up or down"]})
        change_field(row, actor=self.actor, changes={"position": max(row.position + step, 1)})
        return self.go_to(list_address(Entity(row.entity)))


class DefinitionRemovePage(Page):
    """Asks, says how many values go, then removes a field."""

    capability, write_capability = "fields.view", "fields.manage"

    def get(self, request: HttpRequest, definition_id: UUID) -> HttpResponse:
        return self._show(get_definition(self.actor, definition_id))

    def post(self, request: HttpRequest, definition_id: UUID) -> HttpResponse:
        row = get_definition(self.actor, definition_id)
        with_values = request.POST.get("with_values") == "on"
        try:
            remove_field(row, actor=self.actor, with_values=with_values)
        except PortalError as error:
            return self._show(row, problem=error.detail)
        self.say(f"The field {row.label} was removed.")
        return self.go_to(list_address(Entity(row.entity)))

    def _show(self, row: FieldDefinition, *, problem: str = "") -> HttpResponse:
        context = {
            "definition": row,
            "held": count_values(row, actor=self.actor),
            "problem": problem,
            "may_manage": self.actor.may("fields.manage"),
            "back": list_address(Entity(row.entity)),
        }
        return render_dialog(
            self.request,
            "fields/definition_remove.html",
            context,
            title=f"Remove {row.label}",
            invalid=bool(problem),
        )


def entity_asked(request: HttpRequest) -> Entity:
    """Return the entity the address names, accounts where it names none."""
    asked = request.GET.get(ENTITY, "")
    return Entity(asked) if asked in Entity.values else Entity.ACCOUNT


def list_address(entity: Entity) -> str:
    """Return the address of an entity's fields."""
    return f"{reverse('fields:definition_list')}?{ENTITY}={entity}"
