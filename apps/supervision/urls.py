from django.urls import include, path

from apps.supervision import views
from apps.supervision.models import Closing, Extension, Instruction

app_name = "supervision"


def matter(name, model):
    return [
        path("<int:pk>/", views.matter, {"model": model}, name=name),
        path("<int:pk>/<slug:move>/", views.step, {"model": model}, name=f"{name}_step"),
    ]


of_plan = [
    path("measures/<code:code>/instruct/", views.instruct_measure, name="instruct_measure"),
    path("indicators/<code:code>/instruct/", views.instruct_indicator, name="instruct_indicator"),
    path("measures/<code:code>/extend/", views.ask_extension, name="ask_extension"),
    path("measures/<code:code>/close/", views.ask_closing, name="ask_closing"),
    path("instructions/", views.instructions, name="instructions"),
    path("instructions/", include(matter("instruction", Instruction))),
    path("extensions/", include(matter("extension", Extension))),
    path("closings/", include(matter("closing", Closing))),
]
urlpatterns = [path("<slug:court>/<int:year>/", include(of_plan))]
