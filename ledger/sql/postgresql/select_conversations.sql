-- Each by its index: PostgreSQL would otherwise read the whole table where that is about as many
-- pages, those of rows included that are no longer.
SELECT row.id, row.site, row.department, row.state, row.agent, row.fence, row.priority,
       row.assigned_seq, row.visitor_name, row.opened_at, row.waiting_since, row.assigned_at,
       row.closed_at, row.offered_to, row.offered_until, row.declined, row.next_round, row.joined,
       row.visitor_email, row.shared_seq, row.staff_seq, row.shared_hash, row.staff_hash,
       row.preview_seq, row.preview_event, row.old_preview, row.spoken_at
FROM (VALUES {{(?)}}) AS wanted (id)
CROSS JOIN LATERAL (SELECT * FROM conversation_rows WHERE id = wanted.id LIMIT 1) AS row
