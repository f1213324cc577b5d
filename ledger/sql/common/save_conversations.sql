INSERT INTO conversations (
    id, site, department, state, agent, fence, priority, assigned_seq, visitor_name, opened_at,
    waiting_since, assigned_at, closed_at, offered_to, offered_until, declined, next_round, joined,
    visitor_email, preview)
VALUES {{(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')}}
ON CONFLICT (id) DO UPDATE
SET department = excluded.department, state = excluded.state, agent = excluded.agent,
    fence = excluded.fence, priority = excluded.priority, assigned_seq = excluded.assigned_seq,
    waiting_since = excluded.waiting_since, assigned_at = excluded.assigned_at,
    closed_at = excluded.closed_at, offered_to = excluded.offered_to,
    offered_until = excluded.offered_until, declined = excluded.declined,
    next_round = excluded.next_round, joined = excluded.joined
