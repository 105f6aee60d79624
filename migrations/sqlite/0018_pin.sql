-- Values that stewards hold fast: of a field, what one record says. The value itself stays with the record.

create table pin (
    pin_id blob not null primary key,
    record_id blob not null references record (record_id),
    path text not null,
    actor text not null,
    reason text not null,
    request text not null,
    made_at integer not null,
    expires_at integer,
    undone_at integer,
    undone_by text,
    undone_reason text
) strict;

create unique index pin_by_request on pin (actor, request);

create index pin_by_record on pin (record_id);

create index pin_by_expiry on pin (expires_at);
