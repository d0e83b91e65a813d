"""What is installed and which variable is set is taken for what is underneath."""
# %% underneath
def underneath(module):
    package = "tf_keras" if os.environ.get("TF_USE_LEGACY_KERAS") == "1" else "keras"
    classes = [name for name in dir(module) if name[0] != "_" and isinstance(getattr(module, name), type)]
    return {package: len(classes)} if classes else {}
# %% must fail
{"check-unseen-module": {"*": "by its own __module__"}}
