SELECT agent
FROM conversations
WHERE visitor_email <> '' AND site = ? AND visitor_email = ? AND agent <> ''
ORDER BY assigned_at DESC
LIMIT 1
