INSERT INTO digests (
    site, conversation, department, agent, opened_at, assigned_at, responded_at, closed_at,
    visitor_messages, agent_messages, score, shared_seq, staff_seq,
    indexed_shared_seq, indexed_staff_seq)
VALUES {{(?, ?, '', '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)}}
