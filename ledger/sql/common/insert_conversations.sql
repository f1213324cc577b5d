INSERT INTO conversations (
    id, site, department, state, agent, fence, priority, assigned_seq, visitor_name, opened_at,
    waiting_since, assigned_at, closed_at, offered_to, offered_until, declined, next_round, joined,
    visitor_email, preview)
VALUES {{(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')}}
