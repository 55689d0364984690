"""The house stands as drawn."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from apps.assessment import rules

pytestmark = pytest.mark.once("只读代码、文件和翻译，不用数据库")

ROOT = Path(__file__).resolve().parent.parent
RULES = Path(rules.__file__).parent


def test_imports_follow_the_arrow():
    answer = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_judgement_imports_the_standard_library_and_its_own_words_only():
    imported = {
        name
        for path in RULES.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in _imported(node)
    }

    foreign = {
        name
        for name in imported
        if name.split(".")[0] not in sys.stdlib_module_names
        and name != "apps.assessment.choices"
        and not name.startswith("apps.assessment.rules")
    }
    assert foreign == set()


def test_judgement_never_uses_floats():
    floats = [
        f"{path.name}:{node.lineno}"
        for path in RULES.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]

    assert floats == []


def test_no_model_computes_in_save():
    overrides = [
        f"{path.relative_to(ROOT)}:{node.name}.{item.name}"
        for path in (ROOT / "apps").glob("*/models.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef)
        for item in node.body
        if isinstance(item, ast.FunctionDef) and item.name in ("save", "delete")
    ]

    assert overrides == []


def _imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module]
    return []
