SELECT conversations.id, site, shared_seq, staff_seq
FROM conversations JOIN heads ON heads.id = conversations.id
WHERE conversations.id = ?
