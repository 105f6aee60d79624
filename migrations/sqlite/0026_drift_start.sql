-- How a stream is, is known once a run of it came to its end, and not already after a first run that broke off. What was there
-- before then was there from the start. Streams that no connector describes say themselves which of their fields are read.

alter table stream_shape add column settled integer not null default 1;
alter table stream_shape add column field_reads text;
alter table stream_field add column from_start integer not null default 0;
update stream_field set from_start = 1
where first_run = (
    select s.first_run from stream_shape s
    where s.source_id = stream_field.source_id and s.stream = stream_field.stream
);
alter table stream_field drop column first_run;
alter table stream_shape drop column first_run;
