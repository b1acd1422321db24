"""Addresses of this capability."""

from django.urls import path

from billing.invoices import line_views, views

app_name = "invoices"
urlpatterns = [
    path("", views.InvoiceListPage.as_view(), name="invoice_list"),
    path("import/", views.ImportPage.as_view(), name="import"),
    path("<uuid:invoice_id>/", line_views.InvoiceDetailPage.as_view(), name="invoice_detail"),
    path("<uuid:invoice_id>/export/", views.InvoiceExportPage.as_view(), name="line_export"),
    path(
        "<uuid:invoice_id>/lines/<int:number>/",
        line_views.LineDetailPage.as_view(),
        name="line_detail",
    ),
]
