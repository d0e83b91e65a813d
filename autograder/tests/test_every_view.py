"""The table of `%%every`: what it shows, and that nothing in it can do harm."""

import base64

import pytest
from bs4 import BeautifulSoup

from autograder.every import Answer, Progress
from autograder.every_rows import as_json, as_text, compare
from autograder.every_view import as_html, progress_html
from autograder.sanitize import clean

TITLES = {
    "keras2": "Keras 2",
    "tf_keras": "tf_keras",
    "keras3": "Keras 3",
    "keras3_jax": "Keras 3 on JAX",
}
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def answer(name, status="ok", note="", **outcome):
    whole = {
        "stdout": "", "stderr": "", "log": "", "rich": [], "value": None, "warnings": [],
        "error": None, "seconds": 0.1, **outcome,
    }  # fmt: skip
    return Answer(name, TITLES[name], status, whole, {"keras": f"1.{len(name)}"}, note)


def raised(name, kind="ValueError", message="no", **more):
    error = {
        "type": kind, "module": "builtins", "message": message, "line": 2, "source": "f(<x>)",
        "last": ["keras/src/a.py", 7, "f", "raise"], "traceback": "Traceback\n  <deep>", **more,
    }  # fmt: skip
    return answer(name, "error", error=error)


def page(*answers):
    return BeautifulSoup(as_html(answers), "html.parser")


def rows(soup):
    return {
        row.th.find(string=True): [cell.get_text() for cell in row.find_all("td")]
        for row in soup.select("tbody tr")
        if row.th
    }


def test_columns_are_environments_with_title_and_version():
    soup = page(answer("keras2"), answer("keras3"))
    heads = [head.get_text(" ") for head in soup.select("thead th[scope=col]")]
    assert "Keras 2" in heads[0]
    assert "1.6" in heads[0]
    assert "Keras 3" in heads[1]


def test_rows_that_are_empty_everywhere_are_dropped():
    soup = page(answer("keras2", stdout="a\n"), answer("keras3"))
    assert list(rows(soup)) == ["printed"]


def test_equal_neighbours_share_one_cell_and_different_ones_are_marked():
    soup = page(*(answer(name, stdout=text) for name, text in
                  [("keras2", "x 1"), ("tf_keras", "x 1"), ("keras3", "x 2")]))  # fmt: skip
    cells = soup.select("tbody td")
    assert [cell.get("colspan") for cell in cells] == ["2", None]
    assert [mark.get_text() for mark in soup.find_all("mark")] == ["1", "2"]
    assert "differs" in soup.tbody.th.get_text()


def test_what_all_say_is_not_marked():
    soup = page(answer("keras2", stdout="x"), answer("keras3", stdout="x"))
    assert not soup.find_all("mark")
    assert "differs" not in soup.get_text()


def test_an_error_shows_type_message_line_last_frame_and_folds_the_rest():
    soup = page(answer("keras2"), raised("keras3"))
    cell = soup.select("tr.wk-error td")[1]
    text = cell.get_text(" ")
    assert "ValueError: no" in text
    assert "line 2:" in text
    assert "f(<x>)" in text
    assert "keras/src/a.py:7" in text
    assert "<deep>" in cell.details.pre.get_text()
    assert "raised ValueError" in soup.thead.get_text(" ")


@pytest.mark.parametrize(
    "outcome",
    [
        {"stdout": EVIL},
        {"stderr": EVIL},
        {"value": {"text/plain": EVIL}},
        {"value": {"text/plain": "x", "text/html": f"<b>bold</b>{EVIL}"}},
        {"rich": [{"text/html": EVIL, "text/plain": EVIL}]},
        {"rich": [{"image/png": '"><script>alert(1)</script>', "text/plain": EVIL}]},
        {"rich": [{"image/svg+xml": f"<svg onload=alert(1)>{EVIL}</svg>"}]},
        {"rich": [{"text/markdown": EVIL}]},
        {"warnings": [[EVIL, EVIL]]},
    ],
)
def test_nothing_that_a_box_says_becomes_active(outcome):
    harmless(page(answer("keras2", **outcome), answer("keras3", stdout="x")))


def test_no_error_becomes_active():
    harmless(
        page(
            raised("keras2", EVIL, EVIL, source=EVIL, last=[EVIL, EVIL, EVIL, EVIL], traceback=EVIL)
        )
    )


def harmless(soup):
    assert not soup.find_all(["script", "iframe", "object", "svg", "link", "form"])
    for tag in soup.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on")]
        assert "javascript:" not in str(tag.attrs)
        if tag.name == "img":
            assert tag["src"].startswith("data:image/")


def test_tables_survive_and_links_lose_their_addresses():
    html = clean('<table class=x style="x"><tr><th>a</th></tr></table><a href="http://x">y</a>')
    assert html == "<table><tbody><tr><th>a</th></tr></tbody></table><a>y</a>"


def test_plots_are_images_with_an_alternative_text():
    png = base64.b64encode(b"\x89PNG").decode()
    soup = page(answer("keras2", rich=[{"image/png": png, "text/plain": "<Figure>"}]))
    assert soup.img["src"] == f"data:image/png;base64,{png}"
    assert "Keras 2" in soup.img["alt"]


def test_without_tensorflow_an_environment_answers_in_one_line():
    missing = raised("keras3_jax", "ModuleNotFoundError", "No module named 'tensorflow'")
    found = compare([answer("keras3", stdout="x"), missing])
    assert [column.environment for column in found.columns] == ["keras3"]
    assert "tensorflow is not installed there" in found.remarks[0]


def test_the_same_error_where_tensorflow_is_installed_is_an_error():
    missing = raised("keras3", "ModuleNotFoundError", "No module named 'tensorflow'")
    assert compare([missing]).columns == (missing,)


def test_a_missing_environment_is_one_line_with_the_command():
    soup = page(Answer("keras2", "Keras 2", "missing", note="run `setup <keras2>`"))
    assert soup.table is None
    assert "setup <keras2>" in soup.p.get_text()


def test_the_record_says_what_audit_needs():
    record = as_json([answer("keras2", stdout="\x1b[1mx\x1b[0m\n"), raised("keras3")], fresh=False)
    first, second = record["environments"]
    assert (first["id"], first["status"], first["stdout"], first["error"]) == (
        "keras2",
        "ok",
        "x",
        None,
    )
    assert (second["status"], second["error"]["type"], second["error"]["line"]) == (
        "error",
        "ValueError",
        2,
    )


def test_the_text_form_groups_those_that_agree():
    text = as_text([answer("keras2", stdout="x"), answer("tf_keras", stdout="x"), raised("keras3")])
    assert "Keras 2 1.6, tf_keras 1.8:\n    x" in text
    assert "error (differs)" in text


def test_progress_is_one_line():
    soup = BeautifulSoup(progress_html([Progress("keras2", "importing", 6.2)]), "html.parser")
    assert soup.p.get_text() == "keras2: importing Keras … 6 s"
