SELECT id, department, state, agent, visitor_name, visitor_email, preview, shared_seq, opened_at,
       waiting_since, assigned_at, closed_at
FROM conversations
WHERE site = ? AND visitor_email <> '' AND visitor_email = ?
  AND (? = '' OR EXISTS (SELECT 1 FROM participants
                         WHERE participants.site = conversations.site AND participants.agent = ?
                           AND conversation = id))
  AND id > ? AND id < ? AND opened_at >= ? AND opened_at < ?
  AND (? = '' OR department = ?) AND (? < 0 OR state = ?)
ORDER BY id DESC
LIMIT ?
