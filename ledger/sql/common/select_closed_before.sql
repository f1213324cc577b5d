SELECT site, id
FROM conversations
WHERE state = 2 AND closed_at < ?
ORDER BY closed_at, id
LIMIT ?
