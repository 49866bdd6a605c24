"""What stands above a sentence: headings and lead-ins of its own list, and nothing of another list."""

from __future__ import annotations

import pytest

from kb.texts import normal_form, sentence_splitter
from kb.texts.structure import find_contexts
from tools.claims import make_document

# A line that is longer than those of wrapped texts; two of them show that each line of a text is a block.
_LONG = "Keep this medicine out of the reach of children, and do not use it after the date that is printed on the carton. " * 2


def list_above(text: str, mediatype: str = "text/plain") -> dict[str, list[str]]:
    """Return the sentences above each sentence, the nearest first, by their words."""
    parsed = normal_form.parse(text.encode(), mediatype, "text")
    sentences = make_document("leaflet", "A leaflet", "en", parsed).sentences
    words = {one.id: parsed.words[one.start : one.end] for one in sentences}
    return {words[name]: [words[other] for other in others] for name, others in find_contexts(sentences, parsed).items()}


def list_headings(text: str) -> list[str]:
    parsed = normal_form.parse(text.encode(), "text/plain", "text")
    return [parsed.words[one.start : one.end] for one in sentence_splitter.split(parsed) if one.id.endswith(".0")]


UNWRAPPED = f"""{_LONG}
{_LONG}
4. Possible side effects
Stop taking zolam if you notice any of the following serious side effects:
• Wheezing.
Other side effects include:
Common (may affect up to 1 in 10 people)
• Headache.
• Nausea. It goes away.
Rare (may affect up to 1 in 1,000 people)
• Rash
Not known (cannot be estimated)
• Cough
What OTHER THINGS should I know?
Zolam makes you sleepy, and you should not drive while you take it.
"""


def test_a_frequency_before_items_replaces_the_one_before_and_stays_below_its_lead_in() -> None:
    above, section = list_above(UNWRAPPED), "4. Possible side effects"
    other = "Other side effects include:"
    assert above["Wheezing."] == ["Stop taking zolam if you notice any of the following serious side effects:", section]
    assert above["Headache."] == ["Common (may affect up to 1 in 10 people)", other, section]
    assert above["Rash"] == ["Rare (may affect up to 1 in 1,000 people)", other, section]
    assert above["Cough"] == ["Not known (cannot be estimated)", other, section]


def test_a_frequency_with_its_meaning_after_a_colon_is_a_lead_in_before_items_and_an_item_without() -> None:
    page = "Side effects of zolam are:\n{}\n{}Headache, cough\n{}\n{}Rash"
    common, rare = "Common: may affect up to 1 in 10 people", "Rare: may affect up to 1 in 1,000 people"
    above = list_above(page.format(common, "* ", rare, "* "))
    assert above["Headache, cough"][0] == common
    assert above["Rash"][0] == rare
    labelled = list_above("Side effects of zolam are:\nCommon: headache, cough\nRare: rash")
    assert labelled["Rare: rash"] == ["Side effects of zolam are:"]


def test_lines_that_end_with_semicolons_are_items_and_a_frequency_in_lower_case_is_none() -> None:
    page = f"{_LONG}\n{_LONG}\nVery common:\nUnwanted movements;\nred eyes, a cough that lasts;\na rash.\nRare:\nHives;\nfits."
    above = list_above(page)
    assert [above[name][0] for name in ("red eyes, a cough that lasts;", "a rash.")] == ["Very common:"] * 2
    assert above["fits."][0] == "Rare:"
    above = list_above("Side effects are:\n- cough\nrare (may affect up to 1 in 1,000 people)\n- rash")
    assert above["rash"][0] == "rare (may affect up to 1 in 1,000 people)"


def test_a_question_in_a_line_of_its_own_is_a_heading_and_ends_the_list_before_it() -> None:
    above = list_above(UNWRAPPED)
    assert above["Zolam makes you sleepy, and you should not drive while you take it."] == [
        "What OTHER THINGS should I know?",
        "4. Possible side effects",
    ]


@pytest.mark.parametrize("question", ["Does zolam cause nausea?", "Are you allergic to zolam?"])
def test_a_question_to_be_answered_with_yes_or_no_is_no_heading(question: str) -> None:
    assert question not in list_headings(f"{question}\n\nThis is not known from any of the trials that were made.\n")


LABELS = """Side effects

Tell your doctor if any of these occur:

Less common

- nausea
- rash

Incidence not known

- fever

Zolam can be taken with food.

Precautions

- Do not drive.
"""


def test_a_frequency_in_a_line_of_its_own_stands_below_the_section_and_the_lead_in_before_it() -> None:
    above, outer = list_above(LABELS), ["Tell your doctor if any of these occur:", "Side effects"]
    assert above["nausea"] == above["rash"] == ["Less common", *outer]
    assert above["fever"] == ["Incidence not known", *outer]
    assert above["Zolam can be taken with food."] == ["Side effects"]
    assert above["Do not drive."] == ["Precautions"]


def test_a_heading_that_is_only_a_frequency_replaces_the_heading_with_the_frequency_before() -> None:
    page = (
        "<h2>Possible side effects</h2><h3>Rare side effects</h3><ul><li>rash</li></ul>"
        "<h3>Frequency not known</h3><ul><li>cough</li></ul><h3>Other</h3><ul><li>fever</li></ul>"
    )
    above = list_above(page, "text/html")
    assert above["cough"] == ["Frequency not known", "Possible side effects"]
    assert above["fever"] == ["Other", "Possible side effects"]


@pytest.mark.parametrize("reference", ["See “What should I know about zolam?”", "See section 2."])
def test_a_reference_does_not_lead_in_a_list(reference: str) -> None:
    above = list_above(f"Zolam may cause serious side effects. {reference}\n• Liver problems.\n• Rash.\n")
    assert above["Rash."] == ["Zolam may cause serious side effects."]


def test_a_sentence_before_a_reference_leads_in_no_list_if_it_announces_nothing() -> None:
    assert list_above("Do not take zolam. See section 2.\n• Wash the spoon.\n• Close the box.\n")["Wash the spoon."] == []


def test_a_lead_in_that_names_nothing_stands_below_the_sentence_before_it() -> None:
    above = list_above("Liver problems are rare. The symptoms include:\n• dark urine\n• itching\n\nZolam is white.\n")
    assert above["itching"] == ["The symptoms include:", "Liver problems are rare."]
    lead_in = "The side effects of zolam include:"
    assert list_above(f"Liver problems are rare. {lead_in}\n• dark urine\n")["dark urine"] == [lead_in]


def test_a_lead_in_of_a_new_kind_is_not_below_that_of_the_list_before() -> None:
    serious, rare, other = "Serious side effects are the following:", "Rare (in 1 of 1,000 people):", "Other side effects are:"
    above = list_above(f"{serious}\n\n{rare}\n\n• rash\n\nCommon (in 1 of 10 people):\n\n• fever\n\n{other}\n\n• cough\n")
    assert (above["rash"], above["fever"]) == ([rare, serious], ["Common (in 1 of 10 people):", serious])
    assert above["cough"] == [other]


NESTED = """Tell your doctor if you:

• have an infection. You may notice signs of infection such as:
  o chills
  o cough
• have asthma
1. First
- before a meal
"""


def test_an_item_further_right_is_inside_the_item_before_it() -> None:
    above, outer = list_above(NESTED), "Tell your doctor if you:"
    assert above["cough"] == ["You may notice signs of infection such as:", "have an infection.", outer]
    assert above["have asthma"] == above["First"] == [outer]


def test_an_item_with_another_mark_after_a_colon_is_inside_the_item_before_it() -> None:
    above = list_above("Take zolam:\n\n1. as follows:\n- with water\n- before a meal\n2. each day\n- once\n")
    assert above["before a meal"] == ["as follows:", "Take zolam:"]
    assert above["each day"] == above["once"] == ["Take zolam:"]


def test_the_lead_in_at_the_end_of_an_item_begins_another_list() -> None:
    above = list_above("Fits can be caused by:\n• hunger\n• alcohol. The first signs of a fit include:\n• shaking\n• fear\n")
    assert above["alcohol."] == ["Fits can be caused by:"]
    assert above["shaking"] == above["fear"] == ["The first signs of a fit include:"]


def test_a_line_that_stands_right_after_a_numbered_heading_is_not_part_of_it() -> None:
    text = (
        "2. What to know before you take zolam\nDo not take zolam\n\n"
        "- if you are allergic to zolam or to any of the other ingredients of\nthis medicine.\n"
        "- if you have taken it for more than two weeks, and have not had the\n"
        "advice of a doctor about the dose that is right for you and about the\n"
        "times of the day.\nWarnings\n\n- Do not drive.\n"
    )
    above, section = list_above(text), "2. What to know before you take zolam"
    assert above["if you are allergic to zolam or to any of the other ingredients of\nthis medicine."] == [
        "Do not take zolam",
        section,
    ]
    assert above["Do not drive."] == ["Warnings", section]


REACHES = {
    "<h2>E</h2><p>Intro.</p><aside><h4>Rare</h4><p>Note.</p></aside><p>Last.</p>": ["E"],
    "<h2>E</h2><p>Intro.</p><div class='note'><h3>Rare</h3><p>Note.</p><hr><p>***</p></div><p>Last.</p>": ["E"],
    "<h2>E</h2><details><summary><h3>Rare</h3></summary><p>Note.</p></details><p>Last.</p>": ["E"],
    "<h2>E</h2><ul><li><h3>Rare</h3><p>Note.</p></li><li>Last.</li></ul>": ["E"],
    "<h2>E</h2><table><tr><td><h3>Rare</h3><p>Note.</p></td></tr><tr><td><p>Last.</p></td></tr></table>": ["E"],
    "<h2>E</h2><section><h2>Rare</h2><p>Note.</p></section><p>Last.</p>": [],
    "<div><h1>E</h1><p>Note.</p></div><div class='title'><h2>Rare</h2></div><p>Last.</p>": ["Rare", "E"],
    "<header><h2>E</h2><p>Of today.</p></header><p>Last.</p>": ["E"],
    "<article><body><sec><title>E</title><boxed-text><title>R</title><p>N.</p></boxed-text><p>Last.</p></sec></body></article>": [
        "E"
    ],
    "<article><body><sec><title>E</title><sec><title>Rare</title><p>Note.</p></sec></sec><p>Last.</p></body></article>": [],
    "<article><body><sec><title>E</title><sec><title>Rare</title></sec><p>Last.</p></sec></body></article>": ["E"],
}


@pytest.mark.parametrize("page", REACHES)
def test_a_heading_governs_no_more_where_the_element_that_holds_it_ends(page: str) -> None:
    above = list_above(page, "application/xml" if page.startswith("<article><body>") else "text/html")
    assert above["Last."] == REACHES[page]


def test_a_line_that_stands_on_every_page_ends_the_reach_of_a_heading_too() -> None:
    boxes = (f"<aside><h3>Rare</h3><p>Note.</p><p>TOP</p></aside><p>Last {number}.</p>" for number in range(3))
    above = list_above(f"<h2>E</h2>{''.join(boxes)}", "text/html")
    assert [above[f"Last {number}."] for number in range(3)] == [["E"]] * 3


BARE = f"""{_LONG}
{_LONG}
Who should not take zolam?
Do not take zolam if you are allergic to it.
What are the side effects of zolam?
Zolam can cause serious side effects, including:
weak bones. They may break when you fall.
Stop zolam and get help if you get:
a swollen tongue
trouble breathing
These effects are rare.
low blood sugar. Eat something sweet if you feel shaky.
The more common side effects of zolam are:
Cough
Dizziness
Swelling of the feet
These are not all the side effects of zolam. Ask your doctor for more.
How do I store zolam?
Store it in a dry place.
"""


def test_short_lines_below_a_colon_are_the_items_of_a_list_without_marks() -> None:
    above, section = list_above(BARE), "What are the side effects of zolam?"
    common = "The more common side effects of zolam are:"
    assert [above[name] for name in ("Cough", "Dizziness", "Swelling of the feet")] == [[common, section]] * 3
    assert above["trouble breathing"] == ["Stop zolam and get help if you get:", section]
    assert above["These are not all the side effects of zolam."] == [section]
    assert above["Store it in a dry place."] == ["How do I store zolam?"]


def test_a_line_in_lower_case_goes_on_with_the_list_of_its_lead_in() -> None:
    above, section = list_above(BARE), "What are the side effects of zolam?"
    serious = "Zolam can cause serious side effects, including:"
    assert above["weak bones."] == above["low blood sugar."] == [serious, section]
    assert above["These effects are rare."] == [section]


def test_lines_of_a_wrapped_sentence_are_no_items() -> None:
    wrapped = "Zolam is used for:\nheadache and other pain of the head that\nlasts for several days or comes back\nin weeks\n"
    assert wrapped.count("\n") - 1 > len(list_above(wrapped))


def test_a_sentence_before_the_first_of_the_headings_with_frequencies_stands_above_all_of_them() -> None:
    above = list_above(
        "4. Side effects\n\nThe following is known if you take zolam after operations.\n\nCommon side effects\n\n- Headache\n\n"
        "Rare side effects\n\n- Bleeding:\n- from the nose\n- into a muscle\n- Rash\n\nThe following is known in children.\n\n"
        "Common side effects\n\n- Fever\n\nReporting of side effects\n\nYou can report them.\n"
    )
    first, second = "The following is known if you take zolam after operations.", "The following is known in children."
    assert above["Headache"] == ["Common side effects", first, "4. Side effects"]
    assert above["Rash"] == ["Rare side effects", first, "4. Side effects"]
    assert above["Fever"] == ["Common side effects", second, "4. Side effects"]
    assert above["You can report them."] == ["Reporting of side effects", "4. Side effects"]


def test_an_item_in_lower_case_is_inside_the_title_before_it() -> None:
    above = list_above("Rare side effects:\n\n- Rash\n- Bleeding:\n- from the nose\n- into a muscle\n- Fever\n")
    assert above["from the nose"] == above["into a muscle"] == ["Bleeding:", "Rare side effects:"]
    assert above["Fever"] == ["Rare side effects:"]
    plain = list_above("Signs of asthma are:\n\n- cough\n- wheezing:\n- fever\n")
    assert plain["fever"] == ["Signs of asthma are:"]


def test_a_usual_title_in_a_line_ends_the_section_before_it() -> None:
    text = "3. How to take zolam\n\nPeople with kidney problems\n\nTake less of it.\n\n"
    text += "If you forget to take zolam:\n\n- Take it later.\n"
    above = list_above(text)
    assert above["Take less of it."] == ["People with kidney problems", "3. How to take zolam"]
    assert above["Take it later."] == ["If you forget to take zolam:", "3. How to take zolam"]
    other = list_above(text.replace("If you forget to take zolam:", "If you take other medicines:"))
    assert other["Take it later."][1:] == ["People with kidney problems", "3. How to take zolam"]


def test_items_that_are_conditions_go_on_with_the_sentence_before_them() -> None:
    above = list_above("Warnings\n\nTalk to your doctor before you take zolam.\n\n- if you have asthma\n- if you drink alcohol\n")
    assert above["if you have asthma"][0] == above["if you drink alcohol"][0] == "Talk to your doctor before you take zolam."
    other = list_above("Warnings\n\nKeep this leaflet.\n\n- If you have questions, ask your doctor.\n- Keep it dry.\n")
    assert other["Keep it dry."] == ["Warnings"]
