"""What is built is what works: wheel, sdist, editable install and a wheel that stays a zip.

Each is installed into a virtual environment of its own and used with the source tree out of reach:
every test makes sure of where its obgen came from.
"""

import email
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from email.message import Message
from pathlib import Path

import pytest
from support_venv import Environment, make_environment, run

ROOT = Path(__file__).parents[1]
WSDL = ROOT / "samples" / "wsdl" / "opportunity.wsdl"
MESSAGE = ROOT / "samples" / "messages" / "opportunity-one.xml"

pytestmark = pytest.mark.slow

RECEIVE = """
import sys
sys.path.insert(0, ".")
import obgen
from outbound.opportunity.handler import receiver
print(obgen.__file__)
print(receiver.receive(open(sys.argv[1], "rb").read()).body.decode())
"""
CHECK = """
import sys
from obgen.cli import main
code = main(["generate", "--check", sys.argv[1]])
print(code, sorted({"jinja2", "xsdata"} & set(sys.modules)))
"""


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the package that the obgen of the source tree generates."""
    output = tmp_path_factory.mktemp("expected") / "outbound"
    run(sys.executable, "-m", "obgen", "generate", WSDL, "-o", output, cwd=ROOT)
    return output / "opportunity"


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist from the source tree, and from that the wheel beside it."""
    return build(tmp_path_factory.mktemp("sdist")) / f"{name_of_this_version()}.tar.gz"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel straight from the source tree."""
    return wheel_in(build(tmp_path_factory.mktemp("wheel"), "--wheel"))


def build(directory: Path, *arguments: str) -> Path:
    """Build with what the test extra installs, without network, and return the directory."""
    build = (sys.executable, "-m", "build", "--no-isolation", "-o")
    run(*build, directory, *arguments, ROOT, cwd=directory)
    return directory


def name_of_this_version() -> str:
    """Return the name that built files begin with, read from the source."""
    lines = (ROOT / "obgen" / "__init__.py").read_text(encoding="utf-8").splitlines()
    (version,) = (line.split('"')[1] for line in lines if line.startswith("__version__ = "))
    return f"obgen-{version}"


def wheel_in(directory: Path) -> Path:
    """Return the one wheel in a directory."""
    (found,) = directory.glob("*.whl")
    return found


def contents(wheel: Path) -> Mapping[str, bytes]:
    """Return {name: bytes} of what is in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def metadata(wheel: Path) -> Message:
    """Return the metadata of a wheel."""
    (name,) = (name for name in contents(wheel) if name.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(contents(wheel)[name])


def test_the_wheel_holds_all_that_obgen_needs_and_no_more(wheel: Path) -> None:
    names = set(contents(wheel))
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "obgen").rglob("*.py")}
    templates = {f"obgen/templates/{path.name}" for path in (ROOT / "templates").glob("*.jinja")}
    assert {path.rpartition("/")[2] for path in templates} >= {
        "models.py.jinja",
        "handler.py.jinja",
    }
    info = {name for name in names if ".dist-info/" in name}
    assert names - info == modules | templates | {"obgen/py.typed"}
    assert {name.rpartition("/")[2] for name in info} >= {"METADATA", "LICENSE", "entry_points.txt"}


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    about = metadata(wheel)
    needed = [line for line in about.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert {line.partition(">=")[0] for line in needed} == {"lxml", "click", "jinja2", "xsdata"}
    assert about["Requires-Python"] == ">=3.11"
    assert about["License-Expression"] == "MIT"
    assert about["Description-Content-Type"] == "text/markdown"
    assert str(about.get_payload()).startswith("# obgen")


def test_the_sdist_is_the_source_tree(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", ".ci/run"} <= names
    for part in ("docs", "obgen", "samples", "templates", "tests"):
        files = [path for path in (ROOT / part).rglob("*") if path.is_file()]
        wanted = {path.relative_to(ROOT).as_posix() for path in files}
        assert {
            name for name in wanted if "_cache" not in name and "__pycache__" not in name
        } <= names


def test_the_wheel_of_the_sdist_is_the_wheel_of_the_tree(sdist: Path, wheel: Path) -> None:
    assert contents(wheel_in(sdist.parent)) == contents(wheel)


def test_templates_hold_no_python_file() -> None:
    # One is enough to break editable installs: hatchling then takes the directory for a package.
    assert not list((ROOT / "templates").rglob("*.py"))


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_an_installed_obgen_does_the_main_job(
    kind: str, tmp_path: Path, expected: Path, request: pytest.FixtureRequest
) -> None:
    artefact: Path = request.getfixturevalue(kind)
    environment = make_environment(tmp_path / "venv")
    environment.pip_install(artefact)
    work = make_work(tmp_path)

    run(environment.python.with_name("obgen"), "generate", WSDL.name, cwd=work)

    assert_main_job_done(environment, work, expected, environment.site_packages / "obgen")
    # To find that nothing changed takes neither the generator nor its dependencies.
    printed = environment.run("-c", CHECK, WSDL.name, cwd=work)
    assert printed == "0 []\n"


def test_pytest_finds_the_plugin_of_an_installed_obgen(tmp_path: Path, wheel: Path) -> None:
    environment = make_environment(tmp_path / "venv")
    environment.pip_install(wheel)
    work = make_work(tmp_path)
    (work / "test_it.py").write_text("def test_it(salesforce_org): salesforce_org.build\n", "utf-8")
    options = ["-p", "no:cacheprovider", "-W", "error"]

    # An application that starts pytest itself has loaded obgen by then.
    program = f"import sys, obgen, pytest; print(obgen.__file__); sys.exit(pytest.main({options}))"
    printed = environment.run("-c", program, cwd=work)

    assert printed.startswith(str(environment.site_packages))
    assert "1 passed" in printed


def test_a_wheel_that_stays_a_zip_finds_its_templates(
    tmp_path: Path, expected: Path, wheel: Path
) -> None:
    environment = make_environment(tmp_path / "venv")
    (environment.site_packages / "a_wheel.pth").write_text(f"{wheel}\n", encoding="utf-8")
    work = make_work(tmp_path)

    environment.run("-c", "from obgen.cli import main; main()", "generate", WSDL.name, cwd=work)

    assert_main_job_done(environment, work, expected, wheel / "obgen")


def test_an_editable_install_follows_the_source(tmp_path: Path, expected: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".*", "tests", "build", "dist"))
    environment = make_environment(tmp_path / "venv")
    environment.pip_install("--editable", tree)
    work = make_work(tmp_path)
    obgen = environment.python.with_name("obgen")

    run(obgen, "generate", WSDL.name, cwd=work)
    assert_main_job_done(environment, work, expected, tree / "obgen")

    with (tree / "templates" / "handler.py.jinja").open("a", encoding="utf-8") as template:
        template.write("# an edit that is alive\n")
    run(obgen, "generate", WSDL.name, "-o", "again", cwd=work)
    handler = (work / "again" / "opportunity" / "handler.py").read_text(encoding="utf-8")
    assert "# an edit that is alive\n" in handler


def make_work(tmp_path: Path) -> Path:
    """Return a directory with the sample's WSDL and message, away from the source tree."""
    work = tmp_path / "work"
    work.mkdir()
    shutil.copy(WSDL, work)
    shutil.copy(MESSAGE, work)
    return work


def assert_main_job_done(environment: Environment, work: Path, expected: Path, home: Path) -> None:
    """Check what was generated, receive the sample with it, and where that obgen came from."""
    for name in ("__init__.py", "models.py", "handler.py"):
        made = work / "outbound" / "opportunity" / name
        assert made.read_bytes() == (expected / name).read_bytes()
    arguments = ("-I", "-c", RECEIVE, MESSAGE.name)
    organization = MESSAGE.read_text(encoding="utf-8").partition("<OrganizationId>")[2][:18]
    printed = run(environment.python, *arguments, cwd=work, OBGEN_ORGANIZATION_IDS=organization)
    place, answer = printed.splitlines()
    assert Path(place).parent == home
    assert "<Ack>true</Ack>" in answer
