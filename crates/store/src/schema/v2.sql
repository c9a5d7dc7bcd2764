-- Version 2. What version 1 did not keep.

-- Attempts: when Ctrl-Z was written (NULL: never, or not known), and the modem's own last words.
ALTER TABLE record ADD COLUMN handed_ms INTEGER;
ALTER TABLE record ADD COLUMN raw TEXT;

-- Reports: how far the service centre's clock is from ours, once learnt (NULL: not yet).
ALTER TABLE sim ADD COLUMN centre_offset_ms INTEGER;

-- PIN guard: which PIN (by fingerprint, a 64-bit pattern that may be negative) was ever given to which SIM.
CREATE TABLE pin_try (
    seq         INTEGER PRIMARY KEY,
    at_ms       INTEGER NOT NULL,
    iccid       TEXT NOT NULL,
    line        TEXT NOT NULL,
    fingerprint INTEGER NOT NULL,
    UNIQUE (iccid, fingerprint)
) STRICT;

-- Messages: the app that handed it over (NULL: it gave no name).
ALTER TABLE message ADD COLUMN app TEXT;
