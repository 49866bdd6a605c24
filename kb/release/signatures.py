"""Sign the checksums of a release with an SSH key, and verify the signature; ``ssh-keygen`` does both.

People have SSH keys, hosts of repositories publish them, and OpenSSH is installed nearly everywhere: minisign is not.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from kb.files.text_file import read_bytes
from kb.problems import fail

#: What the signature is for, so that no signature for another purpose passes (``ssh-keygen -n``).
NAMESPACE = "kb-release"

_LARGEST = 64 << 10  # bytes of a key, a signature, or a list of signers


def sign(checksums: bytes, key: Path) -> bytes:
    """Return the signature of checksums with a private SSH key, or with the public key of one that an agent holds.

    Raises:
        KbError: ssh-keygen is not installed (KB713), or cannot use the key (KB772); or the key is no file of a key's size.
    """
    done = _run_ssh_keygen("sign", "-n", NAMESPACE, files={"f": key}, content=checksums)
    if done.returncode:
        raise fail(
            "KB772", "ssh-keygen cannot sign with this key.", "Name a private SSH key, such as ~/.ssh/id_ed25519.", str(key)
        )
    return done.stdout


def verify(checksums: bytes, signature: Path, signers: Path | None) -> tuple[bool, str]:
    """Return whether a signature is that of checksums, and by whom it is, or what is wrong.

    ``signers`` is a file of the keys that are trusted (ALLOWED SIGNERS of ssh-keygen); else nobody checks whose key it is.

    Raises:
        KbError: ssh-keygen is not installed (KB713).
    """
    words, limit, files = ["-n", NAMESPACE], ". Whose key it is was not checked: use --signers", {"s": signature}
    if signers:
        files["f"] = signers
        found = _run_ssh_keygen("find-principals", files=files)
        if found.returncode:
            return False, f"It was signed with none of the keys in {signers}."
        words, limit = [*words, "-I", found.stdout.decode("utf-8", "replace").splitlines()[0]], ""
    done = _run_ssh_keygen("verify" if signers else "check-novalidate", *words, files=files, content=checksums)
    if done.returncode:
        return False, "It is no valid signature of the checksums."
    return True, f"{done.stdout.decode('utf-8', 'replace').strip()}{limit}."


def _run_ssh_keygen(
    action: str, *words: str, files: Mapping[str, Path], content: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run ssh-keygen with files by the letters of its options; it would read a device for ever, or wait for a pipe."""
    for path in files.values():
        read_bytes(path, str(path), _LARGEST)
    options = chain.from_iterable((f"-{letter}", str(path)) for letter, path in files.items())
    try:
        return subprocess.run(["ssh-keygen", "-Y", action, *words, *options], input=content, capture_output=True, check=False)  # noqa: S603, S607 - the user's own OpenSSH, without a shell
    except OSError as error:
        raise fail("KB713", "Signatures need ssh-keygen, which is not installed.", "Install OpenSSH 8.2 or newer.") from error
