"""The REST API's addresses: one noun per capability under ``/api/v1/``, its schema and its docs."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

import billing.invoices.api
import billing.moving.api
import billing.reconciliation.api
import billing.reports.api
import organizations.agreements.api
import organizations.alert.api
import organizations.bulk.api
import organizations.directory.api
import organizations.fields.api
import organizations.files.api
import organizations.indirect.api
import organizations.linking.api
import organizations.members.api
import organizations.passwords.api
import organizations.provisioning.api
import organizations.suggestions.api
import organizations.synchronizing.api
import portal.notify.api
import portal.notify.letters.api
import portal.web.audit.api
import portal.web.finding.api
import portal.web.jobs.api
import portal.web.me.api
import portal.web.tables.api
import tenants.connections.api
import tenants.discovery.api
import tenants.integration.api

router = SimpleRouter()
for module in (
    tenants.connections.api,
    tenants.discovery.api,
    tenants.integration.api,
    organizations.directory.api,
    organizations.fields.api,
    organizations.files.api,
    organizations.indirect.api,
    organizations.members.api,
    organizations.provisioning.api,
    organizations.linking.api,
    organizations.agreements.api,
    organizations.alert.api,
    portal.notify.api,
    portal.notify.letters.api,
    organizations.passwords.api,
    organizations.bulk.api,
    organizations.suggestions.api,
    organizations.synchronizing.api,
    billing.invoices.api,
    billing.moving.api,
    billing.reconciliation.api,
    billing.reports.api,
    portal.web.jobs.api,
    portal.web.audit.api,
    portal.web.me.api,
    portal.web.tables.api,
    portal.web.finding.api,
):
    for prefix, viewset in module.ROUTES:
        router.register(prefix, viewset, basename=getattr(viewset, "route_name", prefix))

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("v1/", include((router.urls, "api"))),
]
