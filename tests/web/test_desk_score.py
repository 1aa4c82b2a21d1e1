import re

from flask import Flask

from tests.cast import Cast
from tests.conftest import Client
from tests.web.desk import came_in, says_no, words

KNOCK_OUT = "ISM-12"


def test_the_score_page_says_what_would_change_the_tier(
    app: Flask, client: Client, cast: Cast
) -> None:
    found = came_in(app, cast.vera, cast.oskar, instead=says_no(KNOCK_OUT))
    page = client.as_(cast.oskar).get(f"/desk/assessments/{found}/score")
    text = words(page)
    told = text.partition("What would change the tier")[2].partition("How it adds up")[0]
    assert re.search(r"takes? it to \w+ \(\d+\.\d\); the rest may stay as it is", told)
    assert f"{KNOCK_OUT} is answered “No”, worth 0 %" in told
    assert f'href="/desk/assessments/{found}/questions/{KNOCK_OUT}' in page.text
