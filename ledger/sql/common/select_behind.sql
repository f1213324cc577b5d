-- A page of the conversations, whether behind or not: so each statement looks at as many.
SELECT c.id,
       CASE WHEN d.conversation IS NULL OR d.shared_seq < c.shared_seq OR d.staff_seq < c.staff_seq
            THEN 1 ELSE 0 END
FROM (SELECT id, site, shared_seq, staff_seq FROM conversations WHERE id > ? ORDER BY id LIMIT ?) c
LEFT JOIN digests d ON d.site = c.site AND d.conversation = c.id
ORDER BY c.id
