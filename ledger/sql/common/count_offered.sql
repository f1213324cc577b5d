SELECT site, offered_to, COUNT(*)
FROM conversations
WHERE state = 0 AND offered_to <> '' AND (site, offered_to) IN ({{(?, ?)}})
GROUP BY site, offered_to
