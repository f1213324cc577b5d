-- A list of rows after IN would be a condition for each of them, all of them planned anew each time.
SELECT found.conversation, found.stream, found.seq, found.recorded_at, found.event
FROM (VALUES {{(?, CAST(? AS SMALLINT), CAST(? AS BIGINT))}}) AS wanted (conversation, stream, seq)
JOIN events AS found
    ON found.conversation = wanted.conversation AND found.stream = wanted.stream
        AND found.seq = wanted.seq
