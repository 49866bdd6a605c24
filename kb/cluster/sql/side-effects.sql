-- Which side effects can a drug have, how firmly, under which restrictions, how often, how severe, how serious, and what becomes of them?
SELECT drugs.label AS drug, effects.label AS effect, modalities.label AS modality,
  coalesce(frequencies.label, edges.frequency) AS frequency, coalesce(severities.label, edges.severity) AS severity,
  coalesce(seriousnesses.label, edges.seriousness) AS seriousness, coalesce(courses.label, edges.course) AS course,
  coalesce(triggers.label, edges.trigger) AS only_after, coalesce(circumstances.label, edges.condition) AS only_when,
  coalesce(populations.label, edges.population) AS only_for, edges.listing
FROM edges
JOIN labels AS drugs ON drugs.sort = 'term' AND drugs.id = edges.subject
JOIN labels AS effects ON effects.sort = 'term' AND effects.id = edges.object
JOIN labels AS modalities ON modalities.kind = 'modality' AND modalities.id = edges.modality
LEFT JOIN labels AS frequencies ON frequencies.kind = 'frequency' AND frequencies.id = edges.frequency
LEFT JOIN labels AS severities ON severities.kind = 'severity' AND severities.id = edges.severity
LEFT JOIN labels AS seriousnesses ON seriousnesses.kind = 'seriousness' AND seriousnesses.id = edges.seriousness
LEFT JOIN labels AS courses ON courses.kind = 'course' AND courses.id = edges.course
LEFT JOIN labels AS triggers ON triggers.sort = 'term' AND triggers.id = edges.trigger
LEFT JOIN labels AS circumstances ON circumstances.sort = 'term' AND circumstances.id = edges.condition
LEFT JOIN labels AS populations ON populations.sort = 'term' AND populations.id = edges.population
WHERE edges.predicate = 'has-side-effect' AND edges.polarity IS NULL
ORDER BY drug, frequency, effect, edges.fact
