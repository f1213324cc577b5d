SELECT conversation, COUNT(*)
FROM events
WHERE conversation NOT IN (SELECT id FROM conversations)
GROUP BY conversation
ORDER BY conversation
LIMIT 100
