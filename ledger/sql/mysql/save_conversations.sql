INSERT INTO conversations (
    id, site, department, state, agent, fence, priority, shared_seq, staff_seq, shared_hash,
    staff_hash, assigned_seq, visitor_name, preview, opened_at, waiting_since, assigned_at, closed_at,
    offered_to, offered_until, declined, next_round, joined, visitor_email, spoken_at)
VALUES {{(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)}}
ON DUPLICATE KEY UPDATE
    department = VALUES(department), state = VALUES(state), agent = VALUES(agent),
    fence = VALUES(fence), priority = VALUES(priority), shared_seq = VALUES(shared_seq),
    staff_seq = VALUES(staff_seq), shared_hash = VALUES(shared_hash),
    staff_hash = VALUES(staff_hash), assigned_seq = VALUES(assigned_seq),
    preview = VALUES(preview), waiting_since = VALUES(waiting_since),
    assigned_at = VALUES(assigned_at), closed_at = VALUES(closed_at),
    offered_to = VALUES(offered_to), offered_until = VALUES(offered_until),
    declined = VALUES(declined), next_round = VALUES(next_round), joined = VALUES(joined),
    spoken_at = VALUES(spoken_at)
