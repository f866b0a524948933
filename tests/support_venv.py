"""Virtual environments for tests, made offline and in a second.

obgen is installed into one without its dependencies; a .pth file points to the dependencies of
the interpreter that runs the tests. A path in a .pth file is searched last, and .pth files in it
are not followed, so an obgen that is installed into the environment is the one that is imported.
"""

import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Environment:
    """A virtual environment with our dependencies; obgen comes into it by `pip`."""

    directory: Path

    @property
    def python(self) -> Path:
        """Return the interpreter."""
        return Path(self._path("scripts"), "python")

    @property
    def site_packages(self) -> Path:
        """Return where packages are installed."""
        return Path(self._path("purelib"))

    def _path(self, kind: str) -> str:
        return sysconfig.get_path(kind, "venv", {"base": str(self.directory)})

    def pip_install(self, *arguments: str | Path) -> None:
        """Install offline, without dependencies and without an environment for the build."""
        offline = ("--no-index", "--no-deps", "--no-build-isolation", "--no-cache-dir", "-q")
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
        into = ("--python", str(self.python), "install")
        run(*pip, *into, *offline, *arguments, cwd=self.directory)

    def run(self, *arguments: str | Path, cwd: Path) -> str:
        """Run the interpreter, deaf to the variables and the directory of the caller."""
        return run(self.python, "-I", *arguments, cwd=cwd)


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """Run a program and return its stdout; fail with its stderr."""
    mute = ("PYTHON", "COV", "PIP_", "OBGEN")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(mute)}
    done = subprocess.run(
        command, cwd=cwd, env=kept | variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def make_environment(directory: Path) -> Environment:
    """Create a virtual environment that sees the dependencies, but no obgen."""
    venv.create(directory, symlinks=os.name != "nt")
    environment = Environment(directory)
    dependencies = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    text = "".join(f"{path}\n" for path in sorted(dependencies))
    (environment.site_packages / "dependencies.pth").write_text(text, encoding="utf-8")
    return environment
