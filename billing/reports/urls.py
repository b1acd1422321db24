"""Addresses of this capability. A month is written as 2026-05."""

from django.urls import path

from billing.reports import line_views, partner_views, views

app_name = "reports"
urlpatterns = [
    path("", views.ReportListPage.as_view(), name="report_list"),
    path("<str:month>/", views.ReportDetailPage.as_view(), name="report_detail"),
    path("<str:month>/export/", views.ReportExportPage.as_view(), name="report_export"),
    path("<str:month>/lines/export/", views.MonthLinesExportPage.as_view(), name="line_export"),
    path("<str:month>/resellers/", partner_views.PartnersPage.as_view(), name="partners"),
    path(
        "<str:month>/resellers/export/",
        partner_views.PartnersExportPage.as_view(),
        name="partners_export",
    ),
    path("<str:month>/unassigned/", views.UnassignedPage.as_view(), name="unassigned"),
    path(
        "<str:month>/organizations/<uuid:organization_id>/",
        views.OrganizationReportPage.as_view(),
        name="organization_report",
    ),
    path(
        "<str:month>/tenants/<uuid:microsoft_id>/",
        line_views.TenantLinesPage.as_view(),
        name="tenant_lines",
    ),
    path("<str:month>/unnamed/", line_views.TenantLinesPage.as_view(), name="unnamed_lines"),
]
