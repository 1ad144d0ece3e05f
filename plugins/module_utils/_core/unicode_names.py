# Copyright: (c) 2026, the postmaster.mta_sts authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""International names as people read them: U-labels, unless these might deceive (RFC 5890; UTS 39).

Private to this collection.
"""

from __future__ import annotations

import unicodedata

_ACE = "xn--"
_LETTERS = {"Ll", "Lm", "Lo", "Mn", "Mc"}
# Scripts in which names are written, by the first word of their characters' names, which is all that Python knows.
# Those that run from right to left are not among them: in a terminal they turn around what stands beside them.
_SCRIPTS = (
    "ARMENIAN", "BENGALI", "CYRILLIC", "DEVANAGARI", "GEORGIAN", "GREEK", "GUJARATI", "GURMUKHI", "KANNADA", "LAO",
    "LATIN", "MALAYALAM", "ORIYA", "SINHALA", "TAMIL", "TELUGU", "THAI",
)  # fmt: skip
# What may stand in one label: one of these alone, or what Chinese, Japanese and Korean mix (UTS 39, section 5.1)
_TOGETHER = (
    *({script} for script in _SCRIPTS),
    {"CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA"},
    {"CJK", "BOPOMOFO"},
    {"CJK", "HANGUL SYLLABLE"},
)
# Latin letters that are not one of a to z with marks: ae, oe, o with stroke, eth, thorn, d, h and l with stroke, eng
_LATIN = set("\u00e6\u0153\u00f8\u00f0\u00fe\u0111\u0127\u0142\u014b")
# Letters that look like Latin ones: Greek, Cyrillic, Armenian
_LOOK_LATIN = set(
    "\u03b1\u03b9\u03ba\u03bd\u03bf\u03c1\u03c5\u03c7"
    "\u0430\u0433\u0435\u043e\u043f\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u0461\u0475\u04bb\u04bd\u04cf\u0501\u051b\u051d"
    "\u0570\u0578\u057d\u0581\u0585"
)


def shown(name: str) -> str:
    """Return a name as people read it: U-labels with the A-labels beside them, or these alone (see unicode_name)."""
    unicode = unicode_name(name)
    return name if unicode == name else f"{unicode} ({name})"


def unicode_name(name: str) -> str:
    """Return a name of A-labels with U-labels; as it is where these could deceive, or are not certain.

    Every label has to become the same A-label again (RFC 5891, section 4.2), which it does not where IDNA2003, which
    Python brings, and IDNA2008 differ, and it has to consist of letters of one script, digits and hyphens.
    """
    labels = [_u_label(label) for label in name.split(".")]
    return name if "" in labels else ".".join(labels)


def _u_label(label: str) -> str:
    """Return the U-label of an A-label, "" where it is not to be shown; any other label as it is."""
    if not label.startswith(_ACE):
        return label
    try:
        text = label[len(_ACE) :].encode("ascii").decode("punycode")
        same = text.encode("idna").decode("ascii") == label
    except (ValueError, OverflowError):
        return ""
    return text if same and _is_plain(text) else ""


def _is_plain(text: str) -> bool:
    """Whether a label is what it looks like: letters of one script, not all of which look Latin, digits and hyphens."""
    letters = [char for char in text if char not in "0123456789-"]
    if not letters or unicodedata.normalize("NFC", text) != text or unicodedata.category(text[0]).startswith("M"):
        return False
    scripts = {_script(char) for char in letters}
    repeated = any(one == next_one and unicodedata.combining(one) for one, next_one in zip(text, text[1:]))
    return any(scripts <= one for one in _TOGETHER) and not set(letters) <= _LOOK_LATIN and not repeated


def _script(char: str) -> str:
    """Return the script of a letter, as in _TOGETHER; "" for anything else, or a letter not used in names."""
    if unicodedata.category(char) not in _LETTERS:
        return ""
    words = unicodedata.name(char, "-").replace("-", " ").split()
    if words[:1] == ["LATIN"]:
        base = unicodedata.normalize("NFD", char)[0]
        return "LATIN" if base.isascii() or char in _LATIN else ""
    return " ".join(words[:2]) if words[:1] == ["HANGUL"] else "".join(words[:1])
