-- Who is told of changes over HTTP, by which document and with whose rights, and what became of each delivery. Bodies are not
-- kept: a delivery that is tried again is made anew.

create table outgoing_webhook (
    webhook_id blob not null primary key,
    url text not null,
    document text not null,
    variables text not null,
    secret blob not null,
    subject text not null,
    departments text not null,
    roles text not null,
    created_at integer not null,
    expires_at integer not null,
    state text not null,
    state_reason text,
    place integer not null,
    failures integer not null,
    next_at integer not null,
    held_by blob,
    held_until integer
) strict;

create index outgoing_webhook_by_owner on outgoing_webhook (subject, created_at);
create index outgoing_webhook_by_due on outgoing_webhook (state, next_at);

create table outgoing_delivery (
    webhook_id blob not null references outgoing_webhook (webhook_id),
    seq integer not null,
    state text not null,
    attempts integer not null,
    status integer,
    reason text,
    first_at integer not null,
    last_at integer not null,
    primary key (webhook_id, seq)
) strict;

create index outgoing_delivery_by_time on outgoing_delivery (webhook_id, last_at);

insert into sqlite_stat1 (tbl, idx, stat) values
    ('outgoing_webhook', 'sqlite_autoindex_outgoing_webhook_1', '20 1'),
    ('outgoing_webhook', 'outgoing_webhook_by_owner', '20 3 1'),
    ('outgoing_webhook', 'outgoing_webhook_by_due', '20 10 1'),
    ('outgoing_delivery', 'sqlite_autoindex_outgoing_delivery_1', '100000 5000 1'),
    ('outgoing_delivery', 'outgoing_delivery_by_time', '100000 5000 1');
analyze sqlite_schema;
