"""Imports point one way: config.web <- audit <- workflows <- runs; and files stay small enough to read."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ["config.web", "audit", "workflows", "runs"]
LONGEST_FILE = 250


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # A relative one stays within its own package and so within its layer.
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.level == 0)


def layer_of(module: str) -> int | None:
    """The layer of a module, None for what is no layer."""
    for number, name in enumerate(LAYERS):
        if module == name or module.startswith(f"{name}."):
            return number
    return None


def breaches(folder: str, own: int) -> list[str]:
    found = []
    for path in sources(folder):
        for module in imported(path):
            layer = layer_of(module)
            if layer is not None and layer > own:
                found.append(f"{path.relative_to(ROOT)} imports {module}")
    return found


@pytest.mark.parametrize("number", range(len(LAYERS)))
def test_imports_point_one_way(number: int) -> None:
    assert breaches(LAYERS[number].replace(".", "/"), number) == []


def test_what_lies_below_everything_knows_no_app() -> None:
    paths = [
        ROOT / "config/clock.py",
        ROOT / "config/failpoints.py",
        ROOT / "config/ids.py",
        ROOT / "config/broker.py",
        *sources("config/settings"),
    ]
    apps = [(path.name, module) for path in paths for module in imported(path) if (layer_of(module) or 0) > 0]
    assert apps == []


def test_the_check_itself_sees_a_breach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "wrong.py").write_text("from runs.models import Run\n")
    monkeypatch.setattr("tests.test_architecture.ROOT", tmp_path)
    assert breaches("audit", 1) == ["audit/wrong.py imports runs.models.Run"]


def test_files_stay_below_the_limit() -> None:
    long = {
        str(path.relative_to(ROOT)): path.read_text().count("\n")
        for path in sources("config", "audit", "workflows", "runs")
    }
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FILE} == {}


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "manager"])
def test_no_module_has_a_name_that_says_nothing(name: str) -> None:
    assert [path for path in sources("config", "audit", "workflows", "runs") if path.stem == name] == []


def test_user_text_meets_no_interpreter() -> None:
    """No eval, exec, pickle or unsafe YAML anywhere (reliability.md, rule 17)."""
    banned = {"eval", "exec", "compile", "__import__"}
    calls = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources("config", "audit", "workflows", "runs")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in banned
    ]
    modules = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in sources("config", "audit", "workflows", "runs")
        for module in imported(path)
        if module.split(".")[0] in {"pickle", "marshal", "shelve"}
    ]
    assert calls + modules == []


def test_one_client_makes_every_outgoing_request() -> None:
    """Only the guarded client, and the supervisor that asks its own web process, use an HTTP library."""
    allowed = {"workflows/outgoing", "runs/supervisor.py"}
    users = {
        str(path.relative_to(ROOT))
        for path in sources("config", "audit", "workflows", "runs")
        for module in imported(path)
        if module.split(".")[0] in {"httpx", "requests", "httpcore"}
        or module.startswith(("urllib.request", "http.client"))
    }
    assert {name for name in users if not any(name.startswith(part) for part in allowed)} == set()
