"""The texts of documents: normal form, blocks, sentences and quotes.

::

    normal_form        reads a file into its normal form, whose code points all positions count
    blocks             the blocks of a text, which no sentence crosses
    plain_text         finds the blocks of plain text
    markup             parses Markdown and HTML
    xml_text           parses XML: JATS, SPL, FHIR and XHTML
    markup_reader      reads elements into blocks, by the roles in markup_roles.toml
    block_lines        the lines that the reader makes, and how they become a normal form
    tables             the cells of tables, and their headers
    marks              the marks for markup with a meaning
    stated_details     what a text says of itself: title, language, identifiers, date, licence
    sentence_splitter  divides blocks into numbered sentences
    structure          finds the headings, lead-ins and table headers under which sentences stand
    lead_ins           finds the lead-ins of lists, and which list each belongs to
    sources            finds the available texts: those that ship, and those that the user names
    normalisation      the normalisation under which words are compared
    indexed_text       a text indexed for quotes, and where quotes stand
    quotes             finds a quote, or refuses it with a reason
    quote_errors       explains why a quote that does not occur is refused

``sources.texts`` returns the available texts of a knowledge base. ``text.words[sentence.start : sentence.end]`` is the text
of a sentence.
"""
