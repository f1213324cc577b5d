SELECT heads.id, shared_seq, staff_seq, visitor_name, visitor_email, preview_seq, heads.opened_at
FROM conversations JOIN heads ON heads.id = conversations.id
WHERE conversations.id = ?
