"""Where mail goes while the installation is read-only: nowhere."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from structlog import get_logger

log = get_logger(__name__)


class HeldBack(BaseEmailBackend):
    """Sends nothing and says so in the log, without a word of the message."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        log.warning("mail_held_back", messages=len(email_messages))
        return 0
