UPDATE events SET event = ? WHERE conversation = ? AND stream = ? AND seq = ?
