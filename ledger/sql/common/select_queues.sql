SELECT site, department, COUNT(*)
FROM conversations
WHERE state = 0
GROUP BY site, department
