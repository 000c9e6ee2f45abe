"""`lineage_depth`: generations above a row; missing parents and cycles make it unknown, with the reason."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support import reader, run, run_in_parts, same, use

from acceptance.measures import ancestry_known
from acceptance.measures.lineage_depth import MEASURE


def rows_of(parents: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"id": key, "parents": value} for key, value in parents.items()]


OF = use("lineage_depth", {"parents": [reader("parents", of=list)]}, {"parents": ["$.parents"]})


def test_generations_are_counted_by_the_longest_way() -> None:
    column = run(MEASURE, OF, rows_of({"a": [], "c": ["b", "a"], "b": ["a"], "d": ["c"]}))
    assert column.values.tolist() == [0, 2, 1, 3] and column.known.all() and not column.details


def test_an_absent_list_has_no_parents_and_a_single_key_is_one() -> None:
    of = use("lineage_depth", {"parents": [reader("parents", of=object)]})
    column = run(MEASURE, of, [{"id": "a"}, {"id": "b", "parents": "a"}, {"id": "c", "parents": None}])
    assert column.values.tolist() == [0, 1, 0]


def test_missing_parents_and_cycles_are_malformed_and_explained() -> None:
    column = run(
        MEASURE, OF, rows_of({"a": [], "b": ["a", "gone"], "c": ["b"], "d": ["e"], "e": ["d"], "f": ["f"], "g": 7})
    )
    assert column.known.tolist() == [True] + [False] * 6
    assert column.details[1].message == "parent 2 of 2 was not delivered" and column.details[1].path == "$.parents"
    assert all("its own ancestor" in column.details[row].message for row in (3, 4, 5)) and 2 not in column.details


@given(
    st.dictionaries(st.sampled_from("abcdefg"), st.lists(st.sampled_from("abcdefgh"), max_size=3)), st.integers(1, 4)
)
def test_equals_a_slow_reference_however_it_is_cut(parents: dict[str, list[str]], size: int) -> None:
    def depth(key: str, seen: tuple[str, ...] = ()) -> float:
        if key not in parents or key in seen:
            return float("inf")
        return 1 + max((depth(parent, (*seen, key)) for parent in parents[key]), default=-1)

    column = run(MEASURE, OF, rows_of(parents))
    slow = [depth(key) for key in parents]
    assert [
        v if k else float("inf") for v, k in zip(column.values.tolist(), column.known.tolist(), strict=True)
    ] == slow
    assert same(column, run_in_parts(MEASURE, OF, rows_of(parents), size, 2))


def test_a_chain_of_any_length_is_no_recursion() -> None:
    column = run(MEASURE, OF, rows_of({str(i): [str(i - 1)] if i else [] for i in range(20_000)}))
    assert column.values[-1] == 19_999


@given(st.lists(st.lists(st.integers(0, 6), max_size=2), max_size=5))
def test_ancestry_is_known_unless_a_parent_is_missing_or_above_itself(drawn: list[list[int]]) -> None:
    """Reference: walk up from each row; a row from which a cycle is reached has no end of ancestors."""
    rows = [{"id": f"k{at}", "parents": [f"k{one}" for one in above]} for at, above in enumerate(drawn)]
    found = run(ancestry_known.MEASURE, use("ancestry_known", {"parents": [reader("parents", of=list)]}), rows)

    def cycles(at: int, seen: tuple[int, ...]) -> bool:
        return at in seen or any(cycles(one, (*seen, at)) for one in drawn[at] if one < len(drawn))

    expected = [all(one < len(drawn) for one in above) and not cycles(at, ()) for at, above in enumerate(drawn)]
    assert found.known.all() and found.values.tolist() == expected
