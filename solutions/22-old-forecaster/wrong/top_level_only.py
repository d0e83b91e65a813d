"""Layers are found in one list: the key inside Bidirectional and inner models is missed."""

# %% modernise
def modernise(config):
    import copy

    config, changed = copy.deepcopy(config), []
    for layer in config["config"]["layers"]:
        if layer["config"].pop("time_major", None) is not None:
            changed.append(layer["config"]["name"])
    return config, changed

# %% must fail
{"check-modernise": {"*": "was missed"}}
