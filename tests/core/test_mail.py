"""Mail that would reach somebody else is not sent."""

import pytest

from riskapp.core.mail import Mail, MailNotSent, SmtpMailer


@pytest.mark.parametrize(
    "to",
    ["vera,otto@example.com", "vera@[example.com", ":\\;)@:.de", ",(:):;a@?(.de", "a@b\nBcc: c@d"],
)
def test_an_address_that_reads_as_another_is_refused_before_anything_is_sent(to: str) -> None:
    nobody_listens = SmtpMailer("127.0.0.1", 1, None, None, starttls=False, sender="r@localhost")
    with pytest.raises(MailNotSent, match="address"):
        nobody_listens.send(Mail(to, "Questions", "Good day"))
