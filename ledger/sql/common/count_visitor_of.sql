SELECT COUNT(*)
FROM conversations
WHERE id = ? AND (visitor_name <> '' OR visitor_email <> '' OR (preview <> '' AND shared_seq <= ?))
