-- Version 1. Times are milliseconds since 1970-01-01T00:00:00Z (columns *_ms); `seq` numbers all records of all tables.
-- Numbers that a program counts beyond 2^63 do not occur; `digest` is a 64-bit pattern and may be negative.

-- The number of the last record, whichever table it went to, and its time.
CREATE TABLE meta (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    last_seq   INTEGER NOT NULL,
    last_at_ms INTEGER NOT NULL
) STRICT;
INSERT INTO meta VALUES (1, 0, 0);

-- The words of message.state and record.state, for people.
CREATE TABLE state (
    number INTEGER PRIMARY KEY,
    word   TEXT NOT NULL
) STRICT;
INSERT INTO state VALUES (0, 'queued'), (1, 'sending'), (2, 'in_doubt'), (3, 'sent'), (4, 'delivered'),
    (5, 'undelivered'), (6, 'unconfirmed'), (7, 'expired'), (8, 'cancelled'), (9, 'failed');

-- A message: its `accepted` record and where it stands now.
CREATE TABLE message (
    seq            INTEGER PRIMARY KEY,
    id             BLOB NOT NULL UNIQUE,
    accepted_ms    INTEGER NOT NULL,
    expires_ms     INTEGER NOT NULL,
    state          INTEGER NOT NULL,
    ended_ms       INTEGER,
    reason         TEXT,
    class          TEXT NOT NULL,
    in_doubt       TEXT NOT NULL,
    report         INTEGER NOT NULL,
    encoding       TEXT NOT NULL,
    parts          INTEGER NOT NULL,
    digest         INTEGER NOT NULL,
    recipient      TEXT NOT NULL,
    recipient_type INTEGER NOT NULL,
    route          TEXT,
    key            TEXT,
    text           TEXT NOT NULL
) STRICT;
-- With ended_ms, so that a query for the numbers of open messages reads nothing but the index.
CREATE INDEX message_open ON message (seq, ended_ms) WHERE ended_ms IS NULL;
CREATE INDEX message_key ON message (key) WHERE key IS NOT NULL;
CREATE INDEX message_recipient ON message (recipient);
CREATE INDEX message_state ON message (state);

-- What happened to a message after it was accepted. `ticket` is the seq of the attempt's `started` record.
CREATE TABLE record (
    seq           INTEGER PRIMARY KEY,
    message       INTEGER NOT NULL,
    at_ms         INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    state         INTEGER,
    ended         INTEGER,
    ticket        INTEGER,
    part          INTEGER,
    sim           TEXT,
    line          TEXT,
    reference     INTEGER,
    outcome       TEXT,
    cause         TEXT,
    mr            INTEGER,
    status        INTEGER,
    taken_ms      INTEGER,
    discharged_ms INTEGER,
    kept          INTEGER,
    not_before_ms INTEGER,
    reason        TEXT
) STRICT;
CREATE INDEX record_message ON record (message);

-- Status reports that fitted no attempt when they came. Settled: attributed or given up by the record settled_seq.
CREATE TABLE kept_report (
    seq            INTEGER PRIMARY KEY,
    at_ms          INTEGER NOT NULL,
    sim            TEXT NOT NULL,
    mr             INTEGER NOT NULL,
    recipient      TEXT NOT NULL,
    recipient_type INTEGER NOT NULL,
    status         INTEGER NOT NULL,
    taken_ms       INTEGER,
    discharged_ms  INTEGER,
    settled_seq    INTEGER,
    settled_ms     INTEGER
) STRICT;
CREATE INDEX kept_report_open ON kept_report (seq) WHERE settled_seq IS NULL;

-- What each SIM has used up, in parts: the last `sim_used` record of each.
CREATE TABLE sim (
    iccid           TEXT PRIMARY KEY,
    seq             INTEGER NOT NULL,
    at_ms           INTEGER NOT NULL,
    minute_start_ms INTEGER NOT NULL,
    minute_used     INTEGER NOT NULL,
    hour_start_ms   INTEGER NOT NULL,
    hour_used       INTEGER NOT NULL,
    day_start_ms    INTEGER NOT NULL,
    day_used        INTEGER NOT NULL,
    month_start_ms  INTEGER NOT NULL,
    month_used      INTEGER NOT NULL,
    started         INTEGER NOT NULL,
    sent            INTEGER NOT NULL,
    refused         INTEGER NOT NULL,
    in_doubt        INTEGER NOT NULL,
    delivered       INTEGER NOT NULL,
    reference       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What an operator wants of a line or SIM: the last `controlled` record of each.
CREATE TABLE control (
    kind    TEXT NOT NULL,
    target  TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    control TEXT NOT NULL,
    reason  TEXT,
    PRIMARY KEY (kind, target)
) STRICT, WITHOUT ROWID;

-- How many messages there ever were: the last `counted` record.
CREATE TABLE totals (
    one               INTEGER PRIMARY KEY CHECK (one = 1),
    seq               INTEGER NOT NULL,
    at_ms             INTEGER NOT NULL,
    accepted          INTEGER NOT NULL,
    ended_queued      INTEGER NOT NULL,
    ended_sending     INTEGER NOT NULL,
    ended_in_doubt    INTEGER NOT NULL,
    ended_sent        INTEGER NOT NULL,
    ended_delivered   INTEGER NOT NULL,
    ended_undelivered INTEGER NOT NULL,
    ended_unconfirmed INTEGER NOT NULL,
    ended_expired     INTEGER NOT NULL,
    ended_cancelled   INTEGER NOT NULL,
    ended_failed      INTEGER NOT NULL,
    resent_in_doubt   INTEGER NOT NULL
) STRICT;

-- Messages as people read them: `SELECT * FROM messages WHERE state = 'failed'`.
CREATE VIEW messages AS
SELECT lower(
           substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4) || '-'
           || substr(hex(id), 17, 4) || '-' || substr(hex(id), 21)
       ) AS id,
       state.word AS state, reason, class, recipient, parts,
       strftime('%Y-%m-%dT%H:%M:%fZ', accepted_ms / 1000.0, 'unixepoch') AS accepted,
       strftime('%Y-%m-%dT%H:%M:%fZ', ended_ms / 1000.0, 'unixepoch') AS ended,
       seq
FROM message JOIN state ON state.number = message.state;
