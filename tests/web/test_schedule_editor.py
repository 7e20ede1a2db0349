"""The rows of time windows say what the document says, with JavaScript and without."""

import json
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import estimate, parse_document, resolve
from costmodel.schedule_window import WEEKDAYS
from livecost.web.schedule_editor import (
    ADD,
    SCHEDULE,
    WindowRow,
    submitted_rows,
    window_rows,
    windows_text,
    with_action,
)
from tests.web.pages import client, words

BROWSER = client()
OFFICE = {"days": list(WEEKDAYS[:5]), "start": "08:00", "end": "18:00", "timeZone": "Europe/Berlin"}
PEAK = {"demand.concurrency": "400"}

typed = st.text(st.characters(codec="utf-8"), max_size=10)
rows = st.builds(
    WindowRow, st.sets(st.sampled_from(WEEKDAYS)).map(lambda found: tuple(d for d in WEEKDAYS if d in found)), typed,
    typed, typed,
)  # fmt: skip


def address(*windows, **fields):
    return "/?" + urlencode({**PEAK, **fields, SCHEDULE: json.dumps(windows)})


def form_of(*windows):
    """What a browser sends of the rows."""
    form = {}
    for index, window in enumerate(windows):
        form |= {f"{SCHEDULE}[{index}].{name}": window[name] for name in ("start", "end", "timeZone")}
        form |= {f"{SCHEDULE}[{index}].days.{day}": day for day in window["days"]}
    return form


def sent(form, **before):
    answer = BROWSER.get("/", params={"from": urlencode(before), **form})
    assert answer.status_code == 303
    return {name: text for name, [text] in parse_qs(urlsplit(answer.headers["location"]).query).items()}


@given(st.lists(rows, max_size=4).map(tuple))
def test_rows_come_back_from_their_text_whatever_is_typed_in_them(found):
    assert window_rows(windows_text(found)) == found


@given(st.text(max_size=80))
def test_no_text_breaks_the_rows(text):
    for row in window_rows(text):
        assert set(row.days) <= set(WEEKDAYS)


def test_a_schedule_is_shown_with_its_hours_its_baseline_and_what_it_saves():
    """3,020.40 always on and 2,548.68 with the schedule, as the specification works out."""
    text = words(BROWSER.get(address(OFFICE)).text)

    assert "The windows save $471.72 a month" in text
    assert "would cost $3,020.40" in text
    assert "Mon,Tue,Wed,Thu,Fri 08:00-18:00 Europe/Berlin 217.26 + 3 + 1 $199.88" in text
    assert "Baseline and peaks" not in words(BROWSER.get("/").text)


def test_without_script_a_row_is_added_filled_in_and_removed():
    added = sent({"window": ADD}, **PEAK)
    assert window_rows(added[SCHEDULE]) == (WindowRow(WEEKDAYS[:5], "08:00", "18:00", "UTC"),)

    filled = sent(form_of(OFFICE), **added)
    assert json.loads(filled[SCHEDULE]) == [OFFICE]
    assert filled["demand.concurrency"] == "400"
    assert sent({**form_of(OFFICE), "window": "0"}, **filled) == PEAK


def test_windows_take_the_place_of_stated_hours_and_the_other_way_round():
    hours = {"demand.activeHoursPerMonth": "300"}
    with_rows = sent({**hours, **form_of(OFFICE)}, **hours)
    assert set(with_rows) == {SCHEDULE}

    assert sent({**form_of(OFFICE), **hours}, **with_rows) == hours


def test_a_form_that_changes_no_window_leaves_the_text_as_it_is():
    stated = {SCHEDULE: '[{"start": "08:00", "end": "18:00"}]'}
    every_day = {"days": WEEKDAYS, "start": "08:00", "end": "18:00", "timeZone": "UTC"}

    assert sent(form_of(every_day), **stated) == stated


def test_a_further_row_overlaps_none_while_days_are_free():
    fields = {}
    for _ in range(2):
        fields = with_action(fields, ADD, "Europe/Zurich")

    assert [row.days for row in window_rows(fields[SCHEDULE])] == [WEEKDAYS[:5], WEEKDAYS[5:]]
    assert estimate(resolve(parse_document({"demand": {"schedule": json.loads(fields[SCHEDULE])}})))


@pytest.mark.parametrize(
    ("change", "path", "told"),
    [
        ({"start": "9"}, "demand.schedule[1].start", "write a time of day such as 08:30"),
        ({"end": "25:00"}, "demand.schedule[1].end", "from 00:00 to 24:00"),
        ({"timeZone": "Berlin"}, "demand.schedule[1].timeZone", "did you mean Europe/Berlin"),
        ({"days": []}, "demand.schedule[1].days", "choose one or more"),
        ({"days": ["Mon"]}, "demand.schedule[1]", "let one end where the other begins"),
    ],
)
def test_a_slip_is_told_at_its_row(change, path, told):
    windows = [OFFICE, {**OFFICE, "days": ["Sat"], **change}]
    query = urlencode({SCHEDULE: json.dumps(windows)})
    problems = BROWSER.post("/calculator/update", content=query).json()

    assert problems["elsewhere"] == []
    assert list(problems["problems"]) == [path]
    assert told in problems["problems"][path]
    assert told in words(BROWSER.get(f"/?{query}").text)


@pytest.mark.parametrize("text", ["{", "x", "[1]", '{"a": 1}', '[{"days": 7}]', "[[[[", "&a [*a]", '[{"start": {}}]'])
def test_a_hostile_text_is_refused_at_the_windows(text):
    answer = BROWSER.get("/?" + urlencode({SCHEDULE: text}))

    assert answer.status_code == 422
    assert "Remove all" in answer.text
    assert "$1,036.60" in words(answer.text)


def test_scenarios_tell_their_windows_in_words():
    other = urlencode({"name": "Office", SCHEDULE: json.dumps([OFFICE])})

    assert "Peak time windows: none → Mon,Tue,Wed,Thu,Fri 08:00-18:00 Europe/Berlin" in words(
        BROWSER.get("/?" + urlencode({"with": other})).text
    )


def test_a_calendar_month_is_priced_by_its_own_hours():
    """March 2026 in Berlin: 743 hours, 220 of them active."""
    panel = urlencode({"": "pooling", "month": "2026-03"})
    text = words(BROWSER.get(f"{address(OFFICE)}&{urlencode({'panel': panel})}").text)

    assert "scale-to-low 1,403.00 963.00 743.00 $2,558.22 $481.16" in text


@pytest.mark.parametrize("month", ["2026-13", "soon", "9" * 50])
def test_a_month_that_is_none_is_told(month):
    panel = urlencode({"": "pooling", "month": month})

    assert "write a month such as 2026-03" in words(
        BROWSER.get(f"{address(OFFICE)}&{urlencode({'panel': panel})}").text
    )


def test_every_form_of_fifty_windows_fits():
    windows = [{**OFFICE, "days": [WEEKDAYS[index // 8]], "start": f"{index % 8:02}:00", "end": f"{index % 8:02}:30",
                "timeZone": "America/Argentina/ComodRivadavia"} for index in range(50)]  # fmt: skip
    document = json.dumps({"demand": {"schedule": windows}})
    answer = BROWSER.post("/calculator/import", data={"text": document})

    assert answer.status_code == 200
    assert BROWSER.get(f"/?{answer.json()['query']}").status_code == 200
    assert len(submitted_rows(form_of(*windows))) == 50
