SELECT wrong.id, COUNT(*)
FROM (SELECT id
      FROM heads
      WHERE shared_seq <> (SELECT COALESCE(MAX(seq), 0) FROM events
                           WHERE conversation = heads.id AND stream = 1)
         OR staff_seq <> (SELECT COALESCE(MAX(seq), 0) FROM events
                          WHERE conversation = heads.id AND stream = 2)
         OR NOT EXISTS (SELECT 1 FROM conversations
                        WHERE conversations.id = heads.id
                          AND conversations.opened_at = heads.opened_at)
      UNION ALL
      SELECT id
      FROM conversations
      WHERE id NOT IN (SELECT id FROM heads)) AS wrong
GROUP BY wrong.id
ORDER BY wrong.id
LIMIT 100
