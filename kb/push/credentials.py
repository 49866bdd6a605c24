"""Who pushes: secrets from the environment or a prompt, kept out of every message.

A secret given as an argument could be read by every user of the machine, and one in an address ends in logs; so neither
is possible.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, quote, urlsplit

from kb.problems import KbError, fail
from kb.push.profiles import Profile, Scheme

USER, PASSWORD, TOKEN = "KB_PUSH_USER", "KB_PUSH_PASSWORD", "KB_PUSH_TOKEN"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Credentials:
    """A way to say who one is, with a secret that no text of it shows.

    Args:
        scheme: How to say it.
        user: The user's name, for basic and digest.
        secret: The password or the token.
    """

    def __init__(self, scheme: Scheme, user: str = "", secret: str = "") -> None:
        self.scheme, self.user = scheme, user
        self._secret = secret

    def __repr__(self) -> str:
        return f"Credentials({self.scheme!r}, {self.user!r}, ...)"

    def reveal(self) -> str:
        """Give the secret, for the client alone."""
        return self._secret

    def hide(self, text: str) -> str:
        """Strike the secret out of a text, in every form in which it goes over the wire."""
        pair = f"{self.user}:{self._secret}".encode()
        forms = {self._secret, quote(self._secret, safe=""), b64encode(pair).decode("ascii")}
        for form in sorted(filter(None, forms), key=len, reverse=True):
            text = text.replace(form, "***")
        return text


NOBODY = Credentials("none")


def find(
    profile: Profile,
    scheme: Scheme | None,
    user: str,
    environment: Mapping[str, str],
    ask: Callable[[str], str] | None,
) -> Credentials:
    """Find out who pushes.

    Args:
        profile: The store, which says how it asks.
        scheme: How the user says it is to be said; None to follow the store where there is a secret.
        user: The name that the user gave, or nothing.
        environment: Where KB_PUSH_USER, KB_PUSH_PASSWORD and KB_PUSH_TOKEN may stand.
        ask: Asks for a secret on a terminal; None where there is none.

    Raises:
        KbError: A name or a secret is missing (KB752).
    """
    user = user or environment.get(USER, "")
    chosen = scheme or _suited(profile, user, environment)
    if chosen == "none":
        return NOBODY
    if chosen == "token":
        return Credentials(chosen, "", _header_safe(_secret(TOKEN, "Token", environment, ask), TOKEN))
    if not user:
        raise fail("KB752", f"A user's name is missing for {chosen} authentication.", f"Give --user, or set {USER}.")
    if ":" in user and chosen == "basic":
        raise fail("KB752", "The user's name has a colon, which basic authentication cannot carry.", "Use another user.")
    return Credentials(chosen, _header_safe(user, USER), _secret(PASSWORD, f"Password of {user}", environment, ask))


def _suited(profile: Profile, user: str, environment: Mapping[str, str]) -> Scheme:
    """Choose by what is there: a token, a user, or nothing."""
    if environment.get(TOKEN):
        return "token"
    if user or environment.get(PASSWORD):
        return profile.scheme if profile.scheme in {"basic", "digest"} else "basic"
    return "none"


def _secret(variable: str, prompt: str, environment: Mapping[str, str], ask: Callable[[str], str] | None) -> str:
    found = environment.get(variable) or (ask(prompt) if ask else "")
    if not found:
        raise fail("KB752", "The secret is missing.", f"Set {variable}, or run on a terminal to be asked for it.")
    return found


def _header_safe(text: str, variable: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise fail("KB752", f"What {variable} holds cannot stand in a header of HTTP.", "Set it to printable ASCII characters.")
    return text


def check_address(address: str, credentials: Credentials, *, plaintext: bool) -> str:
    """Check the address of a store, and that no secret would travel in the open.

    Args:
        address: What the user gave.
        credentials: Who pushes.
        plaintext: Whether a secret may travel without encryption.

    Returns:
        The address without a slash at its end.

    Raises:
        KbError: It is no address of a store, or holds a secret (KB751); a secret would travel in the open (KB752).
    """
    parts = _split(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise fail("KB751", "The address of the store does not begin with http:// or https:// and a host.", "Correct it.")
    if "@" in parts.netloc:
        remedy = f"Take it out: give --user, and set {PASSWORD}. What stood there may be in the shell's history: change it."
        raise fail("KB751", "The address of the store holds a user's name or a password.", remedy)
    if parts.query or parts.fragment:
        raise fail("KB751", "The address of the store has a '?' or '#'.", f"Cut it off there; a token belongs in {TOKEN}.")
    open_wire = parts.scheme == "http" and parts.hostname not in _LOOPBACK
    if open_wire and credentials.scheme in {"basic", "token"} and not plaintext:
        message = f"With {credentials.scheme} authentication over http:// the secret can be read on its way."
        raise fail("KB752", message, "Use https://, or --plaintext where the network is trusted.")
    return address.rstrip("/")


def _split(address: str) -> SplitResult:
    wrong: KbError = fail("KB751", "The address of the store cannot be read.", "Give one such as http://localhost:7878.")
    if not address.isprintable() or any(each.isspace() or each in '<>"{}|\\^`' for each in address):
        raise wrong
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises where it is no number
    except ValueError:
        raise wrong from None  # its text would show the address
    return parts
