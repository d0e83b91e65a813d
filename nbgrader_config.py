"""Stock nbgrader, run from this folder: `nbgrader generate_assignment`, `nbgrader autograde`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

c = get_config()  # noqa: F821
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.course_id = "which-keras"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
# Everything in an assignment's folder but these goes into the release; the sources hold the answers.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    ".*",
    "[0-9][0-9]-*.py",
    "recipe_*.py",
    "wrong",
    "README.md",
]
