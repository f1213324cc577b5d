INSERT INTO jobs (id, site, owner, subject, state, lease_until, code, text, parts, request)
VALUES (?, ?, ?, ?, ?, 0, 0, '', 0, ?)
