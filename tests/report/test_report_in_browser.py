"""The report in a real browser: the slider is moved, and what the page then shows is counted once more here.

Needs Debian's packages chromium and chromium-driver (or their like on the path). Without them the tests are skipped,
unless DLPROC_NEED_BROWSER is set, as .ci/run does: then they fail.
"""

import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import dlproc as dl
from dlproc.report.gallery import groups

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars --window-size=1200,1600"
)


@pytest.fixture(scope="module")
def images(workflow):
    """Scores as they are, and a few that lie exactly on thresholds that the test sets."""
    options = {"measures": "all", "anomaly_classification_thresholds": [workflow.thresholds[1][-1]]}
    return dl.evaluate_dl_model(workflow.dataset, workflow.model, "split", "test", options)


@pytest.fixture(scope="module")
def browser(workflow, images, tmp_path_factory):
    if not CHROMIUM or not DRIVER:
        reason = "chromium and chromedriver are not installed (Debian: apt-get install chromium chromium-driver)"
        if os.environ.get("DLPROC_NEED_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    webdriver = pytest.importorskip("selenium.webdriver")
    folder = tmp_path_factory.mktemp("browser")
    dl.write_dl_report(*images, workflow.dataset, workflow.model, folder / "report.html", {"image_size": 64})
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in [*FLAGS.split(), f"--user-data-dir={folder / 'profile'}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=DRIVER))
    driver.get((folder / "report.html").as_uri())
    driver.folder = folder
    yield driver
    driver.quit()


def text(browser, name):
    return browser.find_element("id", name).text


def set_threshold(browser, value):
    """As a user types it."""
    browser.execute_script(
        "const f = document.getElementById('threshold'); f.value = arguments[0]; f.dispatchEvent(new Event('input'));",
        repr(float(value)),
    )


def truth(images):
    rows = images[0]["image_scores"]
    scores = np.array([row["anomaly_score"] for row in rows], np.float32)
    return scores, np.array([row["anomaly_label"] == "nok" for row in rows])


def shown_groups(browser):
    return browser.execute_script(
        "return Object.fromEntries(['missed', 'false_alarm', 'near', 'other'].map((name) => [name, Array.from("
        "document.querySelectorAll('#group_' + name + ' .card'), (card) => Number(card.dataset.index))]));"
    )


def check(browser, images, threshold):
    """Everything that follows the threshold, counted by numpy."""
    scores, is_nok = truth(images)
    rejected = scores >= np.float32(threshold)
    counted = {
        "n_accepted_ok": (~is_nok & ~rejected).sum(),
        "n_missed": (is_nok & ~rejected).sum(),
        "n_false_alarms": (~is_nok & rejected).sum(),
        "n_found": (is_nok & rejected).sum(),
    }
    assert {name: text(browser, name) for name in counted} == {name: str(value) for name, value in counted.items()}
    assert text(browser, "false_alarm_rate") == f"{100 * rejected[~is_nok].mean():.1f} %"
    assert text(browser, "miss_rate") == f"{100 * (~rejected[is_nok]).mean():.1f} %"
    assert text(browser, "recall") == f"{100 * rejected[is_nok].mean():.1f} %"
    precision = f"{100 * is_nok[rejected].mean():.1f} %" if rejected.any() else "–"
    assert text(browser, "precision") == precision
    f1 = 2 * counted["n_found"] / (counted["n_found"] + counted["n_false_alarms"] + is_nok.sum())
    assert float(text(browser, "f1")) == pytest.approx(f1, abs=6e-4)
    expected = groups(scores.tolist(), is_nok.tolist(), threshold)
    assert shown_groups(browser) == expected
    counts = {name: int(browser.find_element("css selector", f"#group_{name} .count").text) for name in expected}
    assert counts == {name: len(positions) for name, positions in expected.items()}
    for name, wrong in (("missed", True), ("false_alarm", True), ("near", False), ("other", False)):
        for card in browser.find_elements("css selector", f"#group_{name} .card"):
            assert ("wrong" in card.get_attribute("class")) == wrong


def test_it_opens_at_the_threshold_of_the_evaluation(browser, images, workflow):
    check(browser, images, workflow.thresholds[1][-1])


def test_the_field_recounts_and_sorts(browser, images):
    """At every score itself, where equality counts, just above it, and beyond both ends."""
    scores, _ = truth(images)
    chosen = np.unique(scores)[::4].astype(float)
    for threshold in [*chosen, *np.nextafter(chosen.astype(np.float32), np.float32(1)).astype(float), 0.0, 0.99]:
        set_threshold(browser, threshold)
        check(browser, images, threshold)


def test_the_slider_recounts_and_sorts(browser, images):
    for step in (0, 250, 600, 1000):
        browser.execute_script(
            "const s = document.getElementById('slider'); s.value = arguments[0]; s.dispatchEvent(new Event('input'));",
            step,
        )
        check(browser, images, float(browser.find_element("id", "threshold").get_attribute("value")))


def test_the_slider_moves_with_the_keyboard(browser, images):
    from selenium.webdriver.common.keys import Keys

    slider = browser.find_element("id", "slider")
    before = float(browser.find_element("id", "threshold").get_attribute("value"))
    for _ in range(5):
        slider.send_keys(Keys.ARROW_LEFT)
    after = float(browser.find_element("id", "threshold").get_attribute("value"))
    assert after < before
    check(browser, images, after)


def test_the_buttons(browser, images, workflow):
    measured = images[0]["global_evaluation"]
    for name, threshold in (
        ("zero_miss", measured["zero_miss_threshold"]),
        ("best_f1", measured["image_best_f1_threshold"]),
        ("stored", workflow.thresholds[1][-1]),
    ):
        browser.find_element("css selector", f'button[data-threshold="{name}"]').click()
        assert float(browser.find_element("id", "threshold").get_attribute("value")) == threshold
        check(browser, images, threshold)
        if name == "zero_miss":
            assert text(browser, "n_missed") == "0"


def test_marks_and_types_follow(browser, images):
    scores, is_nok = truth(images)
    threshold = float(np.median(scores))
    set_threshold(browser, threshold)
    mark = browser.find_element("css selector", "#roc .mark")
    x, y = float(mark.get_attribute("cx")), float(mark.get_attribute("cy"))
    rejected = scores >= np.float32(threshold)
    assert x == pytest.approx(44 + rejected[~is_nok].mean() * 302, abs=0.01)
    assert y == pytest.approx(200 - rejected[is_nok].mean() * 170, abs=0.01)
    row = browser.find_element("css selector", "#types tr[data-type] .found")
    assert row.text == f"{rejected[is_nok].sum()} of {is_nok.sum()}"


def test_filters(browser, images, workflow):
    from selenium.webdriver.support.ui import Select

    set_threshold(browser, 0.0)  # everything is rejected
    Select(browser.find_element("id", "show_group")).select_by_value("false_alarm")
    visible = [s.get_attribute("id") for s in browser.find_elements("css selector", ".group") if s.is_displayed()]
    assert visible == ["group_false_alarm"]
    Select(browser.find_element("id", "show_type")).select_by_value("defective")
    assert not any(card.is_displayed() for card in browser.find_elements("css selector", ".card"))
    assert browser.find_element("css selector", "#group_false_alarm .empty").is_displayed()
    Select(browser.find_element("id", "show_type")).select_by_value("*")
    Select(browser.find_element("id", "show_group")).select_by_value("")
    heat = browser.find_element("css selector", ".card img + img")
    assert heat.is_displayed()
    browser.find_element("id", "show_heat").click()
    assert not heat.is_displayed()
    browser.find_element("id", "show_heat").click()
    set_threshold(browser, workflow.thresholds[1][-1])


def test_no_errors_no_requests_and_a_screenshot(browser):
    assert [entry for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []
    loaded = browser.execute_script("return performance.getEntriesByType('resource').map((entry) => entry.name);")
    assert all(name.startswith("data:") for name in loaded)
    asked = [
        entry["message"] for entry in browser.get_log("performance") if "Network.requestWillBeSent" in entry["message"]
    ]
    assert not any('"url":"http' in message for message in asked)
    broken = browser.execute_script(
        "return Array.from(document.images).filter((i) => i.complete && !i.naturalWidth).length"
    )
    assert broken == 0
    folder = Path(__file__).resolve().parents[2] / "output" / "tests"
    folder.mkdir(parents=True, exist_ok=True)
    assert browser.save_screenshot(str(folder / "report.png"))
    assert (folder / "report.png").stat().st_size > 20_000


@pytest.fixture
def other_page(browser):
    """Open another report in the same browser; afterwards the first one again."""

    def opened(evaluated, workflow, **options):
        path = browser.folder / "other.html"
        dl.write_dl_report(*evaluated, workflow.dataset, workflow.model, path, {"image_size": 32, **options})
        browser.get(path.as_uri())
        return browser

    yield opened
    browser.set_window_size(1200, 1600)
    browser.get((browser.folder / "report.html").as_uri())


def test_every_picture_is_there_when_the_page_is_printed(browser, other_page, images, workflow):
    """Also those far below the window, which a browser would load when someone scrolls there, and print as holes."""
    browser.set_window_size(500, 400)
    page = other_page(images, workflow)
    page.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    loaded, there = page.execute_script(
        "return [Array.from(document.images).filter((i) => i.complete && i.naturalWidth).length, document.images.length]"
    )
    assert there == 2 * len(images[0]["image_scores"])
    assert loaded == there


def test_paper_says_which_images_are_left_out(other_page, images, workflow):
    """What cannot be used on paper is gone; what was chosen before printing is still read there."""
    from selenium.webdriver.support.ui import Select

    page = other_page(images, workflow)
    Select(page.find_element("id", "show_group")).select_by_value("missed")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert page.find_element("id", "show_group").is_displayed()
        assert page.find_element("id", "threshold").is_displayed()
        assert not page.find_element("id", "slider").is_displayed()
        assert not page.find_element("css selector", "button[data-threshold]").is_displayed()
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_the_slider_tells_scores_apart_that_lie_close_together(other_page, images, workflow, monkeypatch):
    # The scores are invented: the model would give others, and the report say so.
    monkeypatch.setattr(sys.modules["dlproc.procedures.write_dl_report"], "_check_score", lambda *_: None)
    scores, is_nok = truth(images)
    close = (np.float32(0.3) + np.float32(2e-6) * np.argsort(np.argsort(scores))).astype(np.float32)
    rows = [{**row, "anomaly_score": float(score)} for row, score in zip(images[0]["image_scores"], close, strict=True)]
    result, middle = {**images[0], "image_scores": rows}, float(np.median(close))
    page = other_page((result, {**images[1], "anomaly_classification_thresholds": [middle]}), workflow)
    reached = page.execute_script(
        "const s = document.getElementById('slider'), seen = new Set();"
        "for (let k = 0; k <= 1000; k++) { s.value = k; s.dispatchEvent(new Event('input'));"
        "seen.add(['n_accepted_ok', 'n_missed', 'n_false_alarms', 'n_found']"
        ".map((id) => document.getElementById(id).textContent).join(' ')); } return Array.from(seen);"
    )
    expected = set()
    for threshold in [*np.unique(close), np.float32(1)]:
        rejected = close >= threshold
        counts = (~is_nok & ~rejected, is_nok & ~rejected, ~is_nok & rejected, is_nok & rejected)
        expected.add(" ".join(str(cell.sum()) for cell in counts))
    assert set(reached) == expected
    ticks = page.execute_script(
        "return Array.from(document.querySelectorAll('#histogram text'), (t) => t.textContent).filter((t) => /^0\\.\\d+$/.test(t))"
    )
    assert len(ticks) == 5
    assert len(set(ticks)) == 5


def test_hostile_names_do_nothing_in_a_browser(other_page, images, workflow):
    rows = [dict(row) for row in images[0]["image_scores"]]
    kind = "</script><img src=x onerror=alert(1)>\"'\udcff"
    first = next(index for index, row in enumerate(rows) if row["anomaly_label"] == "nok")
    rows[first] |= {"image_file_name": kind, "anomaly_type": kind}
    types = [{**images[0]["anomaly_types"][0], "anomaly_type": kind, "n_images": 1}]
    page = other_page(({**images[0], "image_scores": rows, "anomaly_types": types}, images[1]), workflow)
    set_threshold(page, 0.0)  # an alert would stop this call
    assert page.find_element("css selector", "#types .found").text == "1 of 1"
    name = page.find_element("css selector", f'.card[data-index="{first}"] .name').text
    assert name == kind.replace("\udcff", "\\udcff")
    assert page.execute_script("return document.querySelectorAll('img[src=x]').length") == 0
    assert [entry for entry in page.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []
