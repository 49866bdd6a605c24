-- Which symptoms may follow when a drug is stopped, in which way of stopping, how firmly, and under which restrictions?
SELECT drugs.label AS drug, coalesce(triggers.label, edges.trigger) AS trigger, symptoms.label AS symptom,
  modalities.label AS modality, coalesce(circumstances.label, edges.condition) AS only_when,
  coalesce(populations.label, edges.population) AS only_for, edges.listing
FROM edges
JOIN labels AS drugs ON drugs.sort = 'term' AND drugs.id = edges.subject
LEFT JOIN labels AS triggers ON triggers.sort = 'term' AND triggers.id = edges.trigger
JOIN labels AS symptoms ON symptoms.sort = 'term' AND symptoms.id = edges.object
JOIN labels AS modalities ON modalities.kind = 'modality' AND modalities.id = edges.modality
LEFT JOIN labels AS circumstances ON circumstances.sort = 'term' AND circumstances.id = edges.condition
LEFT JOIN labels AS populations ON populations.sort = 'term' AND populations.id = edges.population
WHERE edges.predicate = 'has-withdrawal-symptom' AND edges.polarity IS NULL
ORDER BY drug, trigger, symptom, edges.fact
