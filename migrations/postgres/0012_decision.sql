-- What a decision was made against, whose request made it, and who took it back. A request that comes again makes no second
-- decision.

alter table decision add column model text;

alter table decision add column request text;

alter table decision add column undone_by text;

alter table decision add column undone_reason text;

create unique index decision_by_request on decision (actor, request);

create index decision_by_time on decision (made_at, decision_id);

create index decision_by_left on decision (left_record);

create index decision_by_right on decision (right_record);
