"""Why a trial cannot run: one exception, in the user's words."""

from __future__ import annotations


class TrialError(Exception):
    """The trial cannot run as the contract says; `str()` says what, where and what to do."""
