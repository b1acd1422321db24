"""Mail leaves here and nowhere else: a letter in two forms, with headers nobody can add to."""

import smtplib
from collections.abc import Mapping, Sequence
from uuid import UUID

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.views.decorators.debug import sensitive_variables

from portal.core.errors import InvalidInput, Unavailable
from portal.core.failpoints import failpoint
from portal.notify.providers import failure_of
from portal.notify.topics import Letter

SUBJECT_LENGTH = 200


def send(letter: Letter, *, to: str, delivery_id: UUID, preferences_url: str) -> str:
    """Send a letter and return its subject.

    The message id is the delivery's, so that a mailbox that got it twice can tell.

    Raises:
        InvalidInput: the mail server refuses the address for good.
        Unavailable: the mail server does not take it now.
    """
    subject = plain_line(letter.subject)
    context = {**letter.context, "subject": subject, "preferences_url": preferences_url}
    _send(
        subject=subject,
        text=render_to_string(f"notify/{letter.template}.txt", context),
        html=render_to_string(f"notify/{letter.template}.html", context),
        to=[plain_line(to)],
        delivery_id=delivery_id,
        headers={"List-Unsubscribe": f"<{preferences_url}>"},
    )
    return subject


@sensitive_variables()
def send_text(
    *, subject: str, text: str, html: str, to: Sequence[str], delivery_id: UUID, language: str
) -> str:
    """Send a text that somebody wrote to addresses that were checked; return its subject.

    Raises:
        InvalidInput: the mail server refuses every address for good.
        Unavailable: the mail server does not take it now. ``data["maybe_sent"]``: it fell silent
            when it may have taken it already.
    """
    subject = plain_line(subject)
    context = {"subject": subject, "letter": html, "language": language}
    page = render_to_string("notify/letter.html", context)
    _send(subject=subject, text=text, html=page, to=to, delivery_id=delivery_id, headers={})
    return subject


@sensitive_variables()
def _send(
    *,
    subject: str,
    text: str,
    html: str,
    to: Sequence[str],
    delivery_id: UUID,
    headers: Mapping[str, str],
) -> None:
    sender = settings.DEFAULT_FROM_EMAIL
    host = sender.rpartition("@")[2].strip("> ") or "localhost"
    message = EmailMultiAlternatives(
        subject=subject,
        body=text,
        from_email=sender,
        to=list(to),
        headers={
            "Message-ID": f"<{delivery_id}@{host}>",
            **headers,
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(html, "text/html")
    failpoint("mail.before_send")
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        if codes and all(code >= 500 for code in codes):
            raise InvalidInput(
                f"The mail server refuses {', '.join(to)} ({codes[0]}).", code="mail_refused"
            ) from None
        raise Unavailable("The mail server does not take this address now.") from None
    except AnymailError as error:
        raise failure_of(error, to=list(to)) from None
    except (smtplib.SMTPException, OSError) as error:
        definite = isinstance(error, smtplib.SMTPResponseException | ConnectionRefusedError)
        raise Unavailable(
            f"The mail server did not take it: {type(error).__name__}.",
            code="mail_unavailable",
            data={"maybe_sent": not definite},
        ) from None
    failpoint("mail.sent")


def plain_line(text: str) -> str:
    """Return a text as one line: a header with a line break would be two."""
    return " ".join(text.replace("\x00", "").split())[:SUBJECT_LENGTH]
