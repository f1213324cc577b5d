SELECT heads.id, shared_seq, staff_seq, state, fence, joined
FROM conversations JOIN heads ON heads.id = conversations.id
WHERE conversations.id IN ({{?}})
