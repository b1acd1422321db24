"""By which headers a service is told which call is which.

Partner Center and Microsoft Graph both take an id from the caller and repeat it in the answer, but
under different names. Graph repeats it only when asked to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Dialect:
    """Header names of one service.

    ``request_id`` is sent and expected back. ``correlation_id`` is None where the service has one
    id only. ``always`` goes out with every call.
    """

    request_id: str
    correlation_id: str | None
    locale: str
    always: Mapping[str, str] = field(default_factory=dict)

    def headers(self, *, request_id: str, correlation_id: str, locale: str) -> dict[str, str]:
        """Return the headers of one call."""
        named = {} if self.correlation_id is None else {self.correlation_id: correlation_id}
        return {self.request_id: request_id, **named, self.locale: locale, **self.always}


COMMERCE = Dialect(
    request_id="MS-RequestId",
    correlation_id="MS-CorrelationId",
    locale="X-Locale",
    always={"MS-Contract-Version": "v1"},
)
GRAPH = Dialect(
    request_id="client-request-id",
    correlation_id=None,
    locale="Accept-Language",
    always={"return-client-request-id": "true"},
)
