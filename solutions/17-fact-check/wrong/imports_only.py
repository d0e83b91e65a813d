"""Only imports are looked at: what is reached through the name tf is forgotten."""
# %% left-behind
def left_behind(source):
    import ast

    lines = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import) and any(a.name.startswith("tensorflow.keras") for a in node.names):
            lines.add(node.lineno)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tensorflow.keras"):
            lines.add(node.lineno)
        if isinstance(node, ast.ImportFrom) and node.module == "tensorflow" and any(a.name == "keras" for a in node.names):
            lines.add(node.lineno)
    return sorted(lines)
# %% must fail
{
    "check-left-behind": {"*": "returned [3]"},
    "check-unseen-program": {"*": "any name"},
}
