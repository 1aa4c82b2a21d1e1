"""A scoring scheme: constants under a name. `std-1` is published; others derive from it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from riskapp.scoring.constants import SCHEME, STD_1, Constants
from riskapp.vendors.rules import Tier


@dataclass(frozen=True, slots=True)
class Scheme:
    """What an organisation scores by.

    `weights` W by domain id, for domains that weigh otherwise than their questionnaire says;
    `cadence` the months after which an engagement is assessed again, by its residual tier.
    """

    name: str
    constants: Constants
    weights: Mapping[str, int]
    cadence: Mapping[Tier, int]


STANDARD = Scheme(
    SCHEME,
    STD_1,
    MappingProxyType({}),
    MappingProxyType({Tier.LOW: 36, Tier.MEDIUM: 24, Tier.HIGH: 12, Tier.CRITICAL: 6}),
)
