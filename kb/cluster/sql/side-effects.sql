-- Which side effects can a drug have, how often, how severe, how serious, and what becomes of them?
SELECT drugs.label AS drug, effects.label AS effect, frequencies.label AS frequency, severities.label AS severity,
  seriousnesses.label AS seriousness, courses.label AS course
FROM edges
JOIN labels AS drugs ON drugs.sort = 'term' AND drugs.id = edges.subject
JOIN labels AS effects ON effects.sort = 'term' AND effects.id = edges.object
LEFT JOIN labels AS frequencies ON frequencies.kind = 'frequency' AND frequencies.id = edges.frequency
LEFT JOIN labels AS severities ON severities.kind = 'severity' AND severities.id = edges.severity
LEFT JOIN labels AS seriousnesses ON seriousnesses.kind = 'seriousness' AND seriousnesses.id = edges.seriousness
LEFT JOIN labels AS courses ON courses.kind = 'course' AND courses.id = edges.course
WHERE edges.predicate = 'has-side-effect' AND edges.polarity IS NULL
ORDER BY drug, frequency, effect, edges.fact
