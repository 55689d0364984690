from django.urls import include, path

from apps.papers import views

app_name = "papers"
of_plan = [
    path("", views.papers, name="papers"),
    path("template/", views.template, name="template"),
    path("template.docx", views.template_file, name="template_file"),
    path("pillars/<int:number>.<slug:form>", views.pillar, name="pillar"),
    path("measures/<str:code>/dossier.<slug:form>", views.dossier, name="dossier"),
    path("issues/<int:number>/", views.issue, name="issue"),
    path("issues/<int:number>/paper.<slug:form>", views.issue_file, name="issue_file"),
    path("issues/<int:number>/withdraw/", views.issue_withdraw, name="issue_withdraw"),
    path("issues/<int:number>/compare/", views.issue_compare, name="issue_compare"),
    path("jobs/<uuid:key>/", views.job, name="job"),
    path("jobs/<uuid:key>/file/", views.job_file, name="job_file"),
    path("<slug:kind>/", views.paper, name="paper"),
    path("<slug:kind>/print/", views.paper_print, name="print"),
    path("<slug:kind>/making/", views.job_ask, name="job_ask"),
    path("<slug:kind>.<slug:form>", views.paper_file, name="file"),
]
urlpatterns = [path("<slug:court>/<int:year>/reports/", include(of_plan))]
