"""The refusal a room raises, and the envelope it is sent in.

    SimulatorError          the simulator cannot start: its input is wrong
    Problem                 one refused request: status, code, description
    └── NamedProblem        the same in the longer envelope some routes use

Codes come from Microsoft's error code page. The same code means different things on different
statuses, so a Problem always names both.
"""

from collections.abc import Mapping, Sequence


class SimulatorError(Exception):
    """The simulator cannot run with what it was given; the text says what and where."""


class Problem(Exception):
    """A refused request."""

    def __init__(
        self,
        status: int,
        code: int,
        description: str,
        *,
        data: Sequence[object] = (),
        headers: Mapping[str, str] | None = None,
        code_as_text: bool = False,
        source: str = "PartnerFD",
    ) -> None:
        super().__init__(f"{status}/{code}: {description}")
        self.status = status
        self.code = code
        self.description = description
        self.data = list(data)
        self.headers = dict(headers or {})
        self.code_as_text = code_as_text
        self.source = source

    def envelope(self) -> dict[str, object]:
        """Return the error body; some routes of the live service send the code as text."""
        return {
            "code": str(self.code) if self.code_as_text else self.code,
            "description": self.description[:1024],
            "data": self.data,
            "source": self.source,
        }


class NamedProblem(Problem):
    """A refusal in the longer envelope of the agreement and account status routes."""

    def __init__(
        self, status: int, code: int, description: str, *, name: str, **more: object
    ) -> None:
        super().__init__(status, code, description)
        self.name = name
        self.more = more

    def envelope(self) -> dict[str, object]:
        """Return the error body: the text twice, a name, and what its route adds."""
        return {
            "code": self.code,
            "message": self.description,
            "description": self.description,
            "errorName": self.name,
            "isRetryable": False,
            **self.more,
            "errorMessageExtended": f"InternalErrorCode={self.code}",
        }
