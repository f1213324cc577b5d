SELECT id, department, state, agent, visitor_name, visitor_email, preview_event, old_preview,
       shared_seq, opened_at, waiting_since, assigned_at, closed_at
FROM conversation_rows
WHERE site = ? AND visitor_email <> '' AND visitor_email = ?
  AND (? = '' OR EXISTS (SELECT 1 FROM participants
                         WHERE participants.site = conversation_rows.site AND participants.agent = ?
                           AND conversation = id))
  AND id > ? AND id < ? AND opened_at >= ? AND opened_at < ?
  AND (? = '' OR department = ?) AND (? < 0 OR state = ?)
ORDER BY id DESC
LIMIT ?
