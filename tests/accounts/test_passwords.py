import subprocess
import sys

from riskapp.accounts.passwords import hashed, matches

PRINT = "from riskapp.accounts.passwords import hashed; print(hashed('grey heron over ponds'))"


def test_outside_the_tests_a_password_costs_what_argon2id_is_meant_to_cost() -> None:
    made = subprocess.run([sys.executable, "-c", PRINT], capture_output=True, text=True, check=True)
    assert made.stdout.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert matches(made.stdout.strip(), "grey heron over ponds")


def test_a_password_is_told_from_others_and_no_two_hashes_are_alike() -> None:
    stored = hashed("grey heron over ponds")
    assert matches(stored, "grey heron over ponds")
    assert not matches(stored, "grey heron over pond")
    assert not matches(None, "grey heron over ponds")
    assert stored != hashed("grey heron over ponds")
