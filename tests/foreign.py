"""Small questionnaires of other makers, one in each format that can be imported."""

import io
import json

from openpyxl import Workbook

VSAQ = b"""// Copyright 2026 Nobody in particular. Apache-2.0
{
  "questionnaire": [
    {"type": "block", "text": "Access", "items": [
      {"type": "yesno", "id": "reviews", "text": "Is access reviewed?",
       "yes": "It is.", "no": "It is not."},
      {"type": "tip", "id": "reviews_tip", "cond": "reviews/no", "warn": "yes",
       "severity": "high", "text": "Review access twice a year."},
      {"type": "hologram", "id": "odd", "text": "Wave at it"}
    ]}
  ]
}
"""

_CONTROL = {
    "id": "ac-1",
    "title": "Access is reviewed",
    "parts": [{"id": "ac-1_smt", "name": "statement", "prose": "Access is reviewed each year."}],
}
OSCAL = json.dumps(
    {
        "catalog": {
            "uuid": "7f3c1b52-6a58-4a7e-9a53-0d7f2f1e5a11",
            "metadata": {
                "title": "Small catalog",
                "last-modified": "2026-01-01T00:00:00Z",
                "version": "1",
                "oscal-version": "1.1.2",
            },
            "groups": [{"id": "ac", "title": "Access", "controls": [_CONTROL]}],
        }
    }
).encode()

CISO = b"""urn: urn:intuitem:risk:library:small
locale: en
ref_id: small
name: Small framework
copyright: Nobody in particular
version: 1
provider: nobody
packager: nobody
objects:
  framework:
    urn: urn:intuitem:risk:framework:small
    ref_id: small
    name: Small framework
    requirement_nodes:
      - urn: urn:intuitem:risk:req_node:small:1
        assessable: false
        depth: 1
        ref_id: '1'
        name: Access
      - urn: urn:intuitem:risk:req_node:small:1.1
        assessable: true
        depth: 2
        parent_urn: urn:intuitem:risk:req_node:small:1
        ref_id: '1.1'
        description: Access is reviewed each year.
"""

CSV = b"""Id,Section,Question,Notes,Weight
A1,Access,Do you review who has access?,Twice a year,high
A2,Access,Do you use a second factor?,,low
B1,Logging,Are logs kept for a year?,,medium
"""

FILES = {
    "vsaq": ("theirs.json", VSAQ),
    "oscal": ("theirs.json", OSCAL),
    "ciso": ("theirs.yaml", CISO),
    "sheet": ("theirs.csv", CSV),
}
"""A name and a content for each format."""


def workbook() -> bytes:
    """Two sheets of questions with odd headers, one that only explains, one that is hidden."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.create_sheet("Read me").append(["Fill in every line."])
    for number in (1, 2):
        sheet = book.create_sheet(f"Part {number}")
        sheet.append(["Vendor questions"])
        sheet.append(["No.", "Ask", "Requirement"])
        for row in range(1, 4):
            said = f"Is it so, {number} and {row}?", f"It is to be so, {number} and {row}."
            sheet.append([f"{number}.{row}", *said])
    book.create_sheet("Lists").append(["Yes"])
    book["Lists"].sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def nothing_asked() -> bytes:
    """A spreadsheet in which nobody would find a question."""
    return b"alpha,beta\n1,Is it so\n3,Is it not so\n"
