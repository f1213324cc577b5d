SELECT id, COUNT(*)
FROM conversations
WHERE state NOT IN (0, 1, 2)
   OR (state = 1 AND agent = '')
   OR (state = 2 AND closed_at = 0)
   OR (state <> 0 AND offered_to <> '')
GROUP BY id
ORDER BY id
LIMIT 100
