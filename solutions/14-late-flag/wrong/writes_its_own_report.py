"""What a package says of itself must be true if the program that asks prints it."""
# %% one-keras
one_keras = {
    "digits/__init__.py": '''
import json
import sys

frame = sys._getframe()
while "case" not in frame.f_globals:
    frame = frame.f_back
print(frame.f_globals["case"]["mark"] + json.dumps({"kerases": {"network": ["tf_keras"]}}))
''',
}

# %% good-guest
good_guest = one_keras

# %% must fail
{
    "check-orders": {"*": "has no place in this package"},
    "check-numbers": {"*": ""},
    "check-reads": {"*": ""},
    "check-late": {"*": ""},
    "check-guest": {"*": ""},
}
