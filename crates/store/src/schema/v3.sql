-- Version 3. What version 2 did not keep. Not released yet: additions go here, each under the line that says what for.

-- Retention: when the text of an ended message was erased (NULL: it was not).
ALTER TABLE message ADD COLUMN erased_ms INTEGER;
-- Retention: how many characters of the recipient were erased with it.
ALTER TABLE message ADD COLUMN recipient_cut INTEGER NOT NULL DEFAULT 0;

-- Retention: ended messages by their end, the oldest first; and of those, the ones whose texts are still there.
CREATE INDEX message_ended ON message (ended_ms) WHERE ended_ms IS NOT NULL;
CREATE INDEX message_readable ON message (class, ended_ms) WHERE ended_ms IS NOT NULL AND erased_ms IS NULL;
CREATE INDEX kept_report_settled ON kept_report (settled_ms) WHERE settled_ms IS NOT NULL;

-- Retention: of the records up to this number some were deleted, so the event stream is whole only behind it.
ALTER TABLE meta ADD COLUMN forgotten_seq INTEGER NOT NULL DEFAULT 0;

-- Messages: the national tables that encoding `gsm7` means, by language (NULL: the default one), and what else the
-- network is told: shown at once (flash), and the type of message that it takes the place of, 1 to 7 (NULL: none).
ALTER TABLE message ADD COLUMN locking_shift TEXT;
ALTER TABLE message ADD COLUMN single_shift TEXT;
ALTER TABLE message ADD COLUMN flash INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN replaces INTEGER;

-- Budgets: when each window ends, and what was used in the one before it.
ALTER TABLE sim ADD COLUMN minute_end_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sim ADD COLUMN minute_before INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sim ADD COLUMN hour_end_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sim ADD COLUMN hour_before INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sim ADD COLUMN day_end_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sim ADD COLUMN day_before INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sim ADD COLUMN month_end_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sim ADD COLUMN month_before INTEGER NOT NULL DEFAULT 0;
-- Version 2 knew the windows of UTC only; those that were never used stay empty.
UPDATE sim SET minute_end_ms = minute_start_ms + 60000 WHERE minute_start_ms > 0;
UPDATE sim SET hour_end_ms = hour_start_ms + 3600000 WHERE hour_start_ms > 0;
UPDATE sim SET day_end_ms = day_start_ms + 86400000 WHERE day_start_ms > 0;
UPDATE sim SET month_end_ms = 1000 * strftime('%s', month_start_ms / 1000, 'unixepoch', 'start of month', '+1 month')
    WHERE month_start_ms > 0;

-- Budgets: parts to each recipient in the running month, of SIMs whose recipients are limited. `mark` is a 64-bit pattern
-- that may be negative.
CREATE TABLE sim_recipient (
    iccid TEXT NOT NULL,
    mark  INTEGER NOT NULL,
    seq   INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    PRIMARY KEY (iccid, mark)
) STRICT, WITHOUT ROWID;

-- Suppression list: recipients that nothing is sent to. A row is deleted when its recipient is taken off.
CREATE TABLE suppression (
    recipient TEXT PRIMARY KEY,
    seq       INTEGER NOT NULL,
    at_ms     INTEGER NOT NULL,
    reason    TEXT
) STRICT, WITHOUT ROWID;

-- Retention: the records of messages that ended up to here, in the order (ended_ms, seq), are deleted.
ALTER TABLE meta ADD COLUMN bare_ended_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN bare_seq INTEGER NOT NULL DEFAULT 0;
-- Schedules: the time before which a message is not to be sent (NULL: at once).
ALTER TABLE message ADD COLUMN send_at_ms INTEGER;
-- Messages: the ports of the application that data is for (NULL: none). Of encoding `8bit` the text has the octets in
-- hexadecimal digits.
ALTER TABLE message ADD COLUMN source_port INTEGER;
ALTER TABLE message ADD COLUMN destination_port INTEGER;

-- Texts, apart from their messages, so that an erased text leaves no copy: a row is never moved while it says something.
CREATE TABLE text (
    seq  INTEGER PRIMARY KEY,
    text TEXT NOT NULL
) STRICT;
INSERT INTO text SELECT seq, text FROM message ORDER BY seq;
UPDATE message SET text = format('%*s', octet_length(text), '');
ALTER TABLE message DROP COLUMN text;
-- Long messages begun anew: parts that went on the air, or may have, in vain.
ALTER TABLE totals ADD COLUMN given_up INTEGER NOT NULL DEFAULT 0;
-- Budgets: the last warning of each limit and mark (percent) of a SIM, which the event stream tells (resets_ms NULL: never).
CREATE TABLE budget_warning (
    seq       INTEGER PRIMARY KEY,
    at_ms     INTEGER NOT NULL,
    iccid     TEXT NOT NULL,
    budget    TEXT NOT NULL,
    percent   INTEGER NOT NULL,
    used      INTEGER NOT NULL,
    allowed   INTEGER NOT NULL,
    resets_ms INTEGER,
    UNIQUE (iccid, budget, percent)
) STRICT;
-- Health over a restart: SIMs that are taken out, and why; `times` it was found sick since a part was last sent on it.
CREATE TABLE quarantine (
    iccid          TEXT PRIMARY KEY,
    seq            INTEGER NOT NULL,
    at_ms          INTEGER NOT NULL,
    sick           TEXT NOT NULL,
    cause          TEXT,
    since_ms       INTEGER NOT NULL,
    until_ms       INTEGER NOT NULL,
    times          INTEGER NOT NULL,
    refused_in_row INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Breakers of operators and lines that are not closed; `times` it opened in a row.
CREATE TABLE breaker (
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    seq      INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    times    INTEGER NOT NULL,
    in_row   INTEGER NOT NULL,
    cause    TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
-- Resets of hubs, as far as their limits count them; `in_vain`: since one of the hub's lines last came up.
CREATE TABLE hub_reset (
    seq     INTEGER PRIMARY KEY,
    at_ms   INTEGER NOT NULL,
    hub     TEXT NOT NULL,
    in_vain INTEGER NOT NULL
) STRICT;
-- Searches: whether nothing has happened to a message since it was accepted. While nothing has, its recipient is indexed
-- beside those of its neighbours: a thousand messages that come at once change a few pages of that index and not a thousand.
ALTER TABLE message ADD COLUMN untouched INTEGER NOT NULL DEFAULT 0;
DROP INDEX message_recipient;
CREATE INDEX message_recipient ON message (recipient) WHERE untouched = 0;
CREATE INDEX message_untouched ON message (seq >> 12, recipient) WHERE untouched = 1;
