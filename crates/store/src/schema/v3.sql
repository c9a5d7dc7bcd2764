-- Version 3. What version 2 did not keep. Not released yet: additions go here, each under the line that says what for.

-- Retention: when the text of an ended message was erased (NULL: it was not).
ALTER TABLE message ADD COLUMN erased_ms INTEGER;

-- Retention: ended messages by their end, the oldest first; and of those, the ones whose texts are still there.
CREATE INDEX message_ended ON message (ended_ms) WHERE ended_ms IS NOT NULL;
CREATE INDEX message_readable ON message (class, ended_ms) WHERE ended_ms IS NOT NULL AND erased_ms IS NULL;
CREATE INDEX kept_report_settled ON kept_report (settled_ms) WHERE settled_ms IS NOT NULL;

-- Retention: of the records up to this number some were deleted, so the event stream is whole only behind it.
ALTER TABLE meta ADD COLUMN forgotten_seq INTEGER NOT NULL DEFAULT 0;
