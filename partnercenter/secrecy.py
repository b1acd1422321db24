"""Texts that do not show themselves.

Whatever prints the variables of a failed call, such as a crash reporter, prints their ``repr``. So
secrets, tokens and the headers and bodies made of them are of these types. Putting one into another
text makes an ordinary text again: that happens where it is sent, and nowhere else.
"""

from typing import Any, NoReturn

_SHOWN = "'***'"


class Secret(str):
    """A text whose ``repr`` is ``***``, and which is not pickled."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _SHOWN

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("A secret is not pickled.")

    def __deepcopy__(self, memo: Any) -> "Secret":
        return self


class SecretBytes(bytes):
    """Bytes, otherwise as `Secret`; as a text they are ``***`` too."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _SHOWN

    __str__ = __repr__

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("A secret is not pickled.")

    def __deepcopy__(self, memo: Any) -> "SecretBytes":
        return self


class SecretDict(dict[str, Any]):
    """A mapping that prints nothing of what it holds."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _SHOWN

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("A secret is not pickled.")


def hidden(value: object) -> SecretDict | None:
    """Return a JSON object that prints nothing of itself, None for anything else."""
    return SecretDict(value) if isinstance(value, dict) else None
