"""Which tenant domains are taken."""

from partnercenter.transport import Transport, join_path


class Domains:
    """Domains under which tenants can be made."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def is_taken(self, full_domain: str) -> bool:
        """Say whether a full domain (``contoso.onmicrosoft.com``) belongs to a tenant already.

        A free one can be taken a moment later, so creating must expect that all the same.
        """
        path = join_path("v1", "domains", full_domain.strip().lower())
        # 404 is the good news here, not a failure.
        answer = self._transport.call("HEAD", path, also=frozenset({404}))
        return answer.status != 404
