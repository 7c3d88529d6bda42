"""What a verification of identity that proved nothing is told as."""

from flask_babel import gettext as _

from cashticket.models.identity_checks import CheckOutcome


def problem_of(outcome: CheckOutcome) -> str:
    """Why nothing was proven, and what to do; "" for what was."""
    sentences = {
        CheckOutcome.PROVEN: "",
        CheckOutcome.OTHER_NAME: _("The verified name is not the name of this account. Correct it in the profile."),
        CheckOutcome.OTHER_BIRTH: _(
            "The verified date of birth is not that of this account. Correct it in the profile."
        ),
        CheckOutcome.TAKEN: _("You have another account already. One person has one account; sign in with that one."),
        CheckOutcome.OTHER_PERSON: _("This account was verified by another person. Sign up for one of your own."),
        CheckOutcome.EXCLUDED: _("An earlier account of yours was blocked, so a new one cannot be verified."),
        CheckOutcome.FORGED: _("The answer is not from the verification service. Nothing was verified; begin again."),
        CheckOutcome.OTHER_SESSION: _("This verification was begun in another browser or sign-in. Begin again here."),
        CheckOutcome.ENDED: _("This verification took too long or was used already. Begin again."),
        CheckOutcome.NOT_DONE: _("The verification was not finished. Begin again when you are ready."),
        CheckOutcome.NO_KEY: _("This way of verifying does not say who you are for good. Begin again in another way."),
    }
    return str(sentences[outcome])
