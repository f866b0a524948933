"""The applications that test_servers puts under real servers, one for each adapter.

All answer at PATH, with and without a slash at the end, and take the messages of the samples. It is
for child processes alone, since Django is set up for one purpose in a process.
"""

from typing import Final

import django
import flask
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.urls import re_path
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Route
from support_adapters import Opportunity
from support_servers import BODY_TIMEOUT, LIMIT, PATH

import obgen
from obgen import adapters

receiver = obgen.Receiver(
    organization_ids="00D000000000001EAA", limits=obgen.Limits(max_bytes=LIMIT)
)


@receiver.handles(Opportunity)
def handle(_record: Opportunity, _delivery: obgen.Delivery) -> None:
    """Take everything."""


wsgi_app = adapters.wsgi.app(receiver, body_timeout=BODY_TIMEOUT)
asgi_app = adapters.asgi.app(receiver, body_timeout=BODY_TIMEOUT)

flask_app = flask.Flask(__name__)
flask_app.add_url_rule(
    PATH,
    view_func=adapters.flask.view(receiver, body_timeout=BODY_TIMEOUT),
    strict_slashes=False,
)

endpoint = adapters.starlette.endpoint(receiver, body_timeout=BODY_TIMEOUT)
PATHS: Final = (PATH, f"{PATH}/")
starlette_app = Starlette(routes=[Route(path, endpoint, methods=["POST"]) for path in PATHS])
fastapi_app = FastAPI()
for path in PATHS:
    fastapi_app.post(path)(endpoint)


class Urls:
    """What Django finds its views by."""

    urlpatterns = (
        re_path(r"^salesforce/?$", adapters.django.view(receiver, body_timeout=BODY_TIMEOUT)),
        re_path(r"^async/salesforce/?$", adapters.django.async_view(receiver)),
    )


settings.configure(
    ALLOWED_HOSTS=["localhost"],
    MIDDLEWARE=[
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
    ROOT_URLCONF=Urls,
    SECRET_KEY="of these tests",  # noqa: S106 - nothing real is signed with it
)
django.setup()
django_wsgi_app = get_wsgi_application()
django_asgi_app = get_asgi_application()
