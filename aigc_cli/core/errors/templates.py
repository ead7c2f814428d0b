"""Errors of prompt templates."""

from __future__ import annotations

from aigc_cli.core.errors.base import AigcError
from aigc_cli.core.text import N_


class TemplateError(AigcError):
    """A prompt template cannot be used."""

    exit_code = 2


class NoSuchTemplate(TemplateError):
    """No template goes by this name. Params: ``name``."""

    template = N_("there is no prompt template called {name!r}")
    hint = N_("`aigc prompts list` shows them, `aigc prompts new {name}` starts one")


class BadTemplate(TemplateError):
    """A template file is wrong. Params: ``path``, ``detail``."""

    template = N_("the template {path} is wrong: {detail}")
    hint = N_("docs/prompts.md describes the format, `aigc prompts check FILE` checks it")


class UnknownVariable(TemplateError):
    """A variable was given that the template does not have. Params: ``name``, ``template_name``, ``known``."""

    template = N_("the template {template_name!r} has no variable {name!r}; it has: {known}")
    hint = N_("`aigc prompts show {template_name}` describes them")


class MissingVariable(TemplateError):
    """A variable without a default was not given. Params: ``name``, ``template_name``."""

    template = N_("the template {template_name!r} needs the variable {name!r}")
    hint = N_("give it with `-p {name}=VALUE`")


class BadVariable(TemplateError):
    """A variable was given a value it cannot have. Params: ``name``, ``value``, ``template_name``, ``detail``."""

    template = N_("the variable {name!r} cannot be {value!r}: {detail}")
    hint = N_("`aigc prompts show {template_name}` describes the variables")


class MissingInput(TemplateError):
    """A template works on a text and none was given. Params: ``template_name``."""

    template = N_("the template {template_name!r} works on a text, and there is none")
    hint = N_("give it as an argument, with `-f FILE`, or through a pipe")


class UnusedInput(TemplateError):
    """A text was given to a template that has no place for one. Params: ``template_name``."""

    template = N_("the template {template_name!r} takes no text, only variables")
    hint = N_("`aigc prompts show {template_name}` describes them")


class TemplateExists(TemplateError):
    """A new template would overwrite a file. Params: ``path``."""

    template = N_("{path} exists already")
    hint = N_("edit it, or choose another name")
