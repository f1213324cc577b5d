-- A join, as in select_unread_events.sql.
SELECT row.conversation, row.department, row.agent, row.opened_at, row.assigned_at,
       row.responded_at, row.closed_at, row.visitor_messages, row.agent_messages, row.score,
       row.shared_seq, row.staff_seq, row.indexed_shared_seq, row.indexed_staff_seq
FROM (VALUES {{(?, ?)}}) AS wanted (site, conversation)
JOIN digests AS row ON row.site = wanted.site AND row.conversation = wanted.conversation
ORDER BY row.site, row.conversation
FOR UPDATE OF row
