"""Stock nbgrader, run from this folder: `nbgrader generate_assignment`, `nbgrader autograde`."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
# nbgrader calls the program `alembic` when it makes a gradebook.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

c = get_config()  # noqa: F821
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.course_id = "which-keras"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"

# Everything in an assignment's folder but what is ignored goes into the release, and the sources
# hold the answers: of the files that lie there, only these kinds are ever released.
RELEASED = {".ipynb", ".npz", ".npy", ".h5", ".keras", ".csv", ".json", ".txt", ".png", ".zip"}
c.CourseDirectory.ignore = [
    ".*",
    "__pycache__",
    "[0-9][0-9]-*.py",
    "recipe_*.py",
    "wrong",
    "README.md",
    *sorted(
        {
            path.name
            for path in ROOT.glob("solutions/*/*")
            if path.suffix not in RELEASED and path.name != "whichkeras.py"
        }
    ),
]

# Answers run in every environment of their exercise, in boxes, never in nbgrader's own kernel.
_OURS = "autograder.nbgrader_preprocessors"
c.Autograde.sanitize_preprocessors = [
    f"{_OURS}.Rebuild",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    f"{_OURS}.RunEverywhere",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.ClearHiddenTests",  # saved; stock feedback would show them
    "nbgrader.preprocessors.CheckCellMetadata",
]
# What `grade --isolation` says for `grade`: "full", "container", or "none" for trusted notebooks.
c.RunEverywhere.isolation = "full"
