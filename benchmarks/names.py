"""Made-up names: drugs of syllables, effects of words, each once; some beyond ASCII, as labels of the world have them."""

from __future__ import annotations

import json

_STARTS = ("ab", "bel", "cor", "dan", "el", "fen", "gal", "hex", "im", "jor", "kel", "lor", "mel", "nor", "ol", "pra", "qui",
           "ros", "sel", "tal")  # fmt: skip
_MIDDLES = (
    "a",
    "e",
    "i",
    "o",
    "u",
    "ari",
    "eto",
    "ino",
    "ola",
    "uri",
    "axi",
    "emo",
    "idi",
    "oti",
    "uva",
    "é",
    "ü",
    "ő",
    "ã",
    "ø",
)
_ENDS = ("bine", "cillar", "dipine", "fenone", "lukast", "mabrin", "nazole", "prilate", "setrone", "statine", "tidine", "vireme",
         "zepan")  # fmt: skip
_QUALITIES = ("acute", "brief", "chronic", "faint", "marked", "passing", "recurring", "slight", "sudden", "unusual")
_SIGNS = ("aching", "blistering", "burning", "coldness", "cramping", "discoloration", "dryness", "flushing", "heaviness",
          "itching", "numbness", "paleness", "redness", "roughness", "soreness", "stiffness", "swelling", "tenderness",
          "tingling", "weakness")  # fmt: skip
_PLACES = ("ankle", "arm", "back", "calf", "cheek", "chest", "chin", "ear", "elbow", "eyelid", "face", "finger", "foot",
           "forearm", "forehead", "groin", "gum", "hand", "heel", "hip", "jaw", "knee", "lip", "neck", "nose", "palate", "palm",
           "rib", "scalp", "shin", "shoulder", "sole", "temple", "thigh", "throat", "thumb", "toe", "tongue", "waist",
           "wrist")  # fmt: skip
_ELSEWHERE = (
    "боль",
    "ξηρότητα",
    "かゆみ",
    "发红",
    "चक्कर",
    "ضعف",
    "עייפות",
    "통증",
    "Übelkeit",
    "démangeaison",
    "şişlik",
    "mal 🌡️",
)

#: Notes as JSON texts, with characters that writers have to escape or to keep.
NOTES = [
    json.dumps(each, ensure_ascii=False) for each in ('Says "often"; tabs\tand \\ stay.', "β-blockers: ≥ 5 % — naïve", "小児")
]


def drug(number: int) -> str:
    """Give the name of a drug, of 5,200."""
    end, rest = number % len(_ENDS), number // len(_ENDS)
    return f"{_STARTS[rest % len(_STARTS)]}{_MIDDLES[rest // len(_STARTS) % len(_MIDDLES)]}{_ENDS[end]}"


def effect(number: int) -> str:
    """Give the name of an effect, of 8,000."""
    place, rest = number % len(_PLACES), number // len(_PLACES)
    return f"{_QUALITIES[rest // len(_SIGNS) % len(_QUALITIES)]} {_SIGNS[rest % len(_SIGNS)]} of the {_PLACES[place]}"


def label(kind: str, number: int) -> tuple[str, list[str]]:
    """Give the label and the aliases of a term."""
    if kind == "drug":
        return drug(number), []
    if kind == "effect":
        return effect(number), [f"{_ELSEWHERE[number % len(_ELSEWHERE)]} {number}"] if number % 5 == 0 else []
    return f"{kind} {number}: {_ELSEWHERE[number % len(_ELSEWHERE)]}", []
