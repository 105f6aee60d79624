-- Payloads that somebody decided not to take: by their cause, with who, when and why. They stay in quarantine, whole, and the
-- decision can be taken back. A request that comes again decides nothing twice.

create table quarantine_discard (
    discard_id uuid not null primary key,
    source_id uuid not null references source (source_id),
    stream text not null,
    code text not null,
    path text,
    up_to timestamptz not null,
    payloads bigint not null,
    actor text not null,
    reason text not null,
    request text not null,
    made_at timestamptz not null,
    undone_at timestamptz,
    undone_by text,
    undone_reason text
);

create unique index quarantine_discard_by_request on quarantine_discard (actor, request);

create index quarantine_discard_by_time on quarantine_discard (made_at, discard_id);

-- Null while it waits or is resolved, and again when the same payload is delivered once more.
alter table quarantine add column discard_id uuid references quarantine_discard (discard_id);

create index quarantine_by_discard on quarantine (discard_id);

-- What systems have sent by themselves, by the name of the delivery or the hash of its bytes: each counts once.
create table webhook_delivery (
    source_id uuid not null references source (source_id),
    delivery text not null,
    received_at timestamptz not null,
    primary key (source_id, delivery)
);

create index webhook_delivery_by_time on webhook_delivery (source_id, received_at);
