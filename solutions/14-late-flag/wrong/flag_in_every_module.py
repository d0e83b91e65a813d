"""What is set in every module is set early enough, whichever module comes first."""
# %% one-keras
FLAG = 'import os\n\nos.environ["TF_USE_LEGACY_KERAS"] = "1"\n\n'
one_keras = {
    path: text if FLAG in text or path.endswith("__init__.py") else FLAG + text for path, text in GIVEN.items()
}

# %% must fail
{
    "check-orders": {"keras3": ""},
    "check-numbers": {"keras3": ""},
    "check-reads": {"keras3": ""},
}
