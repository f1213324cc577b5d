SELECT conversation, department, agent, opened_at, assigned_at, responded_at, closed_at,
       visitor_messages, agent_messages, score, shared_seq, staff_seq,
       indexed_shared_seq, indexed_staff_seq
FROM digests
WHERE (site, conversation) IN ({{(?, ?)}})
ORDER BY site, conversation
FOR UPDATE
