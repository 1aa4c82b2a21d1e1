import base64
import json
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from riskapp.core.crypto.file_keyring import FileKeyring, KeyringUnreadable
from riskapp.core.crypto.keyring import Keyring, MasterKeyMissing, UnwrapFailed, Wrapped
from riskapp.core.crypto.sealed import new_key

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "keyring.json"


def write(path: Path, content: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    path.chmod(0o600)


def test_first_start_makes_a_private_file_in_a_private_folder(path: Path) -> None:
    FileKeyring(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["keyring.json"]


def test_a_wrapped_key_opens_after_a_restart(path: Path) -> None:
    key = new_key()
    first: Keyring = FileKeyring(path)
    wrapped = first.wrap(key)
    assert (wrapped.provider, wrapped.master_key_id) == ("file", first.current)
    assert key not in wrapped.wrapped
    again = FileKeyring(path)
    assert again.current == first.current
    assert again.unwrap(wrapped) == key


def test_a_new_master_key_wraps_from_then_on_and_the_old_one_still_opens(path: Path) -> None:
    keyring, key = FileKeyring(path), new_key()
    old_id, old = keyring.current, keyring.wrap(key)
    new_id = keyring.add()
    assert new_id == keyring.current != old_id
    assert keyring.wrap(key).master_key_id == new_id
    assert keyring.ids == (old_id, new_id)
    restarted = FileKeyring(path)
    assert restarted.current == new_id
    assert restarted.unwrap(old) == restarted.unwrap(keyring.wrap(key)) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["keyring.json"]


def test_a_running_process_opens_what_another_wrapped_with_a_new_key(path: Path) -> None:
    running, other, key = FileKeyring(path), FileKeyring(path), new_key()
    other.add()
    assert running.unwrap(other.wrap(key)) == key


def test_new_keys_of_two_processes_are_both_kept(path: Path) -> None:
    one, two, key = FileKeyring(path), FileKeyring(path), new_key()
    one.add()
    by_one = one.wrap(key)
    two.add()
    assert FileKeyring(path).unwrap(by_one) == key


def test_a_running_process_wraps_with_a_master_key_that_another_made(path: Path) -> None:
    running = FileKeyring(path)
    made = FileKeyring(path).add()
    assert running.wrap(new_key()).master_key_id == made
    assert running.current == made
    assert running.ids == FileKeyring(path).ids


def test_nothing_more_is_wrapped_once_the_file_is_gone(path: Path) -> None:
    running, key = FileKeyring(path), new_key()
    wrapped = running.wrap(key)
    path.unlink()
    with pytest.raises(KeyringUnreadable):
        running.wrap(key)
    assert running.unwrap(wrapped) == key


@pytest.mark.parametrize("provider", ["file", "vault"])
def test_an_unknown_master_key_is_named(path: Path, provider: str) -> None:
    with pytest.raises(MasterKeyMissing) as refusal:
        FileKeyring(path).unwrap(Wrapped(provider, "0" * 16, bytes(40)))
    assert (refusal.value.provider, refusal.value.master_key_id) == (provider, "0" * 16)


def test_a_changed_wrapped_key_does_not_open(path: Path) -> None:
    keyring = FileKeyring(path)
    with pytest.raises(UnwrapFailed):
        keyring.unwrap(Wrapped("file", keyring.current, bytes(40)))


STARTER = """
import pathlib, sys, time
from riskapp.core.crypto.file_keyring import FileKeyring
folder = pathlib.Path(sys.argv[1])
print("ready", flush=True)
start = float(sys.stdin.readline())
for number in range(20):
    while time.monotonic() < start + number * 0.02:
        pass
    print(FileKeyring(folder / str(number) / "keyring.json").current)
"""


def test_processes_that_start_at_once_agree_on_one_keyring(tmp_path: Path) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", STARTER, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for _ in range(2)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    start = f"{time.monotonic() + 0.1}\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write(start)
        child.stdin.flush()
    first, second = (child.communicate()[0].split() for child in children)
    kept = [FileKeyring(tmp_path / str(number) / "keyring.json").current for number in range(20)]
    assert first == second == kept
    assert len(list(tmp_path.rglob("*.json*"))) == 20


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o644, 0o610])
def test_a_file_open_to_others_stops_the_start_and_says_how_to_mend_it(
    path: Path, mode: int
) -> None:
    FileKeyring(path)
    path.chmod(mode)
    with pytest.raises(KeyringUnreadable, match=f"mode {mode:04o}.*chmod 600"):
        FileKeyring(path)


KEY = base64.b64encode(b"k" * 32).decode()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        {},
        {"version": 2, "current": "a", "keys": {"a": KEY}},
        {"version": 1, "current": "b", "keys": {"a": KEY}},
        {"version": 1, "current": None, "keys": {"a": KEY}},
        {"version": 1, "current": ["a"], "keys": {"a": KEY}},
        {"version": 1, "current": "a", "keys": {"a": KEY[:-4]}},
        {"version": 1, "current": "a", "keys": {"a": "not base64!"}},
        {"version": 1, "current": "a", "keys": {"a": 5}},
        {"version": 1, "current": "a", "keys": [KEY]},
        {"version": 1, "keys": {"a": KEY}},
    ],
)
def test_a_malformed_file_stops_the_start_untouched_and_unquoted(path: Path, content: Any) -> None:
    write(path, content)
    before = path.read_bytes()
    with pytest.raises(KeyringUnreadable, match=r"malformed.*backup") as refusal:
        FileKeyring(path)
    assert path.read_bytes() == before
    assert KEY[:-4] not in str(refusal.value)


def test_the_current_one_of_several_keys_wraps(path: Path) -> None:
    write(path, {"version": 1, "current": "a", "keys": {"b": KEY, "a": KEY}})
    assert FileKeyring(path).wrap(new_key()).master_key_id == "a"


def test_a_folder_in_the_place_of_the_file_stops_the_start(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(KeyringUnreadable, match="cannot be read"):
        FileKeyring(path)


def test_a_dangling_link_is_not_replaced_by_new_keys(path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to("nowhere")
    with pytest.raises(KeyringUnreadable, match="cannot be read"):
        FileKeyring(path)


def test_a_place_that_cannot_be_made_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyringUnreadable, match="cannot be made"):
        FileKeyring(tmp_path / "file" / "keyring.json")
