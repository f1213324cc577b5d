SELECT site, agent, COUNT(*)
FROM conversations
WHERE state = 1 AND (site, agent) IN ({{(?, ?)}})
GROUP BY site, agent
