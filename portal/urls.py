"""Every address of the portal. Each capability owns its own; here they only get their place."""

from django.conf import settings
from django.urls import include, path

from portal.web import health
from portal.web.metrics import metrics_page
from tenants.discovery.metrics import SYNC_AGE

handler404 = "portal.web.failures.page_not_found"
handler500 = "portal.web.failures.server_error"

urlpatterns = [
    path("", include("billing.overview.urls")),
    path("health/live/", health.live, name="health_live"),
    path("health/ready/", health.ready, name="health_ready"),
    path("metrics/", metrics_page(SYNC_AGE), name="metrics"),
    path("auth/", include("portal.web.signin_urls")),
    path("me/", include("portal.web.me.urls")),
    path("jobs/", include("portal.web.jobs.urls")),
    path("audit/", include("portal.web.audit.urls")),
    path("find/", include("portal.web.finding.urls")),
    path("tables/", include("portal.web.tables.urls")),
    path("services/", include("organizations.linking.service_urls")),
    path("tenants/bulk/", include("organizations.bulk.urls")),
    path("tenants/suggestions/", include("organizations.suggestions.urls")),
    path("tenants/", include("organizations.linking.urls")),
    path("alerts/", include("organizations.alert.urls")),
    path("messages/letters/", include("portal.notify.letters.urls")),
    path("messages/", include("portal.notify.urls")),
    path("first-passwords/", include("organizations.passwords.urls")),
    path("welcome/", include("organizations.passwords.welcome_urls")),
    path("tenants/", include("organizations.ignoring.urls")),
    path("tenants/", include("organizations.offboarding.urls")),
    path("tenants/", include("organizations.agreements.urls")),
    path("tenants/", include("billing.moving.urls")),
    path("organizations/", include("organizations.directory.urls")),
    path("organizations/", include("organizations.synchronizing.urls")),
    path("", include("organizations.fields.urls")),
    path("", include("organizations.indirect.urls")),
    path("imports/", include("organizations.files.urls")),
    path("provisioning/", include("organizations.provisioning.urls")),
    path("organizations/", include("organizations.merging.urls")),
    path("members/", include("organizations.members.urls")),
    path("connections/", include("tenants.connections.urls")),
    path("connections/", include("tenants.integration.urls")),
    path("discovery-runs/", include("tenants.discovery.urls")),
    path("", include("tenants.notifications.urls")),
    path("invoices/", include("billing.invoices.urls")),
    path("reports/", include("billing.reports.urls")),
    path("reports/", include("billing.closing.urls")),
    path("api/", include("portal.api")),
]

if settings.DEBUG:
    from portal.web.gallery import gallery_page

    urlpatterns.append(path("gallery/", gallery_page, name="gallery"))
