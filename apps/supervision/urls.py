from django.urls import include, path

from apps.supervision import views
from apps.supervision.models import Closing, Extension, Instruction

app_name = "supervision"


def item_urls(name, model):
    return [
        path("<int:pk>/", views.item, {"model": model}, name=name),
        path("<int:pk>/<slug:move>/", views.transition, {"model": model}, name=f"{name}_transition"),
    ]


of_plan = [
    path("measures/<code:code>/instruct/", views.instruct_measure, name="instruct_measure"),
    path("indicators/<code:code>/instruct/", views.instruct_indicator, name="instruct_indicator"),
    path("measures/<code:code>/extend/", views.ask_extension, name="ask_extension"),
    path("measures/<code:code>/close/", views.ask_closing, name="ask_closing"),
    path("instructions/", views.instructions, name="instructions"),
    path("instructions/", include(item_urls("instruction", Instruction))),
    path("extensions/", include(item_urls("extension", Extension))),
    path("closings/", include(item_urls("closing", Closing))),
]
urlpatterns = [path("<slug:court>/<int:year>/", include(of_plan))]
