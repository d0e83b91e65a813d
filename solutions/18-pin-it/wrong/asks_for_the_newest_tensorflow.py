"""TensorFlow is thought to decide: its newest is pinned, and an old tf-keras that asks for nothing goes along."""
# %% newest-pair
def newest_pair(rows, python):
    newest = resolve("tensorflow", rows, python)["tensorflow"]
    return newest, resolve(f"tensorflow=={newest}\ntf-keras", rows, python)["tf-keras"]
# %% must fail
{"check-pair": {"*": "newest of each is no pair"}}
