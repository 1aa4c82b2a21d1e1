"""Stock Werkzeug behind the same server: the control that the plaintext watcher must catch."""

from flask import Flask, request

app = Flask(__name__)


@app.post("/p/<invitation>/evidence/<question>")
def take(invitation: str, question: str) -> tuple[str, int, dict[str, str]]:
    """What riskapp's route would do with Flask as it comes."""
    file = request.files["file"]
    size = len(file.read())
    return f"{size} bytes on {question} by {invitation}", 302, {"Location": "/"}


@app.get("/p/<invitation>/evidence/<question>")
def look(invitation: str, question: str) -> str:
    """A form's token, as the client looks for one."""
    return f'<input name="csrf_token" value="{invitation}-{question}">'


@app.get("/static/favicon.svg")
def there() -> str:
    return ""
