-- Until when a decision holds, how far it reaches, and which decision a pair in the queue contradicts.

alter table decision add column expires_at timestamptz;

alter table decision add column scope text not null default 'RECORDS';

create index decision_by_expiry on decision (expires_at);

-- A pair that stewards have linked and that new facts contradict: it is in the queue because of this decision.
alter table match_candidate add column contests uuid;
