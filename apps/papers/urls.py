from django.urls import include, path

from apps.papers.views import drafts, issues, jobs, templates

app_name = "papers"
of_plan = [
    path("", drafts.papers, name="papers"),
    path("template/", templates.template, name="template"),
    path("template.docx", templates.template_file, name="template_file"),
    path("pillars/<int:number>.<slug:form>", drafts.pillar, name="pillar"),
    path("measures/<str:code>/dossier.<slug:form>", drafts.dossier, name="dossier"),
    path("issues/<int:number>/", issues.issue, name="issue"),
    path("issues/<int:number>/paper.<slug:form>", issues.issue_file, name="issue_file"),
    path("issues/<int:number>/withdraw/", issues.issue_withdraw, name="issue_withdraw"),
    path("issues/<int:number>/compare/", issues.issue_compare, name="issue_compare"),
    path("jobs/<uuid:key>/", jobs.job, name="job"),
    path("jobs/<uuid:key>/file/", jobs.job_file, name="job_file"),
    path("<slug:kind>/", drafts.paper, name="paper"),
    path("<slug:kind>/print/", drafts.paper_print, name="print"),
    path("<slug:kind>/making/", jobs.job_ask, name="job_ask"),
    path("<slug:kind>.<slug:form>", drafts.paper_file, name="file"),
]
urlpatterns = [path("<slug:court>/<int:year>/reports/", include(of_plan))]
