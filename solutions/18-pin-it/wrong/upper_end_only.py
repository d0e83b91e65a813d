"""Only the future is thought to be dangerous: what lies in the image already is kept."""
# %% classroom
def classroom():
    return "keras<4"
# %% must fail
{"check-classroom": {"*": "keeps what is there"}}
