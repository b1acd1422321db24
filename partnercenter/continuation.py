"""A place in a listing that survives the process.

Discovery stores it with every page, so that a killed run goes on where it stopped. It is plain
data: restoring it trusts nothing, because what is stored may be old or edited.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from partnercenter.errors import PagingError

LONGEST_TOKEN = 16_384


@dataclass(frozen=True, slots=True)
class Continuation:
    """The way to page ``number`` of ``listing``: a token, or an offset.

    ``mark`` is a digest of the page before. Tokens are Microsoft's, opaque, and lose their worth
    after a time they do not tell.
    """

    listing: str
    number: int
    token: str
    offset: int
    mark: str

    @classmethod
    def start(cls, listing: str) -> "Continuation":
        """Return the place before the first page."""
        return cls(listing=listing, number=1, token="", offset=0, mark="")

    def next(self, *, token: str, offset: int, mark: str) -> "Continuation":
        """Return the place one page further; an empty page keeps the mark of the one before."""
        return Continuation(
            listing=self.listing,
            number=self.number + 1,
            token=token,
            offset=offset,
            mark=mark or self.mark,
        )

    def to_dict(self) -> dict[str, str | int]:
        """Return it as JSON values."""
        return {
            "listing": self.listing,
            "number": self.number,
            "token": self.token,
            "offset": self.offset,
            "mark": self.mark,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Continuation":
        """Restore what ``to_dict`` gave. Raises: PagingError when it is something else."""
        texts = [stored.get(name) for name in ("listing", "token", "mark")]
        numbers = [stored.get(name) for name in ("number", "offset")]
        if not all(isinstance(text, str) for text in texts) or not all(
            isinstance(number, int) and not isinstance(number, bool) and number >= 0
            for number in numbers
        ):
            raise PagingError("A stored place in a listing is damaged.", transient=False)
        place = cls(**{name: stored[name] for name in cls.__slots__})
        if place.token:
            check_token(place.token, page=place.number)
        return place


def check_token(token: str, *, page: int) -> None:
    """Refuse what cannot be sent back as a header. Raises: PagingError."""
    if len(token) > LONGEST_TOKEN or not token.isascii() or not token.isprintable():
        raise PagingError("A continuation token is not usable.", page=page)
