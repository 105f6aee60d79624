-- Who is told of changes over HTTP, by which document and with whose rights, and what became of each delivery. Bodies are not
-- kept: a delivery that is tried again is made anew.

create table outgoing_webhook (
    webhook_id uuid not null primary key,
    url text not null,
    document text not null,
    variables text not null,
    secret bytea not null,
    subject text not null,
    departments text not null,
    roles text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    state text not null,
    state_reason text,
    place bigint not null,
    failures bigint not null,
    next_at timestamptz not null,
    held_by uuid,
    held_until timestamptz
);

create index outgoing_webhook_by_owner on outgoing_webhook (subject, created_at);
create index outgoing_webhook_by_due on outgoing_webhook (state, next_at);

create table outgoing_delivery (
    webhook_id uuid not null references outgoing_webhook (webhook_id),
    seq bigint not null,
    state text not null,
    attempts bigint not null,
    status bigint,
    reason text,
    first_at timestamptz not null,
    last_at timestamptz not null,
    primary key (webhook_id, seq)
);

create index outgoing_delivery_by_time on outgoing_delivery (webhook_id, last_at);
