"""Whether an applied file still says what it said when applied. Formatting and comments never count."""

import ast
import difflib
import hashlib


def tree_sha256(source: str) -> str:
    """The checksum of what `source` does: of its syntax tree without comments, docstrings and the like.

    Two Python versions may give different ones for the same source, so stored ones are never compared:
    see `same_meaning`.
    """
    return hashlib.sha256(meaning(source).encode()).hexdigest()


def same_meaning(stored: str, present: str) -> bool:
    """Whether two sources do the same. One that is not Python has no meaning but its text."""
    if stored == present:
        return True
    try:
        return meaning(stored) == meaning(present)
    except SyntaxError:
        return False


def same_but_for_the_name(stored: str, present: str) -> bool:
    """Whether two sources do the same, whatever revision they say they are."""
    try:
        return meaning(stored, without={"revision"}) == meaning(present, without={"revision"})
    except SyntaxError:
        return False


def difference(stored: str, present: str, name: str) -> str:
    """What was changed, as a unified diff from the applied text to the file's."""
    lines = difflib.unified_diff(
        stored.splitlines(), present.splitlines(), f"{name} (as applied)", f"{name} (now)", lineterm="", n=1
    )
    return "\n".join(lines)


def meaning(source: str, without: frozenset[str] | set[str] = frozenset()) -> str:
    """Return a text that two sources share exactly when they do the same, as far as their form tells.

    `without` are names of the module whose values do not count. Raises SyntaxError.
    """
    tree = _Plain(without).visit(ast.parse(source))
    # Tools sort imports and remove unused ones; only what is used can matter, in any order.
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    imports, rest = set(), []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            origin = "" if isinstance(node, ast.Import) else f"{'.' * node.level}{node.module or ''}"
            imports |= {
                (origin, name.name, name.asname or name.name)
                for name in node.names
                if (name.asname or name.name).split(".")[0] in used
            }
        else:
            rest.append(node)
    body = ast.dump(ast.Module(body=rest, type_ignores=[]), include_attributes=False)
    return f"{sorted(imports)}\n{body}"


class _Plain(ast.NodeTransformer):
    """Takes out of a tree what does nothing: docstrings, `pass` among other statements, annotations."""

    def __init__(self, without: frozenset[str] | set[str]) -> None:
        self.without = without

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self.generic_visit(node)
        node.body = [
            each
            for each in _effective(node.body)
            if not (
                isinstance(each, ast.Assign)
                and isinstance(each.targets[0], ast.Name)
                and each.targets[0].id in self.without
            )
        ]
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.body = _effective(node.body) or [ast.Pass()]
        node.returns = None
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        self.generic_visit(node)
        if node.value is None:
            return None
        return ast.Assign(targets=[node.target], value=node.value, lineno=node.lineno)


def _effective(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements that do something; a lone text is a docstring or a comment."""
    return [
        each
        for each in body
        if not isinstance(each, ast.Pass)
        and not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
    ]
