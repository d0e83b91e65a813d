"""The learner's folder: what is copied, kept, and never overwritten."""

import nbformat
import pytest

from autograder.desk import first_page, lay_out

LESSON = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: keras3, language: python, name: keras3}
whichkeras: {title: One}
---

# One

[next](12-two.md#a) [exercise](../exercises/11-one/11-one.ipynb) ![x](images/x.svg) [web](https://example.org/12-two.md)

```{code-cell} ipython3
:tags: ["raises:keras3"]
%%every
1 / 0
```
"""


@pytest.fixture
def course(tmp_path):
    root = tmp_path / "root"
    (root / "exercises/11-one").mkdir(parents=True)
    (root / "exercises/11-one/11-one.ipynb").write_text("as given")
    (root / "course/images").mkdir(parents=True)
    (root / "course/instructor").mkdir()
    (root / "course/instructor/secret.md").write_text("no")
    (root / "course/images/x.svg").write_text("<svg/>")
    (root / "course/reference").mkdir()
    (root / "course/reference/page.md").write_text("[lesson](../11-one.md) [words](../README.md)")
    (root / "course/11-one.md").write_text(LESSON)
    return root


def read(path):
    return nbformat.read(path, as_version=4)


def test_exercises_are_copied_once_and_then_belong_to_the_learner(course, tmp_path):
    work = tmp_path / "work"
    lay_out(work, course)
    mine = work / "11-one/11-one.ipynb"
    assert mine.read_text() == "as given"
    mine.write_text("my answer")
    (course / "exercises/11-one/11-one.ipynb").write_text("newer")
    lay_out(work, course)
    assert mine.read_text() == "my answer"


def test_lessons_become_valid_notebooks_with_mended_links(course, tmp_path):
    lay_out(tmp_path / "work", course)
    notebook = read(tmp_path / "work/lessons/11-one.ipynb")
    nbformat.validate(notebook)
    text, code = notebook.cells
    assert "[next](12-two.ipynb#a)" in text.source
    assert "[exercise](../11-one/11-one.ipynb)" in text.source
    assert "![x](images/x.svg)" in text.source
    assert "https://example.org/12-two.md" in text.source
    assert code.metadata.tags == ["raises:keras3"]
    assert notebook.metadata.kernelspec.name == "keras3"
    assert (tmp_path / "work/lessons/images/x.svg").exists()
    assert not (tmp_path / "work/lessons/instructor").exists()
    page = (tmp_path / "work/lessons/reference/page.md").read_text()
    assert page == "[lesson](../11-one.ipynb) [words](../README.md)"
    assert first_page(tmp_path / "work") == "lessons/11-one.ipynb"


def test_a_lesson_that_did_not_change_is_left_alone(course, tmp_path):
    lay_out(tmp_path, course)
    path = tmp_path / "lessons/11-one.ipynb"
    notebook = read(path)
    notebook.cells[1].source = "mine"
    nbformat.write(notebook, path)
    lay_out(tmp_path, course)
    assert read(path).cells[1].source == "mine"


def test_a_changed_lesson_is_made_anew_and_changes_by_the_learner_are_kept(course, tmp_path):
    lay_out(tmp_path, course)
    path = tmp_path / "lessons/11-one.ipynb"
    (course / "course/11-one.md").write_text(LESSON + "\nmore\n")
    lay_out(tmp_path, course)
    assert "more" in read(path).cells[-1].source
    assert len(list(path.parent.glob("*.ipynb"))) == 1
    notebook = read(path)
    notebook.cells[1].source = "mine"
    nbformat.write(notebook, path)
    (course / "course/11-one.md").write_text(LESSON + "\nstill more\n")
    lay_out(tmp_path, course)
    assert "still more" in read(path).cells[-1].source
    assert read(path.with_name("11-one (yours).ipynb")).cells[1].source == "mine"
