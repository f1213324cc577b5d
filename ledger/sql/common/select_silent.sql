-- That somebody holds it goes without saying, but by it SQLite finds the index of those that are
-- held.
SELECT id, site, department, state, agent, fence, priority, assigned_seq, visitor_name, opened_at,
       waiting_since, assigned_at, closed_at, offered_to, offered_until, declined, next_round, joined,
       visitor_email, shared_seq, staff_seq, shared_hash, staff_hash, preview_seq, preview_event,
       old_preview, spoken_at
FROM conversation_rows
WHERE state = 1 AND site = ? AND agent > '' AND department = ? AND spoken_at <= ?
ORDER BY spoken_at
LIMIT ?
