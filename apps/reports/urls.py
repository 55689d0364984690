from django.urls import path

from apps.reports import views

app_name = "reports"
urlpatterns = [
    path("<slug:court>/<int:year>/reports/", views.papers, name="papers"),
    path("<slug:court>/<int:year>/reports/ledger.xlsx", views.ledger, name="ledger"),
    path("<slug:court>/<int:year>/reports/breakdown.xlsx", views.breakdown, name="breakdown"),
]
