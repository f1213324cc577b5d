-- The agent's list leads, and each conversation is found by its index: PostgreSQL would otherwise
-- rather walk through everybody's.
SELECT row.id, row.department, row.state, row.agent, row.visitor_name, row.visitor_email,
       row.preview_event, row.old_preview, row.shared_seq, row.opened_at, row.waiting_since,
       row.assigned_at, row.closed_at
FROM participants
CROSS JOIN LATERAL (
    SELECT * FROM conversation_rows WHERE id = participants.conversation LIMIT 1) AS row
WHERE participants.site = ? AND participants.agent = ?
  AND conversation > ? AND conversation < ? AND opened_at >= ? AND opened_at < ?
  AND (? = '' OR department = ?) AND (? < 0 OR state = ?)
ORDER BY conversation DESC
LIMIT ?
