SELECT id, site, owner, subject, request
FROM jobs
WHERE state = ? AND lease_until < ?
ORDER BY id
LIMIT 1
FOR UPDATE
