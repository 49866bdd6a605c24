-- What is a drug said to be used to treat?
SELECT drugs.label AS drug, conditions.label AS condition
FROM edges
JOIN labels AS drugs ON drugs.sort = 'term' AND drugs.id = edges.subject
JOIN labels AS conditions ON conditions.sort = 'term' AND conditions.id = edges.object
WHERE edges.predicate = 'used-to-treat' AND edges.polarity IS NULL
ORDER BY drug, condition, edges.fact
