-- Which symptoms may follow when a drug is stopped, and in which way of stopping?
SELECT drugs.label AS drug, triggers.label AS trigger, symptoms.label AS symptom
FROM edges
JOIN labels AS drugs ON drugs.sort = 'term' AND drugs.id = edges.subject
JOIN labels AS triggers ON triggers.sort = 'term' AND triggers.id = edges.trigger
JOIN labels AS symptoms ON symptoms.sort = 'term' AND symptoms.id = edges.object
WHERE edges.predicate = 'has-withdrawal-symptom' AND edges.polarity IS NULL
ORDER BY drug, trigger, symptom, edges.fact
