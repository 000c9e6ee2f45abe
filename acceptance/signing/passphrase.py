"""Where a passphrase or key comes from: an environment variable that is named, or a prompt; never a command line."""

from __future__ import annotations

import getpass
import os
import sys

LEAST = 12
"""Characters. The key file stretches a passphrase by PBKDF2 with 2,048 rounds only (OpenSSL's default)."""


class PassphraseError(Exception):
    """No passphrase to be had; str() says what to do."""


def take(name: str) -> str:
    """The value of an environment variable, taken out of the environment so that no child process inherits it."""
    value = os.environ.pop(name, "")
    if not value:
        raise PassphraseError(f"the environment variable {name} is not set; set it for this command")
    return value


def ask(what: str) -> str:
    """Ask at the terminal. Raises PassphraseError where there is none."""
    if not sys.stdin.isatty():
        raise PassphraseError(f"{what}: is encrypted, and there is no terminal to ask at; give --passphrase-env NAME")
    return getpass.getpass(f"passphrase of {what}: ")


def choose(what: str) -> str:
    """Ask twice for a new one."""
    first = ask(what)
    if getpass.getpass("once more: ") != first:
        raise PassphraseError("the two passphrases differ; nothing was written")
    return first


def strong(passphrase: str) -> str:
    """The same, if it is long enough to protect a key file that is copied."""
    if len(passphrase) < LEAST:
        raise PassphraseError(f"the passphrase has {len(passphrase)} characters; use at least {LEAST}")
    return passphrase
