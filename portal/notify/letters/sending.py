"""Carrying a letter: its text and what its fields say are read when it goes out, never before."""

from collections.abc import Callable, Mapping

from django.views.decorators.debug import sensitive_variables

from portal.core.access import Actor
from portal.core.errors import InvalidInput, Unavailable
from portal.notify.letters.addresses import split_addresses
from portal.notify.letters.kinds import LetterKind, letter_named
from portal.notify.letters.merging import Fields, key_of, parts_of
from portal.notify.letters.queries import LetterText, text_for, text_in, write
from portal.notify.mail import send_text
from portal.notify.models import Delivery

TEST = "Test: "


@sensitive_variables("values", "written")
def letter_call(row: Delivery, actor: Actor) -> Callable[[], str] | None:
    """Return the call that sends a letter, ready but for the mail server; None: nothing to say.

    It goes to the addresses in the row, decided when it was asked for. What *To* would yield by now
    is not looked at.

    Raises:
        InvalidInput: the row holds no address.
        Unavailable: this worker does not know the kind.
    """
    kind = _kind_of(row)
    try:
        to = split_addresses(row.recipient)
    except ValueError:
        raise InvalidInput("This letter has no address to go to.") from None
    is_test = bool(row.facts.get("test"))
    values = _values(row, kind, actor)
    if values is None:
        return None
    text = (text_in if is_test else text_for)(kind, row.language, actor=actor)
    fields = kind.offered(actor)
    written = write(text, values, fields)
    row.facts = {**row.facts, "carried": not is_test and _carries(text, values, fields)}
    subject = f"{TEST}{written.subject}" if is_test else written.subject

    @sensitive_variables()
    def call() -> str:
        return send_text(
            subject=subject,
            text=written.text,
            html=written.html,
            to=to,
            delivery_id=row.pk,
            language=text.language,
        )

    return call


def note_letter_sent(row: Delivery, actor: Actor) -> None:
    """Tell the kind that a letter was sent, in the transaction that notes it."""
    kind = letter_named(row.topic)
    if kind and kind.sent and not row.facts.get("test"):
        kind.sent(row.about_id, actor=actor, carried=bool(row.facts.get("carried")))


@sensitive_variables("values")
def _carries(text: LetterText, values: Mapping[str, str], fields: Fields) -> bool:
    """Tell whether something secret stands in what was written, and not only its field's name."""
    secret = {key_of(name) for name, value in values.items() if value} & {
        name for name, field in fields.items() if field.is_secret
    }
    return any(part.field in secret for part in parts_of(f"{text.subject}\n{text.body}"))


def _values(row: Delivery, kind: LetterKind, actor: Actor) -> Mapping[str, str] | None:
    if not row.facts.get("test"):
        return kind.values(row.about_id, actor=actor)
    if row.facts.get("examples") or kind.sample is None:
        return {field.name: field.example for field in kind.fields}
    return kind.sample(row.about_id, actor=actor)


def _kind_of(row: Delivery) -> LetterKind:
    kind = letter_named(row.topic)
    if kind is None:
        raise Unavailable(f"This worker does not know the letter {row.topic}.")
    return kind
