"""How forms become HTML: one layout for every form and field, and the style classes of controls.

Classes are set here, on the way to the template, so that no form declares widgets only for their
look and Django's own widget templates stay in use.
"""

from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest

CONTROL, SELECT, TICK = "form-control", "form-select", "form-check-input"
TICKS = frozenset({"checkbox", "radio"})
UNSTYLED = frozenset({"hidden", "submit", "image", "reset", "button"})


class PortalFormRenderer(TemplatesSetting):
    """The portal's FORM_RENDERER."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> str:
        """Render a form, a field or a widget; widgets get their class first."""
        if "widget" in context:
            context = {**context, "widget": styled(context["widget"])}
        return super().render(template_name, context, request)


def styled(widget: dict[str, Any]) -> dict[str, Any]:
    """Return a widget's template context with the class of its kind, inside groups as well."""
    changed = dict(widget)
    if "subwidgets" in widget:
        changed["subwidgets"] = [styled(part) for part in widget["subwidgets"]]
        return changed
    groups = widget.get("optgroups")
    if groups is not None and _are_ticks(groups):
        changed["optgroups"] = [
            (name, [styled(option) for option in options], index) for name, options, index in groups
        ]
        changed["attrs"] = with_class(widget["attrs"], "form-options")
        return changed
    kind = widget.get("type", "")
    if kind in UNSTYLED:
        return changed
    css_class = TICK if kind in TICKS else SELECT if groups is not None else CONTROL
    changed["attrs"] = with_class(widget["attrs"], css_class)
    return changed


def _are_ticks(groups: list[Any]) -> bool:
    return any(option.get("type") in TICKS for _, options, _ in groups for option in options)


def with_class(attributes: dict[str, Any], css_class: str) -> dict[str, Any]:
    """Return HTML attributes with one more class."""
    return {**attributes, "class": f"{attributes.get('class', '')} {css_class}".strip()}
