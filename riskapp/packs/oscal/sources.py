"""What a pack's OSCAL documents refer to: the files of the pack, with their digests. Pure."""

import posixpath

from riskapp.packs.documents import Document, Documents
from riskapp.packs.oscal.text import href, line, lines, prop, props, string, uuid, without_empty

YAML, JSON = "application/yaml", "application/json"


class Sources:
    """The files that an OSCAL document can name; it holds those that it did name."""

    def __init__(self, documents: Documents, folder: str) -> None:
        self._documents, self._folder = documents, folder
        self._named: dict[str, Document] = {}

    def resources(self) -> list[Document]:
        return list(self._named.values())

    def plan(self) -> str:
        """The reference that stands for an assessment plan: what was asked, of whom and why."""
        return self._name(
            uuid(self._documents.about["assessment"]["id"], "asked"),
            title="What was asked",
            description=lines(
                "There is no OSCAL assessment plan. This document of the pack names the"
                " questionnaires that were sent, the questions that were asked of each, and why."
            ),
            rlinks=[{"href": "../assessment.json", "media-type": JSON}],
        )

    def questionnaire(self, stated: Document) -> str:
        words = f"{stated['title']}, {stated['id']} {stated['release']}"
        return self._name(
            uuid("questionnaire", stated["sha256"]),
            title=line(words),
            props=[prop("asked", len(stated["asked"]))],
            rlinks=self._links(stated["file"], YAML, stated["sha256"]),
        )

    def receipt(self) -> str:
        made = self._documents.decision
        return self._name(
            uuid(self._documents.about["assessment"]["id"], "receipt", made["receipt"]),
            title="The receipt that was decided on",
            description=lines("From it alone the score can be computed again."),
            rlinks=self._links(self._beside("receipt.json"), JSON, made["receipt_sha256"]),
        )

    def acknowledgement(self, stated: Document) -> str:
        return self._name(
            uuid(self._documents.about["assessment"]["id"], "submission", stated["number"]),
            title=line(f"Acknowledgement of submission {stated['number']}"),
            rlinks=self._links(stated["file"], JSON, stated["sha256"]),
        )

    def evidence(self, file: Document) -> str:
        """One version of a file, wherever it lies in the pack, also if it lies nowhere in it."""
        key = uuid("evidence", file["evidence"], file["version"])
        links = self._links(file["file"], file["media_type"], file["sha256"])
        before = self._named.get(key, {}).get("rlinks", [])
        links = [*before, *(one for one in links if one not in before)]
        return self._name(
            key,
            title=line(file["name"] or "A file without a name"),
            description=None if links else lines(_not_here(file)),
            props=props(
                {
                    "evidence": f"{file['evidence']}/{file['version']}",
                    "size": file["size"],
                    "sha256": file["sha256"],
                    "issued-on": file["issued_on"],
                    "valid-until": file["valid_until"],
                }
            ),
            rlinks=links,
        )

    def results(self) -> str:
        """The assessment results that lie beside a plan of action."""
        return self._name(
            uuid(self._documents.about["assessment"]["id"], "assessment-results"),
            title="The assessment results",
            rlinks=[{"href": "assessment-results.json", "media-type": JSON}],
        )

    def _beside(self, name: str) -> str:
        """A document of the assessment; they lie one folder up."""
        return posixpath.join(posixpath.dirname(self._folder), name)

    def _links(self, place: str | None, kind: str, sha256: str) -> list[Document]:
        """The link to a file of the bag; none where it is not in it."""
        if place is None:
            return []
        return [
            {
                "href": href(place, self._folder),
                "media-type": string(kind),
                "hashes": [{"algorithm": "SHA-256", "value": sha256}],
            }
        ]

    def _name(self, key: str, **parts: object) -> str:
        self._named[key] = without_empty(uuid=key, **parts)
        return f"#{key}"


def _not_here(file: Document) -> str:
    if file["redacted"]:
        return f"It was left out of the pack: {file['redacted']}"
    if file["erased_at"]:
        return f"It was erased. {file['erased_because'] or ''}"
    return "It is not in the pack; the pack says why where it lists what was left out."
