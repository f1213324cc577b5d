SELECT site, offered_to, COUNT(*)
FROM conversations
WHERE state = 0 AND offered_to <> '' AND site = ? AND offered_to = ?
GROUP BY site, offered_to
