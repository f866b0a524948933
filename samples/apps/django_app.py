"""Receive outbound messages in a Django project, which is all in this file.

    gunicorn --chdir samples apps.django_app:app

Salesforce sends to http://127.0.0.1:8000/salesforce, with or without a slash at the end. In a real
project the receiver and its handlers stand in a module of an app, the path in its `urls.py`. With
async handlers take `async_view`, and `get_asgi_application()` under uvicorn or its like.
"""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from outbound.opportunity import Opportunity

import obgen
from obgen import adapters

receiver = obgen.Receiver(organization_ids=["00D000000000001EAA"])


@receiver.handles(Opportunity)
def changed(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
    """Return to say "done", raise to say "again"."""
    if not opportunity.name:
        raise ValueError("it has no name yet")  # so it comes again, for 24 hours
    print(f"{delivery.notification_id}: {opportunity.id} is {opportunity.stage_name}")


def home(_request: HttpRequest) -> HttpResponse:
    """Say that the project is up."""
    return HttpResponse("up")


urlpatterns = [
    path("", home),
    re_path(r"^salesforce/?$", adapters.django.view(receiver)),
]

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ.get("SECRET_KEY", "only good for trying things out"),
)
app = get_wsgi_application()
