from django.urls import include, path

from apps.reporting.views import drafts, evidence, reviews

app_name = "reporting"

report_urls = [
    path("", reviews.report, name="report"),
    path("approve/", reviews.approve, name="approve"),
    path("return/", reviews.return_to_writer, name="return"),
    path("withdraw/", reviews.withdraw, name="withdraw"),
    path("recall/", reviews.recall, name="recall"),
    path("evidence/<int:evidence_pk>/", evidence.download_evidence, name="evidence"),
    path("evidence/<int:evidence_pk>/remove/", evidence.remove_evidence, name="remove_evidence"),
]
of_measure = [
    path("report/", drafts.write, name="write"),
    path("report/evidence/", evidence.upload_evidence, name="upload"),
    path("report/what-if/", drafts.what_if, name="what_if"),
    path("report/no-change/", drafts.no_change, name="no_change"),
    path("reports/<int:pk>/", include(report_urls)),
]
urlpatterns = [
    path("reviews/", reviews.review_queue, name="reviews"),
    path("reviews/approve/", reviews.approve_several, name="approve_several"),
    path("<slug:court>/<int:year>/measures/<code:code>/", include(of_measure)),
]
