"""The file is repaired where it lies: the only copy of the original is gone."""

# %% rescue
def rescue(path):
    import json
    import h5py

    def clean(node):
        if isinstance(node, dict):
            return {key: clean(value) for key, value in node.items() if key != "time_major"}
        return [clean(value) for value in node] if isinstance(node, list) else node

    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = json.dumps(clean(json.loads(file.attrs["model_config"])))
    return keras.models.load_model(path, compile=False)

# %% must fail
{"check-untouched": {"*": "edited in place"}}
