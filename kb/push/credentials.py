"""Credentials of ``kb push``: secrets from the environment or a prompt, which no message contains.

A secret in an argument could be read by every user of the machine, and one in an address ends up in logs; so neither is
possible.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, quote, urlsplit

from kb.http_client import is_private
from kb.problems import KbError, fail
from kb.push.profiles import Profile, Scheme

USER, PASSWORD, TOKEN = "KB_PUSH_USER", "KB_PUSH_PASSWORD", "KB_PUSH_TOKEN"


class Credentials:
    """A way to authenticate, with a secret that its text does not show."""

    def __init__(self, scheme: Scheme, user: str = "", secret: str = "") -> None:
        self.scheme, self.user = scheme, user
        self._secret = secret

    def __repr__(self) -> str:
        return f"Credentials({self.scheme!r}, {self.user!r}, ...)"

    def reveal(self) -> str:
        """Return the secret, for the client alone."""
        return self._secret

    def hide(self, text: str) -> str:
        """Replace the secret in a text, in every form in which it is transmitted."""
        pair = f"{self.user}:{self._secret}".encode()
        forms = {self._secret, quote(self._secret, safe=""), b64encode(pair).decode("ascii")}
        for form in sorted(filter(None, forms), key=len, reverse=True):
            text = text.replace(form, "***")
        return text


ANONYMOUS = Credentials("none")


def find_credentials(
    profile: Profile,
    scheme: Scheme | None,
    user: str,
    environment: Mapping[str, str],
    ask: Callable[[str], str] | None,
) -> Credentials:
    """Find the credentials for a push.

    Args:
        profile: The profile of the store.
        scheme: How the user wants to authenticate; None to do it as the store requires, if there is a secret.
        user: The name that the user gave, or nothing.
        environment: The environment variables.
        ask: Prompts for a secret; None if there is no terminal.

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
    """Check the address of a store, and that no secret would be sent unencrypted.

    Args:
        address: The address that the user gave.
        credentials: The credentials.
        plaintext: Whether a secret may be sent unencrypted.

    Returns:
        The address without a slash at its end.

    Raises:
        KbError: It is not the address of a store, or contains a secret (KB751); a secret would be sent unencrypted (KB752).
    """
    parts = _split(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise fail("KB751", "The address of the store does not begin with http:// or https:// and a host.", "Correct it.")
    if "@" in parts.netloc:
        remedy = f"Remove it: give --user, and set {PASSWORD}. Change the password, which may be in the history of the shell."
        raise fail("KB751", "The address of the store contains a user name or a password.", remedy)
    if parts.query or parts.fragment:
        raise fail("KB751", "The address of the store has a '?' or '#'.", f"Remove that part; a token belongs in {TOKEN}.")
    if not is_private(address) and credentials.scheme in {"basic", "token"} and not plaintext:
        message = f"With {credentials.scheme} authentication over http:// others can read the secret."
        raise fail("KB752", message, "Use https://, or --plaintext if you trust the network.")
    return address.rstrip("/")


def _split(address: str) -> SplitResult:
    error: KbError = fail("KB751", "The address of the store cannot be read.", "Give one such as http://localhost:7878.")
    if not address.isprintable() or any(character.isspace() or character in '<>"{}|\\^`' for character in address):
        raise error
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises if it is not a number
    except ValueError:
        raise error from None  # the text of the other one would show the address
    return parts
