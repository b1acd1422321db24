"""The 36 points a table of this portal is held to, each with the test that proves it on the tenants
page.

Numbers are those of the checklist the page was designed by. A point whose part of the portal does
not exist yet names the folder it comes with; from then on it needs a test (`tests.gates`).
"""

HTTP = "tests/web/test_table_points.py"
BROWSER = "tests/browser/test_table_points.py"
PAGES = "tests/browser/test_every_page.py"

POINTS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: ("A real table: caption, scope, row header", (f"{HTTP}::test_point_01",)),
    2: ("Sorting: a link, aria-sort, an arrow, clear", (f"{HTTP}::test_point_02",)),
    3: ("Search waits, keeps the focus, is in the address", (f"{BROWSER}::test_point_03",)),
    4: ("Stale answers are dropped", (f"{BROWSER}::test_point_04",)),
    5: ("Chips, clear all, a count in each tab", (f"{HTTP}::test_point_05",)),
    6: ("Saved views with an address to share", (f"{HTTP}::test_point_06",)),
    7: ("Columns chosen per person and remembered", (f"{HTTP}::test_point_07",)),
    8: ("The number of results is announced", (f"{BROWSER}::test_point_08",)),
    9: ("Select page, shift range, some as indeterminate", (f"{BROWSER}::test_point_09",)),
    10: ("Select all that match: the query and its count", (f"{BROWSER}::test_point_10",)),
    11: ("The bar while something is selected; Esc", (f"{BROWSER}::test_point_11",)),
    15: ("Links can be undone", (f"{HTTP}::test_point_15",)),
    17: ("Dialog: focus in, trapped, Esc, back, named", (f"{BROWSER}::test_point_17",)),
    18: ("Dialog without scripts: a page", (f"{HTTP}::test_point_18",)),
    19: ("Combobox by keys; create new", (f"{BROWSER}::test_point_19",)),
    20: ("Errors beside fields, summary, focus, input", (f"{BROWSER}::test_point_20",)),
    21: ("What costs says the amount and the object", (f"{HTTP}::test_point_21",)),
    22: ("Three empty states", (f"{HTTP}::test_point_22", f"{BROWSER}::test_point_22")),
    23: ("Dimmed after a moment, without a jump", (f"{BROWSER}::test_point_23",)),
    24: ("Keys, told beside what they do", (f"{BROWSER}::test_point_24",)),
    25: ("Ctrl+K finds anything", (f"{BROWSER}::test_point_25", f"{HTTP}::test_point_25")),
    26: (
        "System, light, dark; no flash; both pass AA",
        (f"{HTTP}::test_point_26", f"{PAGES}::test_staff_pages_have_no_violation"),
    ),
    27: (
        "Contrast, focus ring, 24 px, 200 %, 320 px",
        (f"{BROWSER}::test_point_27", f"{PAGES}::test_staff_pages_have_no_violation"),
    ),
    28: ("Cards on a phone", (f"{BROWSER}::test_point_28",)),
    29: ("Times, numbers, currency", (f"{HTTP}::test_point_29",)),
    30: ("Short ids with one press to copy", (f"{BROWSER}::test_point_30",)),
    31: ("A state is a word and a shape", (f"{BROWSER}::test_point_31",)),
    32: ("The number in the title and the navigation", (f"{HTTP}::test_point_32",)),
    33: ("Export: filters, and the columns shown", (f"{HTTP}::test_point_33",)),
    34: ("Strict policy, nothing inline", (f"{HTTP}::test_point_34",)),
    35: (
        "Read, search and link one without scripts",
        (f"{PAGES}::test_point_35",),
    ),
    36: (
        "Small pages and assets",
        (
            f"{HTTP}::test_point_36",
            "tests/web/test_assets.py::test_page_assets_are_within_budget",
        ),
    ),
    12: (
        "Bulk preview: what is skipped and why",
        (
            "tests/organizations/bulk/test_running.py::test_the_preview_says_what_runs",
            "tests/organizations/bulk/test_pages.py::test_chosen_rows_become_a_preview",
        ),
    ),
    13: (
        "Runs in the background; the page can be left",
        ("tests/browser/test_operator_flow.py::test_fifty_tenants_are_linked_by_four_clicks",),
    ),
    14: (
        "Progress per item, retry, export of failures",
        ("tests/organizations/bulk/test_pages.py::test_failures_are_exported_tried_again",),
    ),
    16: (
        "Suggestion with reason and score, one click",
        ("tests/organizations/suggestions/test_pages.py::test_point_16",),
    ),
}
"""What each point asks for, and the tests: file, and how the test's name begins."""
