"""``kb verify``, ``kb cite`` and ``kb quote-check``: records, facts and quotes compared with texts.

::

    verify          compares every document, sentence, fact and qualifier with the texts, and counts them
    drift           what became of the sentences of a record in a text
    text_updates    updates records, and the positions in evidence, to changed texts
    sentence_edits  edits values and sentences of records in their files
    claims          whether the sentences of a fact state what it claims
    cell_evidence   evidence that points at a cell of a table, with the headers of that cell
    fact_reading    a fact as it is read against its sentences, and the names of terms
    spread_names    a term that a sentence names in other words than its labels
    uses            where a sentence names the use of something: 'if you take X'
    antecedents     what 'these medicines' and 'both' stand for at the beginning of a sentence
    passages        a sentence as it is read: tokens, clauses, what the fact accounts for
    ends            whether sentences name subject and object
    relation        whether sentences relate them as the predicate says
    undergone_changes  finds changes that no verb between the ends states: 'X makes Y worse'
    verb_phrases    finds relations that a verb phrase states: 'protects you against Y', and the object in 'X can harm Y'
    side_phrases    phrases beside the main verb: 'By blocking Y, …', 'used to treat Y', 'sometimes with Z'
    exclusions      whether a sentence names the object for another reason than the relation
    verb_subjects   which of several names before a verb is its subject
    inheritance     what a sentence inherits from headings and lead-ins: the relation, its hedge, its denial
    joint_use       lists of medicines that are taken with the subject
    list_items      what a sentence says beside the object: other items, descriptions, joined headings
    qualifiers      whether sentences express the qualifiers, and are about the fact
    assertions      whether a sentence denies, hedges, restricts or doubts the claim
    hedges          finds the words that deny or hedge the claim
    restrictions    finds what restricts the claim or casts doubt on it
    condition_reading  reads the conditions of a sentence: where they begin and end
    stated_conditions  whether a condition is what the fact says
    conditions      finds the conditions that the fact leaves out: 'if …', 'at high doses'
    case_clauses    finds if-clauses that restrict nothing, because they name what the claim is about
    conditionals    reads what a main clause says of what its if-clause names: a consequence
    consequences    reads what follows on a case that no if-clause before it names: 'do not stop X, as Y may occur'
    back_references  finds the sentence whose case an advice refers to: 'if this happens, lie down'
    advice          whether a command advises the object: 'lie down if you feel faint'
    populations     finds groups, situations and other drugs that the fact leaves out
    cues            the words that express predicates and values of qualifiers, by language
    frequencies     reads words, percentages, limits and ranges
    result_files    records the results in verification/
    cite            reads and checks quotes, and writes the evidence to paste
"""
