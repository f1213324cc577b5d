SELECT id
FROM conversations
WHERE state = 0 AND site = ? AND department = ?
ORDER BY priority DESC, waiting_since, id
LIMIT ?
