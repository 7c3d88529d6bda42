"""The tables of the ledger. Importing this package registers all of them."""

from cashticket.models.applied_revisions import AppliedRevision
from cashticket.models.auctions import Auction, Quarantined, RecordedBid, SequenceGap
from cashticket.models.awards import Award, AwardEvent, Seat
from cashticket.models.checks import AuctionCheck
from cashticket.models.concerts import Concert
from cashticket.models.copy_beats import CopyBeat
from cashticket.models.final_ranks import FinalRank
from cashticket.models.follows import Follow
from cashticket.models.given_up_bids import GivenUpBid
from cashticket.models.identity_checks import IdentityCheck, PersonKey
from cashticket.models.known_browsers import KnownBrowser
from cashticket.models.notices import Notification
from cashticket.models.operator_acts import OperatorAct
from cashticket.models.organisers import Organiser, OrganiserPerson
from cashticket.models.outages import Outage
from cashticket.models.outbox import OutboxMessage
from cashticket.models.people import AccountMail, Person, SignIn, SignUpDraft
from cashticket.models.person_changes import PersonChange
from cashticket.models.phone_codes import PhoneCode
from cashticket.models.push import MutedTopic, PushSubscription, SilentHours
from cashticket.models.refused_addresses import RefusedAddress
from cashticket.models.second_factors import (
    AuthenticatorApp,
    Passkey,
    PendingSignIn,
    RecoveryCode,
    SpentChallenge,
    WrongCode,
)
from cashticket.models.withdrawals import Withdrawal

__all__ = [
    "AccountMail",
    "AppliedRevision",
    "Auction",
    "AuctionCheck",
    "AuthenticatorApp",
    "Award",
    "AwardEvent",
    "Concert",
    "CopyBeat",
    "FinalRank",
    "Follow",
    "GivenUpBid",
    "IdentityCheck",
    "KnownBrowser",
    "MutedTopic",
    "Notification",
    "OperatorAct",
    "Organiser",
    "OrganiserPerson",
    "Outage",
    "OutboxMessage",
    "Passkey",
    "PendingSignIn",
    "Person",
    "PersonChange",
    "PersonKey",
    "PhoneCode",
    "PushSubscription",
    "Quarantined",
    "RecordedBid",
    "RecoveryCode",
    "RefusedAddress",
    "Seat",
    "SequenceGap",
    "SignIn",
    "SignUpDraft",
    "SilentHours",
    "SpentChallenge",
    "Withdrawal",
    "WrongCode",
]
