"""What a WSGI server serves: `granian --interface wsgi --no-ws --blocking-threads 128 wsgi:app`."""

import os

from riskapp import create_app
from riskapp.clockwork import Clockwork
from riskapp.startup import make_ready

app = create_app()
if os.environ.get("FLASK_RUN_FROM_CLI") != "true":
    # Not for Flask's command line, which finds this file too: some verbs need no database. Click's
    # context does not tell: granian is a command of Click as well, and its workers inherit it.
    make_ready(app)
    Clockwork(app).start()
