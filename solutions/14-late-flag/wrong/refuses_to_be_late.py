"""A package may demand to be imported before TensorFlow."""
# %% good-guest
good_guest = {
    "digits/__init__.py": '''
import os
import sys

if "tensorflow" in sys.modules and os.environ.get("TF_USE_LEGACY_KERAS") != "1":
    raise ImportError("import digits before tensorflow")
os.environ["TF_USE_LEGACY_KERAS"] = "1"
''',
}

# %% must fail
{
    "check-late": {"keras3": "import digits before tensorflow"},
    "check-guest": {"keras3": ""},
}
