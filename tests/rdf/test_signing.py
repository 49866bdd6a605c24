"""Nanopublications are signed with the user's key, and whoever has them can verify that."""

from __future__ import annotations

import builtins
import warnings
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from Crypto.PublicKey import RSA

from kb import pipeline
from kb.cli import run
from kb.problems import KbError
from kb.rdf import signing
from tests.conftest import small_kb

Make = Callable[..., Path]
ORCID = "0000-0002-1825-0097"


@pytest.fixture(scope="module")
def key() -> RSA.RsaKey:
    return RSA.generate(2048)


def pem(key: RSA.RsaKey, path: Path) -> Path:
    path.write_bytes(key.export_key("PEM"))
    return path


@pytest.fixture
def folder(make_kb: Make) -> Path:
    facts = [*small_kb()["facts/leaflet.yaml"], literal_fact("01", "xsd:integer"), literal_fact('1.50\\ "é" ß', "xsd:string")]
    about = {**small_kb()["kb.yaml"], "creators": [{"id": "curator", "name": "A curator", "orcid": ORCID}]}
    return make_kb(**{"kb.yaml": about, "facts/leaflet.yaml": facts})


def literal_fact(value: str, datatype: str) -> dict[str, Any]:
    obj = {"value": value, "datatype": datatype}
    return {**small_kb()["facts/leaflet.yaml"][0], "object": obj}


def test_every_signed_nanopublication_is_verified_by_the_library(
    folder: Path, key: RSA.RsaKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "made.trig"
    words = ["export", "--content", str(folder), "--statements", "nanopubs", "--sign", str(pem(key, tmp_path / "key.pem"))]
    assert run([*words, "-f", "triglines", "-o", str(made)]) == 0
    first = made.read_bytes()
    assert run([*words, "-f", "triglines", "-o", str(made)]) == 0
    assert made.read_bytes() == first
    lines = first.decode().split("\n")[:-1]
    assert len(lines) == 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import rdflib
        from nanopub import Nanopub

        monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
        for line in lines:
            graph = rdflib.ConjunctiveGraph()
            graph.parse(data=line, format="trig")
            read = Nanopub(rdf=graph)
            assert read.is_valid
            assert read.has_valid_trusty
            assert read.has_valid_signature
    public = b64encode(key.public_key().export_key("DER")).decode()
    signers = [each for each in ox.parse(first, format=ox.RdfFormat.TRIG) if str(each.predicate).endswith("/signedBy>")]
    assert {str(each.object) for each in signers} == {f"<https://orcid.org/{ORCID}>"}
    assert first.decode().count(public) == 3


def test_a_key_of_the_network_s_own_tools_signs_the_same(folder: Path, key: RSA.RsaKey, tmp_path: Path) -> None:
    kb = pipeline.load(folder)
    (tmp_path / "id_rsa").write_text(b64encode(key.export_key("DER", pkcs=8)).decode(), encoding="ascii")
    assert list(signing.sign_all(kb, tmp_path / "id_rsa")) == list(signing.sign_all(kb, pem(key, tmp_path / "key.pem")))


@pytest.mark.parametrize("content", ["", "no key", "é", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", None])
def test_a_key_that_cannot_be_read_is_reported_and_not_shown(content: str | None, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(KbError, match="KB772") as caught:
        list(signing.sign_all(pipeline.load(folder), path))
    assert caught.value.exit_code == 3
    assert not content or content not in str(caught.value)


def test_a_public_key_and_one_with_a_passphrase_do_not_sign(folder: Path, key: RSA.RsaKey, tmp_path: Path) -> None:
    for name, text in (("public", key.public_key().export_key()), ("locked", key.export_key(passphrase=b"x", pkcs=8))):
        (tmp_path / name).write_bytes(text)
        with pytest.raises(KbError, match="KB772"):
            list(signing.sign_all(pipeline.load(folder), tmp_path / name))


def test_without_an_orcid_nobody_signs(make_kb: Make, key: RSA.RsaKey, tmp_path: Path) -> None:
    with pytest.raises(KbError, match="KB773"):
        list(signing.sign_all(pipeline.load(make_kb()), pem(key, tmp_path / "key.pem")))


def test_signing_is_for_one_file_of_nanopublications(key: RSA.RsaKey, tmp_path: Path) -> None:
    path = str(pem(key, tmp_path / "key.pem"))
    assert run(["export", "--sign", path]) == 2
    assert run(["export", "--sign", path, "--statements", "nanopubs", "-o", f"{tmp_path}/made/"]) == 2


def test_without_the_library_the_extra_is_named(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name.startswith("nanopub"):
            raise ImportError(name)
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(KbError, match=r"KB713 .*pip install 'linked-kb\[nanopub\]'"):
        list(signing.sign_all(pipeline.load(folder), tmp_path / "key"))
