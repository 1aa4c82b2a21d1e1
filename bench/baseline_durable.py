"""The bare view, and the least that makes a save durable: one line appended and synced, in turn."""

import os
import tempfile
import threading

from flask import Flask, request

app = Flask(__name__)
turn = threading.Lock()
handle = os.open(f"{tempfile.gettempdir()}/lines", os.O_WRONLY | os.O_CREAT | os.O_APPEND)


@app.post("/p/<invitation_id>/answers/<question_id>")
def save(invitation_id: str, question_id: str) -> dict[str, str]:
    body = request.get_data()
    with turn:
        os.write(handle, body + b"\n")
        os.fsync(handle)
    return {"status": "Saved", "invitation": invitation_id, "question": question_id}
