INSERT INTO conversations (
    id, site, department, state, agent, fence, priority, assigned_seq, visitor_name, opened_at,
    waiting_since, assigned_at, closed_at, offered_to, offered_until, declined, next_round, joined,
    visitor_email, preview)
VALUES {{(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')}}
ON DUPLICATE KEY UPDATE
    department = VALUES(department), state = VALUES(state), agent = VALUES(agent),
    fence = VALUES(fence), priority = VALUES(priority), assigned_seq = VALUES(assigned_seq),
    waiting_since = VALUES(waiting_since), assigned_at = VALUES(assigned_at),
    closed_at = VALUES(closed_at), offered_to = VALUES(offered_to),
    offered_until = VALUES(offered_until), declined = VALUES(declined),
    next_round = VALUES(next_round), joined = VALUES(joined)
