SELECT id, site, shared_seq, staff_seq
FROM conversations
WHERE id = ?
