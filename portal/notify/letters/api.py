"""``letters``: how each kind of letter is worded, in which languages, and how it would look."""

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from portal.core.access import Actor
from portal.notify.api import DeliverySerializer
from portal.notify.letters.kinds import LetterKind, letter_kinds
from portal.notify.letters.languages import LANGUAGES
from portal.notify.letters.models import BODY_LENGTH, SUBJECT_LENGTH, TO_LENGTH, LetterTemplate
from portal.notify.letters.operations import (
    check_letter,
    choose,
    reset_letter,
    save_letter,
    send_test,
)
from portal.notify.letters.queries import (
    LetterText,
    get_kind,
    own_letters,
    reseller_language,
    text_in,
    text_of,
    write,
)
from portal.web.api.strict import StrictSerializer, read_input

Own = Mapping[tuple[str, str], LetterTemplate]
KIND = OpenApiParameter("kind", OpenApiTypes.STR, OpenApiParameter.PATH)


class MergeFieldSerializer(serializers.Serializer[Any]):
    """A field that the text may use, as it is written in it."""

    tag = serializers.CharField()
    meaning = serializers.CharField()
    example = serializers.CharField()


class LetterTextSerializer(serializers.Serializer[Any]):
    """The text in one language; ``own`` is false for the built-in one."""

    language = serializers.CharField()
    own = serializers.BooleanField()
    to = serializers.CharField()
    subject = serializers.CharField()
    body = serializers.CharField()


class LetterSerializer(serializers.Serializer[Any]):
    """A kind of letter with its texts: the reseller's own, and those built in."""

    id = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    description = serializers.CharField()
    fields_ = MergeFieldSerializer(many=True)
    texts = LetterTextSerializer(many=True)

    def get_fields(self) -> Any:
        """Name it ``fields``, which the class itself needs for something else."""
        found = super().get_fields()
        return {name.rstrip("_"): field for name, field in found.items()}


class LetterLanguage(StrictSerializer):
    """Which of the texts."""

    language = serializers.ChoiceField(choices=list(LANGUAGES))


class LetterRequest(LetterLanguage):
    """The text to keep."""

    to = serializers.CharField(max_length=TO_LENGTH, required=False, allow_blank=True, default="")
    subject = serializers.CharField(max_length=SUBJECT_LENGTH)
    body = serializers.CharField(max_length=BODY_LENGTH)


class LetterTest(LetterLanguage):
    """What the fields speak of; without it they say their examples."""

    about = serializers.UUIDField(required=False, allow_null=True, default=None)


class LetterPreview(LetterTest):
    """What to look at: a text that is not saved yet, or the one that is."""

    to = serializers.CharField(max_length=TO_LENGTH, required=False)
    subject = serializers.CharField(max_length=SUBJECT_LENGTH, required=False)
    body = serializers.CharField(max_length=BODY_LENGTH, required=False)


class WrittenSerializer(serializers.Serializer[Any]):
    """The letter with its fields filled in; ``held_because`` says why it would go to nobody."""

    to = serializers.ListField(child=serializers.CharField())
    held_because = serializers.CharField()
    subject = serializers.CharField()
    text = serializers.CharField()
    html = serializers.CharField()


class LetterViewSet(ViewSet):
    """How letters are worded."""

    model = LetterTemplate
    lookup_field, lookup_value_regex = "kind", "[^/]+"
    capabilities: ClassVar[dict[str, str]] = {
        "list": "messages.view",
        "retrieve": "messages.view",
        "update": "letters.manage",
        "reset": "letters.manage",
        "preview": "letters.manage",
        "test": "letters.manage",
    }

    @property
    def actor(self) -> Actor:
        return self.request.user  # type: ignore[return-value]

    @extend_schema(responses=LetterSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Return every kind of letter."""
        own, home = own_letters(self.actor), reseller_language(self.actor)
        kinds = [_described(kind, self.actor, own, home) for kind in letter_kinds()]
        return Response({"results": LetterSerializer(kinds, many=True).data})

    @extend_schema(responses=LetterSerializer, parameters=[KIND])
    def retrieve(self, request: Request, kind: str) -> Response:
        """Return one kind of letter."""
        return Response(LetterSerializer(_described(get_kind(kind), self.actor)).data)

    @extend_schema(request=LetterRequest, responses=LetterSerializer, parameters=[KIND])
    def update(self, request: Request, kind: str) -> Response:
        """Keep the reseller's own text in one language."""
        letter, values = get_kind(kind), read_input(LetterRequest, request)
        save_letter(letter.name, actor=self.actor, **values)
        return Response(LetterSerializer(_described(letter, self.actor)).data)

    @extend_schema(request=LetterLanguage, responses=LetterSerializer, parameters=[KIND])
    @action(detail=True, methods=["post"])
    def reset(self, request: Request, kind: str) -> Response:
        """Put the built-in text back in one language."""
        letter, values = get_kind(kind), read_input(LetterLanguage, request)
        reset_letter(letter.name, actor=self.actor, **values)
        return Response(LetterSerializer(_described(letter, self.actor)).data)

    @extend_schema(request=LetterPreview, responses=WrittenSerializer, parameters=[KIND])
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, kind: str) -> Response:
        """Return the letter as it would look; nothing is sent or kept."""
        letter, values = get_kind(kind), read_input(LetterPreview, request)
        language, about = values.pop("language"), values.pop("about")
        text = text_in(letter, language, actor=self.actor)
        said = {"to": text.to, "subject": text.subject, "body": text.body, **values}
        text = check_letter(letter, actor=self.actor, language=language, **said)
        examples = {field.name: field.example for field in letter.fields}
        filled = choose(letter, about, actor=self.actor) if about else examples
        written = write(text, filled, letter.offered(self.actor))
        shown = {
            "to": written.to.addresses,
            "held_because": written.to.held_because,
            "subject": written.subject,
            "text": written.text,
            "html": written.html,
        }
        return Response(WrittenSerializer(shown).data)

    @extend_schema(request=LetterTest, responses=DeliverySerializer, parameters=[KIND])
    @action(detail=True, methods=["post"])
    def test(self, request: Request, kind: str) -> Response:
        """Send the saved text to who asks."""
        letter, values = get_kind(kind), read_input(LetterTest, request)
        row = send_test(letter.name, actor=self.actor, **values)
        return Response(DeliverySerializer(row).data)


def _described(
    kind: LetterKind, actor: Actor, own: Own | None = None, home: str = ""
) -> dict[str, Any]:
    """Return a kind with its texts; ``own`` and ``home`` where they were read already."""
    own = own_letters(actor) if own is None else own
    home = home or reseller_language(actor)
    written = {code for name, code in own if name == kind.name}
    codes = {home, "en", *(kind.translations or {}), *written}
    texts = {code: text_of(kind, code, own.get((kind.name, code))) for code in codes}
    return {
        "id": kind.name,
        "label": kind.label,
        "description": kind.description,
        "fields": kind.offered(actor).values(),
        "texts": [_text(texts[code], code) for code in sorted(codes)],
    }


def _text(text: LetterText, code: str) -> dict[str, Any]:
    return {
        "language": code,
        "own": text.own is not None,
        "to": text.to,
        "subject": text.subject,
        "body": text.body,
    }


ROUTES: list[tuple[str, type]] = [("letters", LetterViewSet)]
