"""Mail leaves here and nowhere else: a letter in two forms, with headers nobody can add to."""

import smtplib
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from portal.core.errors import InvalidInput, Unavailable
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
    sender = settings.DEFAULT_FROM_EMAIL
    host = sender.rpartition("@")[2].strip("> ") or "localhost"
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"notify/{letter.template}.txt", context),
        from_email=sender,
        to=[plain_line(to)],
        headers={
            "Message-ID": f"<{delivery_id}@{host}>",
            "List-Unsubscribe": f"<{preferences_url}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(
        render_to_string(f"notify/{letter.template}.html", context), "text/html"
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        if codes and all(code >= 500 for code in codes):
            raise InvalidInput(
                f"The mail server refuses {to} ({codes[0]}).", code="mail_refused"
            ) from None
        raise Unavailable("The mail server does not take this address now.") from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(
            f"The mail server did not take it: {type(error).__name__}.", code="mail_unavailable"
        ) from None
    return subject


def plain_line(text: str) -> str:
    """Return a text as one line: a header with a line break would be two."""
    return " ".join(text.replace("\x00", "").split())[:SUBJECT_LENGTH]
