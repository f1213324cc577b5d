SELECT state, code, text, parts FROM jobs WHERE id = ? AND site = ? AND owner = ?
