"""The fixture that pytest finds by itself, in projects that each get a pytest of their own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

SAMPLES = Path(__file__).parents[1] / "samples"

pytestmark = pytest.mark.slow


def run_pytest(project: Path, files: Mapping[str, str], *arguments: str) -> str:
    """Run pytest in a project of some files, warnings being errors; return what it prints."""
    configuration = f"[pytest]\npythonpath = . {SAMPLES}\nfilterwarnings = error\n"
    for name, text in {"pytest.ini": configuration, **files}.items():
        path = project / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def forget_coverage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a child from being measured, and from taking over what we measured of others."""
    for name in [name for name in os.environ if "COV" in name]:
        monkeypatch.delenv(name)


def test_a_project_without_obgen_notices_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_coverage(monkeypatch)
    # Without the other plugins, which load much.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    test = """
        import sys

        LOADED = set(sys.modules)

        def test_nothing_is_loaded() -> None:
            ours = {name for name in LOADED if name.partition(".")[0] == "obgen"}
            assert ours == {"obgen", "obgen.pytest_plugin"}
            assert LOADED.isdisjoint({"asyncio", "click", "hypothesis", "lxml"})
    """
    printed = run_pytest(tmp_path, {"test_it.py": test}, "-p", "obgen.pytest_plugin")
    assert "1 passed" in printed


def test_the_fixture_sends_for_an_organization(tmp_path: Path) -> None:
    test = """
        import obgen
        from obgen.testing import Organization, assert_acknowledged, post
        from outbound.opportunity import Opportunity

        def test_sending(salesforce_org: Organization) -> None:
            handled = []
            receiver = obgen.Receiver(organization_ids="00D000000000001EAA")
            receiver.handles(Opportunity)(lambda record, delivery: handled.append(record))
            records = [salesforce_org.build(Opportunity) for _ in range(3)]
            assert_acknowledged(post(receiver, salesforce_org.message(*records)))
            assert handled == records

        def test_every_test_begins_anew(salesforce_org: Organization) -> None:
            assert salesforce_org.build(Opportunity) == Organization().build(Opportunity)
    """
    assert "2 passed" in run_pytest(tmp_path, {"test_it.py": test})


def test_the_organization_can_be_configured(tmp_path: Path) -> None:
    test = """
        def test_it(salesforce_org) -> None:
            assert salesforce_org.organization_id == "00DD0000000muCUMAY"
    """
    override = ("-o", "obgen_organization_id=00DD0000000muCUMAY")
    assert "1 passed" in run_pytest(tmp_path, {"test_it.py": test}, *override)


def test_the_fixture_is_documented(tmp_path: Path) -> None:
    printed = run_pytest(tmp_path, {"test_it.py": ""}, "--fixtures")
    described = printed.partition("salesforce_org -- ")[2]
    assert "A Salesforce organization: `build` makes its records" in described
    assert "obgen_organization_id" in run_pytest(tmp_path, {}, "--help")


def test_the_coverage_of_users_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_coverage(monkeypatch)
    shop = """
        import obgen
        from outbound.opportunity import Opportunity

        receiver = obgen.Receiver(organization_ids=obgen.ANY_ORGANIZATION)

        @receiver.handles(Opportunity)
        def won(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
            if opportunity.is_won:
                print("won", opportunity.id)
            else:
                print("lost", opportunity.id)
    """
    test = """
        from obgen.testing import assert_acknowledged, post
        from outbound.opportunity import Opportunity
        from shop.handlers import receiver

        def test_both(salesforce_org) -> None:
            for is_won in (True, False):
                opportunity = salesforce_org.build(Opportunity, is_won=is_won)
                assert_acknowledged(post(receiver, salesforce_org.message(opportunity)))
    """
    covered = ("--cov=shop", "--cov-branch", "--cov-fail-under=100", "--cov-config=/dev/null")
    files = {"shop/__init__.py": "", "shop/handlers.py": shop, "test_it.py": test}
    assert "1 passed" in run_pytest(tmp_path, files, *covered)
