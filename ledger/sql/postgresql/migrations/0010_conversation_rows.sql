-- What heads have now goes. `preview` stays: it has visitors' last words from before there were heads.
ALTER TABLE conversations
    DROP COLUMN shared_seq,
    DROP COLUMN staff_seq,
    DROP COLUMN shared_hash,
    DROP COLUMN staff_hash,
    DROP COLUMN spoken_at;

-- Conversations as they are read. A preview is made of its event, so that it goes where that does.
CREATE VIEW conversation_rows AS
SELECT conversations.id, site, department, state, agent, fence, priority, assigned_seq, visitor_name,
       conversations.opened_at, waiting_since, assigned_at, closed_at, offered_to, offered_until,
       declined, next_round, joined, visitor_email, shared_seq, staff_seq, shared_hash, staff_hash,
       preview_seq, events.event AS preview_event, preview AS old_preview, spoken_at
FROM conversations
JOIN heads ON heads.id = conversations.id
LEFT JOIN events ON events.conversation = heads.id AND events.stream = 1
    AND events.seq = heads.preview_seq;
