"""ZIPs are held to what they say of themselves, and to what can be seen of them."""

import io
import os
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.evidence import archives
from riskapp.evidence.archives import (
    HARMLESS,
    MOST_ENTRIES,
    TAIL_BYTES,
    Flawed,
    ends_as_zip,
    listed,
)
from riskapp.evidence.problems import Problem
from tests.evidence.zips import bomb, central, deflated, end_of, office, packed, says, with_field

NAMES = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)
CONTENTS = st.builds(lambda end: b"=" + end, st.binary(max_size=300)) | st.builds(
    lambda n: b"a" * n, st.integers(0, 200_000)
)
COMMENTS = st.binary(max_size=50).filter(lambda said: b"PK" not in said)
HOW = st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])


def look(data: bytes, size: int | None = None) -> list[str]:
    return [entry.name for entry in listed(data[-TAIL_BYTES:], size or len(data))]


def flaw(data: bytes, size: int | None = None) -> Flawed:
    with pytest.raises(Flawed) as caught:
        look(data, size)
    return caught.value


@given(st.dictionaries(NAMES, CONTENTS, min_size=1, max_size=8), HOW, COMMENTS)
def test_whatever_the_library_packs_is_listed(
    members: dict[str, bytes], how: int, comment: bytes
) -> None:
    assert look(packed(members, how, comment=comment)) == list(members)


@given(st.binary(max_size=5000), st.integers(0, 2**32 - 1), HOW)
def test_an_entry_that_says_another_length_than_it_has_is_refused(
    content: bytes, said: int, how: int
) -> None:
    data = says(packed({"a": content}, how), said)
    if said != len(content):
        assert flaw(data).problem in {Problem.INCONSISTENT, Problem.TOO_LARGE}


@settings(max_examples=300)
@given(st.data())
def test_whatever_is_changed_in_the_list_raises_nothing_but_a_flaw(data: st.DataObject) -> None:
    whole = packed({"a.txt": b"a" * 5000, "b/c.txt": b"b"}, zipfile.ZIP_DEFLATED)
    at = data.draw(st.integers(end_of(whole, "offset"), len(whole) - 1))
    changed = bytearray(whole)
    changed[at] = data.draw(st.integers(0, 255))
    try:
        look(bytes(changed))
    except Flawed:
        return


@given(st.integers(1, 400))
def test_an_archive_that_was_cut_short_has_no_list(cut: int) -> None:
    data = packed({"a": b"x" * 500})
    assert flaw(data[:-cut]).problem in {Problem.NO_END, Problem.BEHIND_END}


@pytest.mark.parametrize("stream", [False, True])
def test_archives_written_as_a_stream_and_in_the_large_format_are_listed(stream: bool) -> None:
    class Stream(io.BytesIO):
        def seekable(self) -> bool:
            return not stream

        def tell(self) -> int:
            if stream:
                raise OSError
            return super().tell()

    out = Stream()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        with zipped.open("a.txt", "w", force_zip64=True) as member:
            member.write(b"a" * 100_000)
        zipped.writestr("b.txt", b"b")
    assert look(out.getvalue()) == ["a.txt", "b.txt"]


def test_the_large_format_is_read_where_numbers_do_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 50)
    data = packed({"a.txt": b"a" * 100, "b.txt": b"b"})
    assert b"PK\6\6" in data
    assert look(data) == ["a.txt", "b.txt"]
    assert flaw(data.replace(b"PK\6\6", b"PK\6\0")).problem is Problem.INCONSISTENT


def test_a_bomb_is_refused_whether_it_says_so_or_lies() -> None:
    honest = bomb(256 << 20)
    assert flaw(honest).problem is Problem.TOO_LARGE
    assert flaw(says(honest, 10)).problem is Problem.INCONSISTENT
    assert flaw(says(honest, len(honest))).problem is Problem.INCONSISTENT


def test_a_bomb_hidden_beside_what_cannot_be_packed_is_refused() -> None:
    members = {"noise.bin": os.urandom(4 << 20), "zeros.txt": bytes(40 << 20)}
    found = flaw(packed(members, zipfile.ZIP_DEFLATED))
    assert (found.problem, found.entry) == (Problem.TOO_LARGE, "zeros.txt")


def test_what_is_packed_tightly_but_is_small_is_taken() -> None:
    assert look(deflated(log=b"nothing happened\n" * (HARMLESS // 20))) == ["log.txt"]


def test_entries_that_lie_on_one_another_are_refused() -> None:
    data = packed({"a": b"x" * 100, "b": b"y" * 100, "c": b"z" * 100})
    second = central(data, 1)
    assert flaw(with_field(data, second + 42, "<L", 0)).problem is Problem.INCONSISTENT
    assert flaw(with_field(data, second + 42, "<L", 10**6)).problem is Problem.INCONSISTENT


def test_bytes_before_the_first_entry_or_between_entries_are_refused() -> None:
    data = packed({"a": b"x"})
    out = io.BytesIO(b"#!/bin/sh\n")
    out.seek(0, os.SEEK_END)
    with zipfile.ZipFile(out, "a") as zipped:
        zipped.writestr("a", b"x")
    assert flaw(out.getvalue()).problem is Problem.INCONSISTENT
    hidden = data[: central(data)] + bytes(100_000) + data[central(data) :]
    moved = with_field(hidden, len(hidden) - 6, "<L", central(data) + 100_000)
    assert flaw(moved).problem is Problem.INCONSISTENT


def test_bytes_behind_the_end_are_refused() -> None:
    assert flaw(packed({"a": b"x"}) + b"more").problem is Problem.BEHIND_END


def test_two_ends_that_both_fit_are_refused() -> None:
    inner = packed({"b": b"y"})
    assert flaw(packed({"a": b"x"}, comment=inner)).problem is Problem.INCONSISTENT


def test_two_entries_of_one_name_are_refused() -> None:
    data = packed({"aa": b"x", "bb": b"y"}).replace(b"bb", b"aa")
    assert flaw(data).problem is Problem.INCONSISTENT


def test_a_header_that_names_another_file_than_the_list_is_refused() -> None:
    data = packed({"aa.txt": b"x"})
    assert flaw(data.replace(b"aa.txt", b"aa.exe", 1)).problem is Problem.INCONSISTENT


def test_too_many_entries_are_refused_and_as_many_as_are_taken_are_read() -> None:
    assert len(look(packed({str(n): b"" for n in range(MOST_ENTRIES)}))) == MOST_ENTRIES
    more = packed({str(n): b"" for n in range(MOST_ENTRIES + 1)})
    assert flaw(more).problem is Problem.TOO_MANY


def test_a_list_that_does_not_fit_into_what_is_looked_at_is_refused() -> None:
    long = packed({f"{n}{'x' * 60_000}": b"" for n in range(50)})
    assert len(long) > TAIL_BYTES
    assert flaw(long).problem is Problem.TOO_MANY


@pytest.mark.parametrize("name", ["a.zip", "b/c.7z", "a.tar.gz", "A.JAR", "x.rar", "a.iso"])
def test_an_archive_in_an_archive_is_refused_by_its_name(name: str) -> None:
    found = flaw(packed({name: b"anything"}))
    assert (found.problem, found.entry) == (Problem.NESTED, name.rpartition("/")[2])


@pytest.mark.parametrize(
    "content", [packed({"a": b"x"}), b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x01"]
)
@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_in_an_archive_is_refused_under_another_name(content: bytes, how: int) -> None:
    assert flaw(packed({"notes.txt": content}, how)).problem is Problem.NESTED


def test_documents_in_an_archive_are_taken() -> None:
    assert look(packed({"policy.docx": office("docx"), "plan.xlsx": office("xlsx")}))


@pytest.mark.parametrize("bit", [0x0001, 0x0040, 0x2000])
def test_entries_under_a_password_are_refused(bit: int) -> None:
    data = packed({"secret.txt": b"x"})
    found = flaw(with_field(data, central(data) + 8, "<H", bit))
    assert (found.problem, found.entry) == (Problem.ENCRYPTED, "secret.txt")


@pytest.mark.parametrize(("how", "problem"), [(9, Problem.PACKING), (99, Problem.ENCRYPTED)])
def test_other_ways_of_packing_are_refused(how: int, problem: Problem) -> None:
    data = packed({"a.txt": b"x"})
    assert flaw(with_field(data, central(data) + 10, "<H", how)).problem is problem
    assert flaw(packed({"a.txt": b"x"}, zipfile.ZIP_BZIP2)).problem is Problem.PACKING


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../up.txt",
        "a/../../up.txt",
        "a\\b.txt",
        "C:evil.txt",
        "a\x1b[2J.txt",
        "invoice\u202efdp.exe",
        "line\u2028end.txt",
    ],
)
def test_names_that_lead_outside_or_hide_something_are_refused(name: str) -> None:
    found = flaw(packed({name: b"x"}))
    assert found.problem is Problem.NAMES
    assert "\u202e" not in found.entry


@pytest.mark.parametrize("name", ["a/b/", "日本語 書類.txt", "..a", "a..b/c", "Prüfung (2).pdf"])
def test_ordinary_names_are_taken(name: str) -> None:
    assert look(packed({name: b""})) == [name]


@given(st.binary(max_size=2000))
def test_what_ends_as_an_archive_is_found_out_behind_any_bytes(before: bytes) -> None:
    data = before + packed({"a": b"x"})
    assert ends_as_zip(data)
    assert ends_as_zip(data + b"\n%%EOF\n")


@given(st.binary(max_size=2000))
def test_bytes_that_only_look_like_an_end_are_none(noise: bytes) -> None:
    assert not ends_as_zip(noise.replace(b"PK\1\2", b""))
    assert not ends_as_zip(noise + b"PK\5\6" + bytes(18))


def test_counting_what_is_packed_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_COUNTED", 1000)
    data = packed({"a": b"a" * 2000, "b": b"b" * 10}, zipfile.ZIP_DEFLATED)
    assert look(says(data, 11, index=1)) == ["a", "b"]
