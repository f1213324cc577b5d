DELETE FROM refusals WHERE at < ?
