-- Decisions that were made together by a plan that was looked at first, and taken back together. The plan holds neither
-- records nor reasons: its decisions do.

create table plan (
    plan_id blob not null primary key,
    kind text not null,
    actor text not null,
    request text not null,
    fingerprint text not null,
    made_at integer not null,
    undone_at integer,
    undone_by text
) strict;

create unique index plan_by_request on plan (actor, request);

create index plan_by_time on plan (made_at, plan_id);

-- The plan that a decision was made by, and the one by which it was taken back.
alter table decision add column plan_id blob;

alter table decision add column undone_plan blob;

create index decision_by_plan on decision (plan_id);

create index decision_by_undone_plan on decision (undone_plan);
