INSERT INTO conversations (
    id, site, department, state, agent, fence, priority, shared_seq, staff_seq, shared_hash,
    staff_hash, assigned_seq, visitor_name, preview, opened_at, waiting_since, assigned_at, closed_at,
    offered_to, offered_until, declined, next_round, joined, visitor_email, spoken_at)
VALUES {{(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)}}
ON CONFLICT (id) DO UPDATE
SET department = excluded.department, state = excluded.state, agent = excluded.agent,
    fence = excluded.fence, priority = excluded.priority, shared_seq = excluded.shared_seq,
    staff_seq = excluded.staff_seq, shared_hash = excluded.shared_hash,
    staff_hash = excluded.staff_hash, assigned_seq = excluded.assigned_seq,
    preview = excluded.preview, waiting_since = excluded.waiting_since,
    assigned_at = excluded.assigned_at, closed_at = excluded.closed_at,
    offered_to = excluded.offered_to, offered_until = excluded.offered_until,
    declined = excluded.declined, next_round = excluded.next_round, joined = excluded.joined,
    spoken_at = excluded.spoken_at
