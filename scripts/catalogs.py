"""Bring the translation catalogs up to date with the code, or check that they are.

Usage: ``python -m scripts.catalogs [--check]``. New sentences are added to the ``.po`` files without a translation,
for a translator to fill in; sentences that are gone are dropped. The ``.mo`` files are compiled from them.
"""

from __future__ import annotations

import io
import sys
from datetime import datetime, timezone
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
LOCALES = ROOT / "aigc_cli" / "i18n" / "locales"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
CLICK = "click"
"""Flag comment of click's own sentences, which no code of ours mentions."""


def sentences() -> Catalog:
    """Return every sentence in the code."""
    found = Catalog(charset="utf-8")
    for folder in ("aigc_cli", "plugins"):
        for name, line, message, _, _ in extract_from_dir(
            ROOT / folder, method_map=[("**.py", "python")], keywords=KEYWORDS, comment_tags=()
        ):
            del line
            found.add(message, locations=[(f"{folder}/{name}", None)])
    return found


def updated(path: Path, template: Catalog) -> Catalog:
    """Return the catalog at ``path`` with exactly the sentences of ``template`` and those of click."""
    with path.open("rb") as file:
        old = read_po(file, locale=path.parents[1].name, charset="utf-8")
    new = Catalog(locale=old.locale, charset="utf-8", fuzzy=False, project="aigc", version="0")
    for message in template:
        if message.id:
            before = old.get(message.id)
            new.add(message.id, before.string if before else "", locations=message.locations, flags=message.flags)
    for message in old:
        if message.id and CLICK in message.auto_comments and message.id not in new:
            new.add(message.id, message.string, auto_comments=[CLICK], flags=message.flags)
    new.creation_date = new.revision_date = None  # type: ignore[assignment]
    return new


def as_po(catalog: Catalog) -> bytes:
    """Return the text form, in a stable order and without the date."""
    out = io.BytesIO()
    write_po(out, catalog, sort_output=True, width=118, omit_header=True, ignore_obsolete=True, include_lineno=False)
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Language: {}\\n"\n'
    plural = f'"Plural-Forms: nplurals={catalog.num_plurals}; plural={catalog.plural_expr};\\n"\n\n'
    return (head.format(catalog.locale) + plural).encode() + out.getvalue()


def as_mo(po: bytes) -> bytes:
    """Return the compiled form."""
    catalog = read_po(io.BytesIO(po), charset="utf-8")
    # Babel writes the time of compilation otherwise, and `--check` would fail a minute later.
    catalog.creation_date = datetime.fromtimestamp(0, timezone.utc)
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def untranslated(catalog: Catalog) -> list[Message]:
    """Return the sentences that have no translation."""
    return [m for m in catalog if m.id and not (all(m.string) if isinstance(m.string, tuple) else m.string)]


def main() -> int:
    """Write the catalogs, or with ``--check`` say what is wrong with them."""
    check = "--check" in sys.argv[1:]
    problems = []
    template = sentences()
    for path in sorted(LOCALES.glob("*/LC_MESSAGES/aigc.po")):
        catalog = updated(path, template)
        po = as_po(catalog)
        problems += [f"{path.parents[1].name}: no translation of {m.id!r}" for m in untranslated(catalog)]
        for target, content in ((path, po), (path.with_suffix(".mo"), as_mo(po))):
            if target.exists() and target.read_bytes() == content:
                continue
            if check:
                problems.append(f"{target.relative_to(ROOT)} is out of date: run `python -m scripts.catalogs`")
            else:
                target.write_bytes(content)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
