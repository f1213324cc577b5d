SELECT id, department, state, conversation_rows.agent, visitor_name, visitor_email,
       preview_event, old_preview, shared_seq, opened_at, waiting_since, assigned_at, closed_at
FROM participants CROSS JOIN conversation_rows
WHERE participants.site = ? AND participants.agent = ? AND id = conversation
  AND conversation > ? AND conversation < ? AND opened_at >= ? AND opened_at < ?
  AND (? = '' OR department = ?) AND (? < 0 OR state = ?)
ORDER BY conversation DESC
LIMIT ?
