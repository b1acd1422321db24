"""The kinds of letter there are, and what each may say.

A kind lists the merge fields its text may use; nothing else can be reached from a text. What a
field says is computed when a letter is sent, from the rows as they are then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from portal.core.access import Actor


@dataclass(frozen=True, slots=True)
class MergeField:
    """A field such as ``Accounts.Email``, what it means, and what it might say.

    ``is_address``: it is one mail address, so *To* may name it. ``is_link``: what it says becomes a
    link. ``is_secret``: it is offered only where the kind's ``allows`` says so.
    """

    name: str
    meaning: str
    example: str
    is_address: bool = False
    is_link: bool = False
    is_secret: bool = False

    @property
    def tag(self) -> str:
        """The field as it is written in a text."""
        return f"{{#{self.name}#}}"


@dataclass(frozen=True, slots=True)
class Choice:
    """Something real that a letter can be looked at with."""

    id: UUID
    label: str


Values = Mapping[str, str]


def _nothing_to_choose(_actor: "Actor") -> Sequence[Choice]:
    return ()


def _nothing_secret(_actor: "Actor") -> bool:
    return False


@dataclass(frozen=True, slots=True)
class LetterKind:
    """One reason to write to somebody.

    ``values(subject_id, *, actor)`` returns what each field says, by the field's name, or None
    when nothing is left to say; it is called in a transaction. ``choices`` and ``sample`` are for
    looking at a letter before it is sent: what there is to choose, and what the fields would say
    of it; nothing secret is among that. ``allows_secrets`` tells whether the reseller lets secret
    fields into its letters. ``fixed_recipient``: *To* may hold fields alone, no address written
    out, because the letter opens a door. ``goes_to`` says whom it goes to where *To* is not the
    reseller's to choose. ``sent(subject_id, *, actor, carried)`` is called in the transaction that
    notes that a letter was sent; ``carried`` tells whether a secret stood in it. ``translations``
    are built-in texts: subject and body by language.
    """

    name: str
    label: str
    fields: tuple[MergeField, ...]
    values: Callable[..., Values | None]
    default_to: str
    default_subject: str
    default_body: str
    description: str = ""
    translations: Mapping[str, tuple[str, str]] | None = None
    choices: Callable[["Actor"], Sequence[Choice]] = _nothing_to_choose
    sample: Callable[..., Values] | None = None
    allows_secrets: Callable[["Actor"], bool] = _nothing_secret
    fixed_recipient: bool = False
    goes_to: str = ""
    sent: Callable[..., None] | None = None

    def offered(self, actor: "Actor") -> dict[str, MergeField]:
        """Return the fields a text of this reseller may use, by their name in small letters."""
        secrets = self.allows_secrets(actor)
        return {
            field.name.lower(): field for field in self.fields if secrets or not field.is_secret
        }


_kinds: dict[str, LetterKind] = {}


def register_letter(kind: LetterKind) -> None:
    """Let a kind of letter be written and sent; one of each name."""
    if _kinds.setdefault(kind.name, kind) is not kind:
        raise LookupError(f"A letter is called {kind.name!r} already.")


def letter_named(name: str) -> LetterKind | None:
    """Return a kind, or None: a worker of an older release does not know it."""
    return _kinds.get(name)


def letter_kinds() -> tuple[LetterKind, ...]:
    """Return every kind there is, by label."""
    return tuple(sorted(_kinds.values(), key=lambda kind: kind.label))
