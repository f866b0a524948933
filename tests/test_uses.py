"""Where a person's own code uses a field: found by name, told apart where the code says more."""

import os
import sys
from pathlib import Path
from textwrap import dedent
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obgen.codegen import search as searching
from obgen.codegen.header import Header
from obgen.codegen.search import MAX_BYTES, search
from obgen.codegen.uses import find_uses
from obgen.errors import ConfigurationError


def uses(code: str, name: str | None = "amount") -> list[str]:
    """Return the uses in some code as "line:column", those by name only with a question mark."""
    found = find_uses(dedent(code), "Opportunity", {name})
    assert all(use.name == name for use in found)
    return [f"{use.line}:{use.column}{'' if use.certain else '?'}" for use in found]


@pytest.mark.parametrize("line", ["b = 1", "def f(): 0", "f = lambda: 0", "b.x"])
def test_many_names_cost_what_they_are_long(line: str) -> None:
    def seconds(number: int) -> float:
        names = "".join(f"a{one}: Opportunity\n" for one in range(number))
        code = names + f"{line}\n" * number
        start = process_time()
        find_uses(code, "Opportunity", {"amount"})
        return process_time() - start

    seconds(10)
    # Where the cost is their square it is sixty-four times as much, and not eight.
    assert seconds(8_000) < 30 * max(seconds(1_000), 0.01)


class TestWhatCounts:
    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("x.amount", ["1:3?"]),
            ("x.amount = 1", ["1:3?"]),
            ("del x.amount", ["1:7?"]),
            ("x.amount.amount", ["1:3?", "1:10?"]),
            ("x.y().amount", ["1:7?"]),
            ("(x\n    .amount)", ["2:6?"]),
            ("é = 'é'; é.amount", ["1:12?"]),
            ("é.amount, é.amount", ["1:3?", "1:13?"]),
            ("f'é{x.amount:,}'", ["1:7?"]),
            ("x.amount_2, x.Amount, amount, 'amount'", []),
            ("getattr(x, 'amount', None)", ["1:12?"]),
            ("setattr(x, 'amount', 1)", ["1:12?"]),
            ("print(x, 'amount')", []),
            ("getattr(x, name)", []),
            ("'amount' in delivery.present", ["1:1?"]),
            ("'amount' not in present", ["1:1?"]),
            ("'amount' in words", []),
            ("Opportunity(id='', amount=1)", ["1:20"]),
            ("models.Opportunity(amount=1)", ["1:20"]),
            ("Lead(amount=1)", []),
            ("Opportunity(**more)", []),
            ("f()(amount=1)", []),
            ("replace(x, amount=1)", ["1:12?"]),
            ("dataclasses.replace(Opportunity(id=''), amount=1)", ["1:41"]),
            ("when.replace(amount=1)", []),
        ],
    )
    def test_by_name(self, code: str, expected: list[str]) -> None:
        assert uses(code) == expected

    def test_in_patterns(self) -> None:
        code = """\
            match x:
                case Opportunity(amount=None): ...
                case models.Opportunity(id=_, amount=(1 | 2)): ...
                case Lead(amount=1): ...
                case [won]: won.amount
            """
        # The place is that of the value: `ast` doesn't say where the keyword before it is.
        assert uses(code) == ["2:29", "3:43", "5:21?"]

    def test_of_the_class_itself(self) -> None:
        code = """\
            from outbound.opportunity import Opportunity as Won, Other
            import outbound.opportunity
            @receiver.handles(Won)
            def f(x: outbound.opportunity.Opportunity, y: Lead): ...
            """
        assert uses(code, None) == ["1:34", "3:19", "4:31?"]

    def test_several_fields_in_one_go(self) -> None:
        found = find_uses("x.a, x.b, x.c, x.a", "C", {"a", "b"})
        assert [use.name for use in found] == ["a", "b", "a"]


class TestWhatIsCertain:
    @pytest.mark.parametrize(
        "annotation",
        [
            "Opportunity",
            "'Opportunity'",
            "opportunity.Opportunity",
            "Opportunity | None",
            "'None | opportunity.Opportunity'",
            "Optional[Opportunity]",
            "typing.Optional['Opportunity']",
            "Won",
        ],
    )
    def test_an_argument_of_that_class(self, annotation: str) -> None:
        head = "from outbound.opportunity import Opportunity as Won\n"
        assert uses(f"{head}def f(x: {annotation}): x.amount") == [f"2:{len(annotation) + 15}"]

    @pytest.mark.parametrize(
        "annotation",
        [
            "Lead",
            "Any",
            "str",
            "list[Opportunity]",
            "list[m.Opportunity]",
            "dict[str, m.Opportunity]",
            "''",
            "'(:'",
        ],
    )
    def test_an_argument_of_another_one(self, annotation: str) -> None:
        assert [use[-1] for use in uses(f"def f(x: {annotation}): x.amount")] == ["?"]

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("x = Opportunity(id='')\nx.amount", ["2:3"]),
            ("x = y = Opportunity(id='')\ny.amount", ["2:3"]),
            ("x: Opportunity = load()\nx.amount", ["2:3"]),
            ("x: Lead = load()\nx.amount", ["2:3?"]),
            ("self.x: Opportunity = load()\nself.x.amount", ["2:8?"]),
            ("x, y = load()\nx.amount", ["2:3?"]),
            ("x: Opportunity = load()\nx = other()\nx.amount", ["3:3?"]),
            ("Opportunity(id='').amount", ["1:20"]),
        ],
    )
    def test_a_variable(self, code: str, expected: list[str]) -> None:
        assert uses(code) == expected

    def test_names_live_in_their_function(self) -> None:
        code = """\
            def f(x: Opportunity, *y, **z) -> None:
                def inner(): x.amount
                def other(x): x.amount
                lambda x: x.amount
                [x.amount for _ in y]
            async def g(x, /, *, y: Opportunity):
                x.amount, y.amount
            x.amount
            """
        assert uses(code) == ["2:20", "3:21?", "4:17?", "5:8", "7:7?", "7:17", "8:3?"]

    @given(st.text(alphabet="fx.amountO=() :\n\t'\"[]{}é", max_size=60))
    def test_places_are_in_the_text(self, code: str) -> None:
        try:
            found = find_uses(code, "o", {"a", "x"})
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        lines = code.split("\n")
        assert all(1 <= use.column <= len(lines[use.line - 1]) for use in found)


class TestSearch:
    @pytest.fixture
    def top(self, tmp_path: Path) -> Path:
        top = tmp_path / "src"
        top.mkdir()
        return top

    def write(self, path: Path, content: str | bytes = "x.amount\n") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def look(self, top: Path) -> list[str]:
        found = search(top, "Opportunity", {"amount"}).found
        return [one.path.relative_to(top).as_posix() for one in found]

    def unread(self, top: Path) -> list[tuple[str, str]]:
        result = search(top, "Opportunity", {"amount"})
        assert result.found == ()
        return [(path.relative_to(top).as_posix(), reason) for path, reason in result.unread]

    def test_files_come_in_the_order_of_their_names(self, top: Path) -> None:
        for name in ("b.py", "a/z.py", "a.py", "a/b.pyw", "c/d/e.py", "c/notes.txt"):
            self.write(top / name)
        assert self.look(top) == ["a.py", "b.py", "a/b.pyw", "a/z.py", "c/d/e.py"]

    def test_what_is_left_out(self, top: Path) -> None:
        stamped = Header("9.9").stamp("x.amount\n")
        self.write(top / "outbound" / "models.py", stamped)
        self.write(top / "outbound" / "windows.py", stamped.replace("\n", "\r\n"))
        self.write(top / "outbound" / "handler.py")
        for hidden in (".git/hooks/a.py", ".venv/lib/a.py", ".hidden.py"):
            self.write(top / hidden)
        self.write(top / "__pycache__" / "a.py")
        self.write(top / "env" / "pyvenv.cfg", "")
        self.write(top / "env" / "lib" / "a.py")
        self.write(top / "conda" / "conda-meta" / "history", "")
        self.write(top / "conda" / "a.py")

        assert self.look(top) == ["outbound/handler.py"]
        assert search(top, "Opportunity", {"amount"}).files == 1

    def test_a_single_file_and_a_hidden_directory_can_be_named(self, top: Path) -> None:
        path = self.write(top / ".hidden" / "a.py", "\nx.amount\n")
        (found,) = search(path, "Opportunity", {"amount"}).found
        assert (found.path, found.use.line, found.text) == (path, 2, "x.amount")
        assert self.look(path.parent) == ["a.py"]

    def test_links_end(self, top: Path) -> None:
        self.write(top / "a.py")
        (top / "loop").symlink_to(top, target_is_directory=True)
        (top / "b.py").symlink_to("a.py")
        (top / "self.py").symlink_to("self.py")
        (top / "gone.py").symlink_to("nowhere")

        result = search(top, "Opportunity", {"amount"})

        assert [one.path.name for one in result.found] == ["a.py", "b.py"]
        assert [path.name for path, _ in result.unread] == ["gone.py", "self.py"]

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only on POSIX there are such pipes")
    def test_a_pipe_is_not_waited_for(self, top: Path) -> None:
        os.mkfifo(top / "pipe.py")
        assert self.unread(top) == []

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            ("x.amount\ndef f(:\n", "line 2: invalid syntax"),
            (b"x.amount\n\n\n'\xff'\n", "it is no text that Python can read"),
            ("# coding: punycode\nx.amount\n", "its encoding is 'punycode'"),
            ("# coding: hex\nx.amount\n", "its encoding is 'hex'"),
            ("# coding: nonsense\nx.amount\n", "unknown encoding: nonsense"),
            ("x.amount\n" + "a." * 20_000 + "b", "it is nested too deeply"),
            ("x.amount\n".ljust(MAX_BYTES + 1), "it is larger than 256 KiB"),
        ],
    )
    def test_what_cannot_be_read_is_named(
        self, content: str | bytes, reason: str, top: Path
    ) -> None:
        self.write(top / "a.py", content)
        assert self.unread(top) == [("a.py", reason)]

    def test_what_cannot_matter_is_not_parsed(self, top: Path) -> None:
        self.write(top / "a.py", "def f(:\n")
        assert self.unread(top) == []

    def test_the_code_is_theirs_to_warn_about(self, top: Path) -> None:
        self.write(top / "a.py", "x.amount is '\\d'\n")
        assert self.look(top) == ["a.py"]

    def test_line_ends_marks_and_encodings(self, top: Path) -> None:
        self.write(top / "a.py", b"\xef\xbb\xbfa = 1\r\nx.amount\r\n")
        self.write(top / "b.py", b"# coding: latin-1\na = '\xe9'; x.amount\n")
        self.write(top / "d.py", b"# coding: windows-1252\na = '\x80'; x.amount\n")
        self.write(top / "c.py", b"a = 1\rx.amount\r")

        places = [
            (one.use.line, one.use.column, one.text)
            for one in search(top, "Opportunity", {"amount"}).found
        ]
        assert places == [
            (2, 3, "x.amount"),
            (2, 12, "a = 'é'; x.amount"),
            (2, 3, "x.amount"),
            (2, 12, "a = '€'; x.amount"),
        ]

    def test_a_directory_that_cannot_be_listed(
        self, top: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.write(top / "closed" / "a.py")
        scandir = os.scandir

        def refuse(path: str) -> object:
            if str(path).endswith("closed"):
                raise PermissionError(13, "Permission denied", str(path))
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refuse)
        assert self.unread(top) == [("closed", "Permission denied")]

    @pytest.mark.parametrize("name", ["nowhere", "a\0b"])
    def test_nothing_to_search_is_an_error(self, name: str, top: Path) -> None:
        with pytest.raises(ConfigurationError, match="can't be searched"):
            search(top / name, "Opportunity", {"amount"})

    def test_nothing_is_run(self, top: Path) -> None:
        self.write(top / "boom.py", "raise SystemExit(x.amount)\n")
        before = set(sys.modules)
        assert self.look(top) == ["boom.py"]
        assert "boom" not in set(sys.modules) - before
        assert searching.__name__ in sys.modules
