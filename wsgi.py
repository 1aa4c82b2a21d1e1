"""What a WSGI server serves: `granian --interface wsgi --no-ws wsgi:app`."""

import click

from riskapp import create_app
from riskapp.startup import make_ready

app = create_app()
if click.get_current_context(silent=True) is None:
    # Not for the command line, which finds this file too: some verbs need no database.
    make_ready(app)
