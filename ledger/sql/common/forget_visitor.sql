UPDATE conversations SET visitor_name = '', visitor_email = '', preview = '' WHERE id = ?
