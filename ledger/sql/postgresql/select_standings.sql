-- Each by its index, as in select_conversations.sql.
SELECT row.id, row.shared_seq, row.staff_seq, row.state, row.fence, row.joined
FROM (VALUES {{(?)}}) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT heads.id, shared_seq, staff_seq, state, fence, joined
    FROM conversations JOIN heads ON heads.id = conversations.id
    WHERE conversations.id = wanted.id
    LIMIT 1) AS row
