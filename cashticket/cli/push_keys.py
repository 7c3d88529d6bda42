"""`flask ops push-keys`: a new pair of keys by which push services know this site."""

from cashticket.cli.output import command, json_option, print_one
from cashticket.notify.vapid_keys import make_pair


@command("push-keys", example="ops push-keys")
@json_option
def make_push_keys(as_json: bool) -> None:
    """Make a pair of keys for pushes and print it; nothing is stored.

    A browser subscribes under the public key: with another pair everybody has to turn pushes on again.
    """
    public, private = make_pair()
    print_one({"VAPID_PUBLIC_KEY": public, "VAPID_PRIVATE_KEY": private}, as_json)


commands = (make_push_keys,)
