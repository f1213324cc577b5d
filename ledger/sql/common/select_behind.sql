SELECT c.id
FROM conversations c
LEFT JOIN digests d ON d.site = c.site AND d.conversation = c.id
WHERE c.id > ?
  AND (d.conversation IS NULL OR d.shared_seq < c.shared_seq OR d.staff_seq < c.staff_seq)
ORDER BY c.id
LIMIT ?
