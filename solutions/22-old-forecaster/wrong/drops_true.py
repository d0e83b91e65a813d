"""Keras 3 does not know time_major, so the key can go whatever its value is."""

# %% modernise
def modernise(config):
    changed = []

    def walk(node):
        if isinstance(node, list):
            return [walk(value) for value in node]
        if not isinstance(node, dict):
            return node
        if "time_major" in node:
            changed.append(node["name"])
        return {key: walk(value) for key, value in node.items() if key != "time_major"}

    return walk(config), changed

# %% must fail
{"check-modernise": {"*": "expected a ValueError"}}
