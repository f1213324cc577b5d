SELECT site, agent, COUNT(*)
FROM conversations
WHERE state = 1 AND site = ? AND agent = ?
GROUP BY site, agent
