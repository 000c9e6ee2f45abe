"""Every measure the language declares is implemented by one module, and the other way round."""

from __future__ import annotations

from acceptance import measures
from acceptance.measures.protocol import Aggregate, FromTable, RowFunction, RowMark
from spec_lang.signatures import WHOLE, signatures

DECLARED = signatures()


def test_names_are_those_of_the_standard_library() -> None:
    assert list(DECLARED) == list(measures.NAMES)


def test_every_measure_is_of_the_kind_it_is_declared_as() -> None:
    for name, signature in DECLARED.items():
        measure = measures.MEASURES[name]
        rows = isinstance(measure, (RowFunction, RowMark))
        assert rows == (signature.kind == "row"), name
        assert isinstance(measure, (RowFunction, RowMark, Aggregate, FromTable)), name


def test_an_unknown_name_is_a_key_error() -> None:
    assert "os" not in measures.MEASURES


def test_the_language_knows_which_measures_look_at_whole_rows() -> None:
    assert {name for name in DECLARED if isinstance(measures.MEASURES[name], RowMark)} == WHOLE
