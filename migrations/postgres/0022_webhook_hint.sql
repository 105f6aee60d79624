-- Sources that systems have hinted at and that were not read since: a hint is written down before it is acknowledged.

create table webhook_hint (
    source_id uuid not null primary key references source (source_id),
    asked_at timestamptz not null,
    tries bigint not null,
    again_at timestamptz
);
