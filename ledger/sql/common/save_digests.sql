INSERT INTO digests (
    site, conversation, department, agent, opened_at, assigned_at, responded_at, closed_at,
    visitor_messages, agent_messages, score, shared_seq, staff_seq,
    indexed_shared_seq, indexed_staff_seq)
VALUES {{(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)}}
ON CONFLICT (site, conversation) DO UPDATE
SET department = excluded.department, agent = excluded.agent, opened_at = excluded.opened_at,
    assigned_at = excluded.assigned_at, responded_at = excluded.responded_at,
    closed_at = excluded.closed_at, visitor_messages = excluded.visitor_messages,
    agent_messages = excluded.agent_messages, score = excluded.score,
    shared_seq = excluded.shared_seq, staff_seq = excluded.staff_seq,
    indexed_shared_seq = excluded.indexed_shared_seq,
    indexed_staff_seq = excluded.indexed_staff_seq
