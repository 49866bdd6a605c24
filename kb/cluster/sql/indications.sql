-- What is a drug said to be used to treat, how firmly, and under which restrictions?
SELECT drugs.label AS drug, conditions.label AS condition, modalities.label AS modality,
  coalesce(triggers.label, edges.trigger) AS only_after, coalesce(circumstances.label, edges.condition) AS only_when,
  coalesce(populations.label, edges.population) AS only_for, edges.listing
FROM edges
JOIN labels AS drugs ON drugs.sort = 'term' AND drugs.id = edges.subject
JOIN labels AS conditions ON conditions.sort = 'term' AND conditions.id = edges.object
JOIN labels AS modalities ON modalities.kind = 'modality' AND modalities.id = edges.modality
LEFT JOIN labels AS triggers ON triggers.sort = 'term' AND triggers.id = edges.trigger
LEFT JOIN labels AS circumstances ON circumstances.sort = 'term' AND circumstances.id = edges.condition
LEFT JOIN labels AS populations ON populations.sort = 'term' AND populations.id = edges.population
WHERE edges.predicate = 'used-to-treat' AND edges.polarity IS NULL
ORDER BY drug, condition, edges.fact
