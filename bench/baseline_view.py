"""The bare view: Flask, at the address where riskapp saves an answer. Nothing else."""

from flask import Flask

app = Flask(__name__)


@app.post("/p/<invitation_id>/answers/<question_id>")
def save(invitation_id: str, question_id: str) -> dict[str, str]:
    return {"status": "Saved", "invitation": invitation_id, "question": question_id}
