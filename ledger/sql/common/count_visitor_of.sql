SELECT COUNT(*)
FROM conversations JOIN heads ON heads.id = conversations.id
WHERE conversations.id = ?
  AND (visitor_name <> '' OR visitor_email <> ''
       OR ((preview <> '' OR preview_seq > 0) AND shared_seq <= ?))
