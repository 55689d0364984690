#!/usr/bin/env python3
"""How many broken rules of judgement the worked cases notice.

    .venv/bin/python benchmarks/mutants.py

Breaks the rules one place at a time (each comparison, each and/or, each plus and minus, each number, each min and
max, each light), judges all worked cases with the broken rules, and counts a mutant as noticed where some case no
longer holds. Prints the score and every mutant that nobody noticed.
"""

import ast
import copy
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "apps/assessment/rules"
MODULES = ("severity", "timing", "readings", "measures", "indicators", "roll_up")
OTHER = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
}
SWAPPED = {"min": "max", "max": "min", "LATE": "WATCH", "WATCH": "LATE", "NO_DATA": "WATCH", "ON_TRACK": "NOT_DUE"}


def mutants(tree):
    """(line, what was broken, the tree broken there), one place at a time."""
    for index, node in enumerate(ast.walk(tree)):
        for change in _changes(node):
            broken = copy.deepcopy(tree)
            target = next(node for position, node in enumerate(ast.walk(broken)) if position == index)
            words = change(target)
            yield getattr(node, "lineno", 0), words, broken


def _changes(node):
    if isinstance(node, ast.Compare):
        for position, op in enumerate(node.ops):
            for other in OTHER.get(type(op), ()):
                yield lambda node, position=position, other=other: _set_op(node, position, other)
    elif isinstance(node, ast.BoolOp | ast.BinOp):
        for other in OTHER.get(type(node.op), ()):
            yield lambda node, other=other: _set(node, "op", other())
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield lambda node: _set(node, "value", node.value + 1)
    elif isinstance(node, ast.Name) and node.id in SWAPPED:
        yield lambda node: _set(node, "id", SWAPPED[node.id])
    elif isinstance(node, ast.Attribute) and node.attr in SWAPPED and getattr(node.value, "id", "") == "Light":
        yield lambda node: _set(node, "attr", SWAPPED[node.attr])


def _set(node, name, value):
    before = ast.unparse(node)
    setattr(node, name, value)
    return f"{before}  →  {ast.unparse(node)}"


def _set_op(node, position, other):
    before = ast.unparse(node)
    node.ops[position] = other()
    return f"{before}  →  {ast.unparse(node)}"


def noticed(name, tree):
    """Whether some worked case fails with this module broken."""
    package = "apps.assessment.rules"
    for loaded in [name for name in sys.modules if name.startswith(package) or name == "apps.assessment.cases"]:
        if loaded != f"{package}.facts":
            del sys.modules[loaded]
    import importlib.util

    class Broken:
        @staticmethod
        def find_spec(full_name, path=None, target=None):
            if full_name == f"{package}.{name}":
                return importlib.util.spec_from_loader(full_name, Broken)
            return None

        @staticmethod
        def create_module(spec):
            return None

        @staticmethod
        def exec_module(module):
            exec(compile(ast.fix_missing_locations(tree), name, "exec"), module.__dict__)

    sys.meta_path.insert(0, Broken)
    try:
        from apps.assessment.cases import worked_cases

        return not all(case.holds for case in worked_cases())
    except Exception:  # a rule that raises is noticed too
        return True
    finally:
        sys.meta_path.remove(Broken)


def main():
    sys.path.insert(0, str(ROOT))
    os.environ |= {"DJANGO_SETTINGS_MODULE": "courtplan.settings", "ENV_FILE": os.devnull, "SECRET_KEY": "benchmark"}
    import django

    django.setup()
    n_all, survivors = 0, []
    for name in MODULES:
        tree = ast.parse((RULES / f"{name}.py").read_text("utf-8"))
        if noticed(name, copy.deepcopy(tree)):
            sys.exit(f"the worked cases do not hold as it is ({name})")
        for line, words, broken in mutants(tree):
            n_all += 1
            if not noticed(name, broken):
                survivors.append(f"{name}.py:{line}: {words}")
    print(f"{n_all - len(survivors)} of {n_all} noticed")
    for survivor in survivors:
        print("  not noticed:", survivor)


if __name__ == "__main__":
    main()
