-- A page of the conversations, whether behind or not: so each statement looks at as many.
SELECT c.id,
       c.shared_seq - COALESCE(d.indexed_shared_seq, 0) + c.staff_seq - COALESCE(d.indexed_staff_seq, 0)
FROM (SELECT conversations.id, site, shared_seq, staff_seq
      FROM conversations JOIN heads ON heads.id = conversations.id
      WHERE conversations.id > ?
      ORDER BY conversations.id
      LIMIT ?) c
LEFT JOIN digests d ON d.site = c.site AND d.conversation = c.id
ORDER BY c.id
