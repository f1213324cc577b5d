SELECT id, site, department, state, agent, fence, priority, shared_seq, staff_seq, shared_hash,
       staff_hash, assigned_seq, visitor_name, preview, opened_at, waiting_since, assigned_at, closed_at,
       offered_to, offered_until, declined, next_round, joined, visitor_email, spoken_at
FROM conversations
WHERE state = 0 AND offered_to <> '' AND site = ?
