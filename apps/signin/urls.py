from django.urls import path

from apps.signin import views

app_name = "signin"
urlpatterns = [
    path("login/second/", views.verify, name="verify"),
    path("login/set-up/", views.set_up, name="set_up"),
    path("password/", views.password, name="password"),
    path("password/others/", views.sign_out_others, name="sign_out_others"),
    path("password/second-factor/", views.second_factor, name="second_factor"),
    path("office/people/<int:pk>/sign-in/", views.person, name="person"),
    path("office/people/<int:pk>/sign-in/<slug:act>/", views.help_person, name="help"),
]
