"""Where Microsoft sends events to: no session, no form, a key in the address and a signature."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View
from structlog import get_logger

from partnercenter.errors import MalformedAnswer
from partnercenter.webhook_signatures import (
    LONGEST_BODY,
    CertificateUnavailable,
    SignatureRefused,
)
from portal.core.errors import NotReady
from portal.core.identity.queries import is_held
from portal.core.limits import Limit, take
from portal.web.limits import address_of
from tenants.connections.failures import code_of
from tenants.notifications.certificates import DOWNLOAD_SECONDS
from tenants.notifications.queries import registration_by_key
from tenants.notifications.receiving import receive

SIGNED = ("X-Ms-Certificate-Url", "X-Ms-Signature-Algorithm")
log = get_logger(__name__)


@method_decorator(login_not_required, name="dispatch")
@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(transaction.non_atomic_requests, name="dispatch")
class ReceiverView(View):
    """Takes one event in. What is cheap to refuse is refused first."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Answer 202 for news, 208 for a repeat, and otherwise no more than that it was refused."""
        limit = Limit(f"shared:webhook:{address_of(request)}", settings.LIMIT_WEBHOOK)
        allowance = take([limit])
        if allowance is not None and not allowance.allowed:
            return _refused(429, "too_many", retry_after=allowance.reset_seconds)
        if not all(request.headers.get(name) for name in SIGNED):
            return _refused(401, "headers_refused")
        registration = registration_by_key(key)
        if registration is None:
            return _refused(404, "not_found")
        body = request.read(LONGEST_BODY + 1)
        if len(body) > LONGEST_BODY:
            return _refused(413, "too_large")
        if is_held(registration.reseller_id):
            return _refused(503, "read_only", retry_after=DOWNLOAD_SECONDS)
        try:
            receipt = receive(registration, headers=request.headers, body=body)
        except CertificateUnavailable as error:
            return _refused(503, code_of(error), retry_after=DOWNLOAD_SECONDS)
        except SignatureRefused as error:
            log.warning("event_refused", reseller=registration.reseller_id, code=code_of(error))
            return _refused(401, code_of(error))
        except MalformedAnswer as error:
            return _refused(400, code_of(error))
        except NotReady as error:
            return _refused(503, error.code, retry_after=DOWNLOAD_SECONDS)
        return JsonResponse({"code": "accepted"}, status=202 if receipt.is_new else 208)


def _refused(status: int, code: str, *, retry_after: int = 0) -> HttpResponse:
    response = JsonResponse({"code": code}, status=status)
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response
