SELECT id, shared_seq, staff_seq, visitor_name, visitor_email, preview, opened_at
FROM conversations
WHERE id IN ({{?}})
ORDER BY id
FOR UPDATE
