"""Sends due webhook events to the registered receiver and records how each attempt went.

A server runs it in a thread; tests that stand on no socket call `deliver_due` themselves and pass
what receives.
"""

import logging
import threading
from collections.abc import Callable, Mapping

import requests

from partnercenter.simulator.signing import ALGORITHM
from partnercenter.simulator.site import Site
from partnercenter.simulator.stores.webhooks import Delivery, Registration

_PATIENCE_SECONDS = 10
_LOOK_AGAIN_SECONDS = 1.0
_LOOK_FOR_MONTH_SECONDS = 60.0
CERTIFICATE_FOLDER = "/webhooks/certificates"

Post = Callable[[str, bytes, Mapping[str, str]], int]
"""Sends a body to a URL and returns the status; raises OSError when there is no answer."""

logger = logging.getLogger(__name__)


def post_over_http(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Send an event; a redirect is an answer, not a way to go."""
    answer = requests.post(
        url, data=body, headers=headers, timeout=_PATIENCE_SECONDS, allow_redirects=False
    )
    return answer.status_code


class Courier:
    """Delivers what the webhook store says is due."""

    def __init__(
        self, site: Site, *, settle: Callable[[], None], post: Post = post_over_http
    ) -> None:
        """Deliver for a site; `settle` records what time alone has brought, which is told too."""
        self._site = site
        self._settle = settle
        self._sending = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self.post = post

    def start(self) -> None:
        """Deliver in a background thread until `stop`."""
        self._stopped.clear()
        self._thread = threading.Thread(target=self._run, name="webhook-courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a delivery on its way is waited for."""
        self._stopped.set()
        self._site.webhooks.stirred.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def deliver_due(self) -> int:
        """Send everything that is due, copies and first repetitions too; return the attempts."""
        made = 0
        self._settle()
        with self._sending:
            while not self._stopped.is_set():
                site = self._site
                due = site.webhooks.due(site.clock(), site.switches)
                registration = site.webhooks.registration
                if not due or registration is None:
                    break
                for delivery in due:
                    self._attempt(delivery, registration)
                    made += 1
        return made

    def _run(self) -> None:
        webhooks = self._site.webhooks
        while not self._stopped.is_set():
            # The clock may be moved or a switch turned without a word: look again soon while
            # anything is left, and otherwise often enough to tell of a new month's invoices.
            left = webhooks.any_left(self._site.switches)
            webhooks.stirred.wait(_LOOK_AGAIN_SECONDS if left else _LOOK_FOR_MONTH_SECONDS)
            webhooks.stirred.clear()
            self.deliver_due()

    def _attempt(self, delivery: Delivery, registration: Registration) -> None:
        status, error = None, ""
        try:
            status = self.post(
                registration.url, delivery.body, self._headers(delivery, registration)
            )
        except OSError as failure:
            error = type(failure).__name__
            logger.info("webhook event %s was not delivered: %s", delivery.event, error)
        self._site.ledger.record("webhook_attempted", delivery.id, status=status, error=error)

    def _headers(self, delivery: Delivery, registration: Registration) -> dict[str, str]:
        signer = self._site.event_signer
        signature = signer.sign(delivery.body)
        own = registration.signature_header
        return {
            "x-ms-signature" if own else "Authorization": (
                signature if own else f"Signature {signature}"
            ),
            "X-MS-Certificate-Url": (
                f"https://{registration.host}{CERTIFICATE_FOLDER}/{signer.certificate_name}"
            ),
            "X-MS-Signature-Algorithm": ALGORITHM,
            "Content-Type": "application/json; charset=utf-8",
        }
