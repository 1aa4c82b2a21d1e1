"""What a pack holds beside its documents: report, tables and OSCAL, made of them alone."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from riskapp.packs.documents import Document, Documents
from riskapp.packs.oscal.writing import assessment_results, poam
from riskapp.packs.report import report
from riskapp.packs.sheets import answers_xlsx, subprocessors_csv


def rendered(documents: Documents, root: str) -> Mapping[str, bytes]:
    """Files by their names below the assessment's root.

    Made anew each time: what was kept would outlive the erasure of what it tells.
    """
    folder = f"{root}oscal"
    # The report is set by another process; everything else is made while it is at it.
    with ThreadPoolExecutor(max_workers=1) as beside:
        pdf = beside.submit(report, documents)
        tables = {
            "answers.xlsx": answers_xlsx(documents),
            "subprocessors.csv": subprocessors_csv(documents),
            "oscal/assessment-results.json": _json(assessment_results(documents, folder=folder)),
            "oscal/poam.json": _json(poam(documents, folder=folder)),
        }
        return {"report.pdf": pdf.result(), **tables}


def _json(document: Document) -> bytes:
    """Without indents: it is for tools, which read and write it five times as fast so."""
    return json.dumps(document, ensure_ascii=False).encode() + b"\n"
