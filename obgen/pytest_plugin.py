"""What pytest finds by itself where obgen is installed: the fixture `salesforce_org`.

pytest loads this at every start, in projects that use obgen and in those that don't; so it loads
nothing of obgen until a test asks for the fixture.
"""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from obgen.testing import Organization

_ORGANIZATION_ID = "obgen_organization_id"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare what a pytest configuration may say."""
    parser.addini(
        _ORGANIZATION_ID,
        "The Salesforce organization that the fixture salesforce_org is; "
        "it has to be one that your receiver allows.",
        default="",
    )


@pytest.fixture
def salesforce_org(request: pytest.FixtureRequest) -> "Organization":
    """A Salesforce organization: `build` makes its records, `message` what it sends of them.

    Its id is obgen_organization_id of the pytest configuration, or obgen.testing.ORGANIZATION_ID.
    """  # noqa: D401 - `pytest --fixtures` shows it as what the fixture is
    from obgen.testing import ORGANIZATION_ID, Organization

    return Organization(request.config.getini(_ORGANIZATION_ID) or ORGANIZATION_ID)
