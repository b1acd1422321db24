"""What a reseller wrote for a kind of letter, in one language.

Where there is no row the built-in text holds. A text is data: it names merge fields and nothing
else of it is ever read as a program.
"""

from django.db import models
from django.db.models import Q

from portal.core.rows import ResellerOwned

TO_LENGTH, SUBJECT_LENGTH, BODY_LENGTH = 500, 200, 20_000


class LetterTemplate(ResellerOwned):
    """The reseller's own *To*, subject and text; ``language`` is a code such as ``nl``."""

    kind = models.CharField(max_length=60)
    language = models.CharField(max_length=10)
    to = models.CharField(max_length=TO_LENGTH)
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    body = models.TextField(max_length=BODY_LENGTH)
    changed_by = models.CharField(max_length=250)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(ResellerOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["reseller", "kind", "language"], name="notify_lettertemplate_one"
            ),
            models.CheckConstraint(
                name="notify_lettertemplate_says_something",
                condition=~Q(to="") & ~Q(subject="") & ~Q(body=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.language})"
