"""Writing letters' texts, and having letters sent.

A text is checked when it is saved: a field it may not use is an error that names it and where. A
letter is asked for in the transaction of what it tells of, with its recipient decided there; it is
written and sent by the job that carries every message.
"""

from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import Conflict, InvalidInput, NotFound, NotReady
from portal.core.identity.models import Membership
from portal.notify.letters.addresses import is_address, joined, problems_in_to, split_addresses
from portal.notify.letters.kinds import LetterKind
from portal.notify.letters.languages import LANGUAGES
from portal.notify.letters.merging import problems_in
from portal.notify.letters.models import BODY_LENGTH, SUBJECT_LENGTH, TO_LENGTH, LetterTemplate
from portal.notify.letters.queries import LetterText, get_kind
from portal.notify.models import Delivery
from portal.notify.operations import ask_delivery

KEY_LENGTH = 150


def check_letter(
    kind: LetterKind, *, actor: Actor, language: str, to: str, subject: str, body: str
) -> LetterText:
    """Return a text as it would be saved.

    Raises:
        InvalidInput: with every field that is wrong, and each merge field that is not known and
            where it stands.
    """
    fields = kind.offered(actor)
    to = kind.default_to if kind.goes_to else to.strip()
    subject = " ".join(subject.split())
    body = body.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
    wrong: dict[str, list[str]] = {}
    if language not in LANGUAGES:
        wrong["language"] = [f"Use one of: {', '.join(LANGUAGES)}."]
    for name, text, most in (
        ("to", to, TO_LENGTH),
        ("subject", subject, SUBJECT_LENGTH),
        ("body", body, BODY_LENGTH),
    ):
        if not text or len(text) > most:
            wrong[name] = [f"Write something, of at most {most:,} characters."]
        elif not _is_printable(text):
            wrong[name] = ["Leave out characters that cannot be seen."]
    if kind.goes_to:
        wrong.pop("to", None)
    elif "to" not in wrong and (said := problems_in_to(to, fields, fixed=kind.fixed_recipient)):
        wrong["to"] = said
    for name, text in (("subject", subject), ("body", body)):
        if name not in wrong and (found := problems_in(text, fields)):
            wrong[name] = [str(problem) for problem in found[:20]]
    if wrong:
        raise InvalidInput("Some fields are not valid.", fields=wrong)
    return LetterText(kind, language, to, subject, body)


def save_letter(
    kind_name: str, *, actor: Actor, language: str, to: str, subject: str, body: str
) -> LetterTemplate:
    """Keep the reseller's own text of a letter in one language. Nothing differs: nothing happens.

    Raises:
        InvalidInput: see `check_letter`.
        Conflict: somebody else writes the same one for the first time right now.
    """
    actor.require("letters.manage")
    kind = get_kind(kind_name)
    with transaction.atomic():
        text = check_letter(kind, actor=actor, language=language, to=to, subject=subject, body=body)
        row = _locked(kind, language, actor=actor) or LetterTemplate(
            reseller_id=actor.reseller_id, kind=kind.name, language=language
        )
        before = {name: getattr(row, name) for name in ("to", "subject", "body")}
        after = {"to": text.to, "subject": text.subject, "body": text.body}
        if before == after:
            return row
        row.to, row.subject, row.body = text.to, text.subject, text.body
        row.changed_by = actor.label[:250]
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise Conflict("Somebody else has just written this letter. Open it again.") from None
        audit.record(actor, "notify.letter_changed", row, before=before, after=after)
    return row


def reset_letter(kind_name: str, *, actor: Actor, language: str) -> None:
    """Forget the reseller's own text in one language, so that the built-in one holds again."""
    actor.require("letters.manage")
    kind = get_kind(kind_name)
    with transaction.atomic():
        row = _locked(kind, language, actor=actor)
        if row is None:
            return
        before = {"to": row.to, "subject": row.subject, "body": row.body}
        audit.record(actor, "notify.letter_reset", row, before=before)
        LetterTemplate.objects.filter(pk=row.pk).delete()


def send_letter(
    kind_name: str,
    *,
    actor: Actor,
    subject_id: UUID,
    recipient: str,
    language: str = "",
    key: str,
    held_because: str = "",
) -> Delivery:
    """Have a letter sent, once per ``key``; call in the transaction of what it tells of.

    ``recipient`` is one address, or several joined with commas. With ``held_because`` the letter is
    written down as not sent, with that reason, for somebody to look at. Asking again for the same
    key returns the letter there is.

    Raises:
        InvalidInput: the recipient is no mail address.
    """
    kind = get_kind(kind_name)
    if held_because:
        recipient = ""
    else:
        try:
            recipient = joined(split_addresses(recipient))
        except ValueError:
            text = "Give one plain mail address."
            raise InvalidInput(text, fields={"recipient": [text]}) from None
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("A letter is asked for with what it tells.")
    row = Delivery(
        reseller_id=actor.reseller_id,
        channel=Delivery.Channel.MAIL,
        topic=kind.name,
        recipient=recipient,
        dedupe_key=f"letter:{kind.name}:{key}"[:KEY_LENGTH],
        about_id=subject_id,
        language=language,
        due_at=timezone.now(),
        state=Delivery.State.FAILED if held_because else Delivery.State.WAITING,
        last_error=held_because[:300],
    )
    return _write_once(row, actor=actor)


def send_test(
    kind_name: str, *, actor: Actor, language: str, about: UUID | None = None
) -> Delivery:
    """Have the text as it is saved sent to who asks, with what the fields say of ``about``.

    Without ``about`` the fields say their examples. Nothing secret is in it.

    Raises:
        NotReady: a program asks, or somebody without a mail address.
    """
    actor.require("letters.manage")
    kind = get_kind(kind_name)
    if about is not None:
        choose(kind, about, actor=actor)
    with transaction.atomic():
        member = Membership.objects.visible_to(actor).filter(pk=actor.membership_id).first()
        if member is None or not is_address(member.email):
            raise NotReady("A test goes to who asks for it, and you have no mail address here.")
        row = Delivery(
            reseller_id=actor.reseller_id,
            channel=Delivery.Channel.MAIL,
            topic=kind.name,
            membership=member,
            recipient=member.email,
            dedupe_key=f"letter:{kind.name}:test:{uuid4()}",
            about_id=about or uuid4(),
            language=language,
            facts={"test": True, "examples": about is None},
            due_at=timezone.now(),
        )
        made = _write_once(row, actor=actor)
        audit.record(actor, "notify.letter_tested", made)
    return made


def choose(kind: LetterKind, about: UUID, *, actor: Actor) -> dict[str, str]:
    """Return what the fields say of something that a letter is tried out with.

    Raises:
        NotFound: it is not there for this actor, or the kind has nothing to try out with.
    """
    if kind.sample is None:
        raise NotFound
    return dict(kind.sample(about, actor=actor))


def _write_once(row: Delivery, *, actor: Actor) -> Delivery:
    own = Delivery.objects.visible_to(actor).filter(dedupe_key=row.dedupe_key)
    Delivery.objects.bulk_create([row], ignore_conflicts=True)
    found: Delivery = own.get()
    if found.pk == row.pk and found.state == Delivery.State.WAITING:
        ask_delivery(found, actor=actor)
    return found


def _locked(kind: LetterKind, language: str, *, actor: Actor) -> LetterTemplate | None:
    rows = LetterTemplate.objects.visible_to(actor).select_for_update(of=("self",))
    row: LetterTemplate | None = rows.filter(kind=kind.name, language=language).first()
    return row


def _is_printable(text: str) -> bool:
    return all(character.isprintable() or character in "\n\t" for character in text)
