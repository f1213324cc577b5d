SELECT site, kind, id, version, entry
FROM directory
ORDER BY site, kind, id
