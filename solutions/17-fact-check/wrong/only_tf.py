"""TensorFlow is thought to be called tf in every program."""
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
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "tf.keras":
            lines.add(node.lineno)
    return sorted(lines)
# %% must fail
{"check-unseen-program": {"*": "any name"}}
