import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap_with_padding

from riskapp.core.crypto.keyring import UnwrapFailed, unwrap_with, wrap_with
from riskapp.core.crypto.sealed import new_key


def test_a_data_key_comes_back_through_vendor_key_and_master_key() -> None:
    master, vendor, data = new_key(), new_key(), new_key()
    stored_vendor, stored_data = wrap_with(master, vendor), wrap_with(vendor, data)
    assert unwrap_with(unwrap_with(master, stored_vendor), stored_data) == data


def test_wrapping_is_aes_kwp_in_40_bytes() -> None:
    kek, key = new_key(), new_key()
    wrapped = wrap_with(kek, key)
    assert len(wrapped) == 40
    assert aes_key_unwrap_with_padding(kek, wrapped) == key


@pytest.mark.parametrize("length", [0, 16, 24, 31, 33])
def test_only_keys_of_32_bytes_wrap_or_are_wrapped(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        wrap_with(b"k" * length, new_key())
    with pytest.raises(ValueError, match="32 bytes"):
        wrap_with(new_key(), b"k" * length)
    with pytest.raises(ValueError, match="32 bytes"):
        unwrap_with(b"k" * length, b"w" * 40)


def test_another_key_does_not_unwrap() -> None:
    with pytest.raises(UnwrapFailed):
        unwrap_with(new_key(), wrap_with(new_key(), new_key()))


def test_every_flipped_bit_of_a_wrapped_key_is_found() -> None:
    kek = new_key()
    wrapped = wrap_with(kek, new_key())
    for bit in range(len(wrapped) * 8):
        torn = bytearray(wrapped)
        torn[bit // 8] ^= 1 << bit % 8
        with pytest.raises(UnwrapFailed):
            unwrap_with(kek, bytes(torn))


@pytest.mark.parametrize("length", [0, 8, 15, 16, 39, 41])
def test_a_wrapped_key_of_another_length_fails_as_typed(length: int) -> None:
    with pytest.raises(UnwrapFailed):
        unwrap_with(new_key(), b"w" * length)
