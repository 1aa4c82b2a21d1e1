"""What a pack holds beside its documents: report, tables and OSCAL, made of them alone."""

import dataclasses
import json
from collections.abc import Mapping
from functools import lru_cache

from riskapp.packs.documents import Document, Documents
from riskapp.packs.oscal.writing import assessment_results, poam
from riskapp.packs.report import report
from riskapp.packs.sheets import answers_xlsx, subprocessors_csv


def rendered(documents: Documents, root: str) -> Mapping[str, bytes]:
    """Files by their names below the assessment's root."""
    fields = [field.name for field in dataclasses.fields(documents)]
    return _rendered(json.dumps({name: getattr(documents, name) for name in fields}), root)


@lru_cache(maxsize=4)  # of some MB each: a pack is made, taken, and perhaps taken up again
def _rendered(told: str, root: str) -> Mapping[str, bytes]:
    documents, folder = Documents(**json.loads(told)), f"{root}oscal"
    return {
        "report.pdf": report(documents),
        "answers.xlsx": answers_xlsx(documents),
        "subprocessors.csv": subprocessors_csv(documents),
        "oscal/assessment-results.json": _json(assessment_results(documents, folder=folder)),
        "oscal/poam.json": _json(poam(documents, folder=folder)),
    }


def _json(document: Document) -> bytes:
    """Without indents: it is for tools, which read and write it five times as fast so."""
    return json.dumps(document, ensure_ascii=False).encode() + b"\n"
