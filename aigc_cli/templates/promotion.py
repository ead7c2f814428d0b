"""A template file in which a variant has become the template."""

from __future__ import annotations

from aigc_cli.core.template import PromptTemplate


def promoted(text: str, words: PromptTemplate) -> str:
    """Return ``text``, a template file, with the texts of ``words``, the next version and no variants.

    Comments, and the order of what stays, are kept.
    """
    import tomlkit

    document = tomlkit.parse(text)
    document.pop("variants", None)
    document["version"] = words.version + 1
    for key, value in (("system", words.system), ("user", words.user)):
        if value and str(document.get(key, "")).strip() != value:
            document[key] = tomlkit.string(f"\n{value}\n", multiline=True)
    return tomlkit.dumps(document)
