"""What every test module shares: the corpus of real files, and the rule about skipping.

`OBGEN_FIELD_CORPUS` names a directory of real WSDLs and messages that can't be published; the
tests that need it are skipped where it isn't set. With `OBGEN_REQUIRE_ALL=1`, which CI sets, a
skipped test is a failure, so that none goes missing unseen. Two kinds of reason still skip there:

* one that names OBGEN_FIELD_CORPUS, while that isn't set;
* "only on …", for what can't be had on this platform or Python, such as "only on Windows".
"""

import os
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("ci", deadline=None, print_blob=True)
hypothesis.settings.load_profile("ci")


@pytest.fixture(scope="session")
def field_corpus() -> Path:
    """Return the directory of real files, or skip the test."""
    named = os.environ.get("OBGEN_FIELD_CORPUS")
    if not named:
        pytest.skip("OBGEN_FIELD_CORPUS is not set")
    return Path(named).resolve(strict=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.outcome != "skipped" or hasattr(report, "wasxfail"):
        return
    if os.environ.get("OBGEN_REQUIRE_ALL") != "1":
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    if reason.startswith("only on "):
        return
    if "OBGEN_FIELD_CORPUS" in reason and not os.environ.get("OBGEN_FIELD_CORPUS"):
        return
    report.outcome = "failed"
    report.longrepr = f"OBGEN_REQUIRE_ALL=1, yet this was skipped: {reason}"
