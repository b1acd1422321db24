"""Forms as HTML: labels, help and errors tied to their control, and no widget without its look."""

import re

from django import forms
from django.template.loader import render_to_string


class SampleForm(forms.Form):
    """One field of each kind that is rendered differently."""

    name = forms.CharField(help_text="As on the <invoice>.")
    note = forms.CharField(required=False, widget=forms.Textarea)
    country = forms.ChoiceField(choices=[("NO", "Norway")])
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    notify = forms.BooleanField(required=False)
    at = forms.SplitDateTimeField(required=False)
    version = forms.CharField(widget=forms.HiddenInput)


def element(html: str, name: str) -> str:
    found = re.search(rf'<(?:input|select|textarea)[^>]*name="{name}"[^>]*>', html)
    assert found is not None
    return found[0]


def test_every_control_has_the_class_of_its_kind() -> None:
    html = str(SampleForm())
    assert 'class="form-control"' in element(html, "name")
    assert 'class="form-control"' in element(html, "note")
    assert 'class="form-select"' in element(html, "country")
    assert 'class="form-check-input"' in element(html, "kind")
    assert 'class="form-check-input"' in element(html, "notify")
    assert 'class="form-control"' in element(html, "at_0")
    assert "class=" not in element(html, "version")


def test_a_class_of_the_form_itself_is_kept() -> None:
    class OwnClass(forms.Form):
        name = forms.CharField(widget=forms.TextInput({"class": "tabular"}))

    assert 'class="tabular form-control"' in element(str(OwnClass()), "name")


def test_an_error_is_described_beside_its_field_and_linked_from_the_top() -> None:
    html = str(SampleForm({"name": "", "country": "NO", "kind": "a", "version": "1"}))
    control = element(html, "name")
    assert 'aria-invalid="true"' in control
    described = re.search(r'aria-describedby="([^"]+)"', control)
    assert described is not None
    for described_by in described[1].split():
        assert f'id="{described_by}"' in html
    assert '<a href="#id_name">Name</a>: This field is required.' in html
    assert "One thing needs your attention" in html


def test_an_error_of_the_whole_form_is_shown_once() -> None:
    class Refusing(forms.Form):
        name = forms.CharField()

        def clean(self) -> None:
            raise forms.ValidationError("The tenant was linked meanwhile.")

    assert str(Refusing({"name": "x"})).count("The tenant was linked meanwhile.") == 1


def test_a_hidden_field_in_error_is_named() -> None:
    html = str(SampleForm({"name": "x", "country": "NO", "kind": "a"}))
    assert "<li>Version: This field is required.</li>" in html


def test_an_unsent_form_shows_no_errors() -> None:
    assert "error-summary" not in str(SampleForm())


def test_optional_fields_say_so_and_help_is_escaped() -> None:
    html = str(SampleForm())
    assert html.count("(optional)") == 2  # note and at; a tick box is its own answer
    assert "As on the &lt;invoice&gt;." in html


def test_choices_are_a_group_with_a_name() -> None:
    html = str(SampleForm()["kind"].as_field_group())
    assert html.startswith("<fieldset")
    assert '<legend class="form-label">Kind</legend>' in html


def test_the_field_component_is_the_field() -> None:
    field = SampleForm()["name"]
    html = render_to_string("components/field.html", {"field": field})
    assert html.strip() == str(field.as_field_group()).strip()
