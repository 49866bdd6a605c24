"""Credentials of ``kb push``: secrets from the environment or a prompt, which no message contains.

A secret in an argument could be read by every user of the machine, and one in an address ends up in logs; so neither is
possible.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kb.checks import identifiers
from kb.escaping import hide_secrets
from kb.http_client import encode_basic, is_private
from kb.problems import fail
from kb.push.profiles import Profile, Scheme

USER, PASSWORD, TOKEN = "KB_PUSH_USER", "KB_PUSH_PASSWORD", "KB_PUSH_TOKEN"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A way to authenticate, with a secret that its text does not show."""

    scheme: Scheme
    user: str = ""
    secret: str = field(default="", repr=False)

    def hide(self, text: str) -> str:
        """Replace the secret in a text, in every form in which it is transmitted."""
        return hide_secrets(text, [self.secret, encode_basic(self.user, self.secret)] if self.secret else [])


ANONYMOUS = Credentials("none")


def find_credentials(
    profile: Profile,
    scheme: Scheme | None,
    user: str,
    environment: Mapping[str, str],
    ask: Callable[[str], str] | None,
) -> Credentials:
    """Find the credentials for a push.

    Without a scheme it is done as the store requires, if there is a secret; ``ask`` prompts for one, if there is a terminal.

    Raises:
        KbError: A name or a secret is missing (KB752).
    """
    user = user or environment.get(USER, "")
    chosen = scheme or _default_scheme(profile, user, environment)
    if chosen == "none":
        return ANONYMOUS
    if chosen == "token":
        return Credentials(chosen, "", _header_safe(_secret(TOKEN, "Token", environment, ask), TOKEN))
    if not user:
        raise fail("KB752", f"The user name for {chosen} authentication is missing.", f"Give --user, or set {USER}.")
    if ":" in user and chosen == "basic":
        raise fail("KB752", "The user name has a colon, which basic authentication does not allow.", "Use another user.")
    return Credentials(chosen, _header_safe(user, USER), _secret(PASSWORD, f"Password of {user}", environment, ask))


def _default_scheme(profile: Profile, user: str, environment: Mapping[str, str]) -> Scheme:
    """Choose by what is given: a token, a user, or nothing."""
    if environment.get(TOKEN):
        return "token"
    if user or environment.get(PASSWORD):
        return profile.scheme if profile.scheme in {"basic", "digest"} else "basic"
    return "none"


def _secret(variable: str, prompt: str, environment: Mapping[str, str], ask: Callable[[str], str] | None) -> str:
    secret = environment.get(variable) or (ask(prompt) if ask else "")
    if not secret:
        raise fail("KB752", "The secret is missing.", f"Set {variable}, or run the command on a terminal, which prompts for it.")
    return secret


def _header_safe(text: str, variable: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise fail("KB752", f"The value of {variable} is not allowed in an HTTP header.", "Set it to printable ASCII characters.")
    return text


def check_address(address: str, credentials: Credentials, *, plaintext: bool) -> str:
    """Check the address of a store, and that no secret would be sent unencrypted unless ``plaintext`` allows it.

    The address is returned without a slash at its end.

    Raises:
        KbError: It is not the address of a store, or contains a secret (KB751); a secret would be sent unencrypted (KB752).
    """
    if error := identifiers.find_server_error(address):
        secrets = f"A user belongs in --user, a password in {PASSWORD}, a token in {TOKEN}; change one that you have typed here."
        raise fail(
            "KB751", f"The address of the store is invalid: {error}.", f"Give one such as http://localhost:7878. {secrets}"
        )
    if not is_private(address) and credentials.scheme in {"basic", "token"} and not plaintext:
        message = f"With {credentials.scheme} authentication over http:// others can read the secret."
        raise fail("KB752", message, "Use https://, or --plaintext if you trust the network.")
    return address.rstrip("/")
