SELECT id, actor, action, target
FROM audit
WHERE site = ? AND id < ?
ORDER BY id DESC
LIMIT ?
