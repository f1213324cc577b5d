SELECT found.conversation, found.request_id, found.stream, found.seq, found.event
FROM (VALUES {{(?, ?)}}) AS wanted (request_id, conversation)
JOIN events AS found
    ON found.request_id = wanted.request_id AND found.conversation = wanted.conversation
