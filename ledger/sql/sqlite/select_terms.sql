SELECT document FROM search_terms WHERE site = ? AND term = ? AND document = ?
