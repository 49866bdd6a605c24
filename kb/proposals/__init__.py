"""Candidate facts from anyone or anything, and the one check that lets them in.

::

    gate                finds the words of a proposal, and runs every check that a fact runs
    lexicon             proposes facts with the names of terms and the cue words of a knowledge base
    stated_values       finds the words of relations and of the values of qualifiers
    candidates          proposes facts about things that have no term yet, with the dictionary
    phrases             finds the names of things in lists and enumerations
    prompt              the task for a language model
    resolution          resolves its words to terms, predicates and values
    filling             fills in what it leaves out, and judges the fact that results
    doubts              finds what makes a claim doubtful where it stands
    wordings            finds the words by which a sentence names a term without using one of its labels
    review              the queue, decisions, and the change that makes a proposal a fact
    foreign             checks the excerpts in other people's records against their texts
    foreign_records     reads these excerpts, and makes proposals of them
    readers             reads files of proposals, and of other tools
    annotations         makes proposals of mentions and relations
    annotation_formats  reads brat, PubTator, BioC and XMI
    store               proposals and decisions on disk
    rdf_claims          reads statements of RDF as proposals without words
"""
