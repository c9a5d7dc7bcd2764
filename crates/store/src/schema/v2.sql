-- Version 2. What version 1 did not keep. Not released yet: additions go here, each under the line that says what for.

-- Attempts: when Ctrl-Z was written (NULL: never, or not known), and the modem's own last words.
ALTER TABLE record ADD COLUMN handed_ms INTEGER;
ALTER TABLE record ADD COLUMN raw TEXT;

-- Reports: how far the service centre's clock is from ours, once learnt (NULL: not yet).
ALTER TABLE sim ADD COLUMN centre_offset_ms INTEGER;
