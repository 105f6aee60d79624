//! Whether to ask again, and when: a decision as data. Waiting is somebody else's business.

use crate::message::header;
use crate::problem::Report;
use crate::read::Refusal;
use crate::yaml::{Fields, Node};
use chrono::DateTime;
use onefold_model::Timestamp;
use std::time::Duration;

/// When to ask again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Status codes that pass by themselves.
    pub on: Vec<u16>,
    /// The first wait; each further one is twice as long.
    pub first: Duration,
    /// No wait is longer, whatever the system asks for.
    pub longest: Duration,
    /// After so many attempts at one request the task is given up; its checkpoint stays.
    pub attempts: u32,
}

/// The decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Ask again after this.
    After(Duration),
    /// Hand the answer on as it is.
    No(Option<Refusal>),
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            on: vec![408, 409, 425, 429, 500, 502, 503, 504],
            first: Duration::from_secs(1),
            longest: Duration::from_mins(1),
            attempts: 6,
        }
    }
}

impl RetryPolicy {
    pub(crate) fn read(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::open(node, "retry", report)?;
        let default = Self::default();
        let on: Vec<u16> = fields
            .get("on")
            .map(|node| node.items().iter().filter_map(|node| node.number(report)).collect())
            .unwrap_or(default.on);
        let mut period = |name| fields.get(name).and_then(|node| node.period(report)?.to_std().ok());
        let first = period("first").unwrap_or(default.first);
        let longest = period("longest").unwrap_or(default.longest);
        let attempts = fields.get("attempts").and_then(|node| node.number(report)).unwrap_or(default.attempts);
        fields.finish(report);
        Some(Self { on, first, longest, attempts })
    }

    /// Decides about an answer. `attempt` counts from 1; `jitter` is between 0 and 1, so that many clients do not come
    /// back at once.
    pub fn after_answer(
        &self,
        status: u16,
        headers: &[(String, String)],
        attempt: u32,
        jitter: f64,
        now: Timestamp,
    ) -> Retry {
        if !self.on.contains(&status) {
            return Retry::No((status >= 300).then(|| Refusal::of(status)));
        }
        if attempt >= self.attempts {
            return Retry::No(Some(Refusal::of(status)));
        }
        // Most systems tell the reset of their limit with every answer: it means something only where the limit is hit.
        let limited = status == 429 || left(headers) == Some(0);
        let asked = retry_after(headers, now).or_else(|| if limited { limit_reset(headers, now) } else { None });
        let wait =
            asked.map_or_else(|| self.backoff(attempt, jitter), |asked| asked + jittered(self.first, jitter) / 2);
        Retry::After(wait.min(self.longest))
    }

    /// Decides about a connection that failed or took too long.
    pub fn after_failure(&self, attempt: u32, jitter: f64) -> Retry {
        if attempt >= self.attempts { Retry::No(None) } else { Retry::After(self.backoff(attempt, jitter)) }
    }

    /// Between half of the doubled wait and all of it.
    fn backoff(&self, attempt: u32, jitter: f64) -> Duration {
        let doubled = self.first.saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1).min(16)));
        let doubled = doubled.min(self.longest);
        doubled / 2 + jittered(doubled, jitter) / 2
    }

    /// How long to wait before the next request although this one was answered: the system says that nothing is left.
    pub fn pause(&self, headers: &[(String, String)], now: Timestamp) -> Option<Duration> {
        if left(headers)? > 0 {
            return None;
        }
        let wait = retry_after(headers, now).or_else(|| limit_reset(headers, now));
        wait.map(|wait| wait.min(self.longest))
    }
}

fn jittered(span: Duration, jitter: f64) -> Duration {
    span.mul_f64(if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.5 })
}

/// How many requests the system still allows, where it says so.
fn left(headers: &[(String, String)]) -> Option<u64> {
    let names = ["ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining"];
    names.iter().find_map(|name| header(headers, name)?.trim().parse().ok())
}

/// `Retry-After` in seconds or as a date (RFC 9110, 10.2.3).
fn retry_after(headers: &[(String, String)], now: Timestamp) -> Option<Duration> {
    let text = header(headers, "retry-after")?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds.ceil()).ok();
    }
    httpdate::parse_http_date(text).ok().map(|at| until(Timestamp::from(at), now))
}

/// When the rate limit begins anew.
fn limit_reset(headers: &[(String, String)], now: Timestamp) -> Option<Duration> {
    let reset = ["ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset"]
        .iter()
        .find_map(|name| header(headers, name)?.trim().parse::<i64>().ok())?;
    // Some give the seconds that are left, some the time; no limit lasts for years.
    if reset > 1_000_000_000 {
        Some(until(DateTime::from_timestamp_secs(reset)?, now))
    } else {
        u64::try_from(reset).ok().map(Duration::from_secs)
    }
}

fn until(at: Timestamp, now: Timestamp) -> Duration {
    (at - now).to_std().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn now() -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn after(pairs: &[(&str, &str)]) -> Retry {
        RetryPolicy::default().after_answer(429, &headers(pairs), 1, 0.0, now())
    }

    #[test]
    fn the_system_says_how_long_to_wait() {
        assert_eq!(after(&[("Retry-After", "7")]), Retry::After(Duration::from_secs(7)));
        assert_eq!(after(&[("retry-after", "Sun, 01 Mar 2026 12:00:30 GMT")]), Retry::After(Duration::from_secs(30)));
        assert_eq!(after(&[("retry-after", "Sun, 01 Mar 2026 11:00:00 GMT")]), Retry::After(Duration::ZERO));
        assert_eq!(after(&[("RateLimit-Reset", "9")]), Retry::After(Duration::from_secs(9)));
        assert_eq!(after(&[("X-RateLimit-Reset", "1772366410")]), Retry::After(Duration::from_secs(10)));
        assert_eq!(after(&[("Retry-After", "86400")]), Retry::After(Duration::from_mins(1)), "the cap holds");
        assert_eq!(after(&[("Retry-After", "soon")]), Retry::After(Duration::from_millis(500)));
    }

    #[test]
    fn what_does_not_pass_by_itself_is_not_repeated() {
        let policy = RetryPolicy::default();
        let decide = |status, attempt| policy.after_answer(status, &[], attempt, 0.5, now());
        assert_eq!(decide(401, 1), Retry::No(Some(Refusal::Auth)));
        assert_eq!(decide(403, 1), Retry::No(Some(Refusal::Denied)));
        assert_eq!(decide(200, 1), Retry::No(None));
        assert_eq!(decide(503, 6), Retry::No(Some(Refusal::Unavailable)), "attempts run out");
    }

    #[test]
    fn the_reset_of_a_limit_that_is_not_hit_delays_nothing() {
        let told = headers(&[("ratelimit-remaining", "399"), ("ratelimit-reset", "30")]);
        let retry = RetryPolicy::default().after_answer(503, &told, 1, 0.0, now());
        assert_eq!(retry, Retry::After(Duration::from_millis(500)));
    }

    #[test]
    fn an_exhausted_limit_is_waited_out_before_it_is_hit() {
        let policy = RetryPolicy::default();
        let pause =
            |left, reset| policy.pause(&headers(&[("ratelimit-remaining", left), ("ratelimit-reset", reset)]), now());
        assert_eq!(pause("0", "9"), Some(Duration::from_secs(9)));
        assert_eq!(pause("3", "9"), None);
    }

    proptest! {
        #[test]
        fn a_wait_is_never_longer_than_the_cap(attempt in 1u32..100, jitter in -1.0f64..2.0, asked in "[0-9]{0,12}") {
            let policy = RetryPolicy { attempts: 1000, ..RetryPolicy::default() };
            for retry in [
                policy.after_failure(attempt, jitter),
                policy.after_answer(429, &headers(&[("retry-after", &asked)]), attempt, jitter, now()),
            ] {
                match retry {
                    Retry::After(wait) => prop_assert!(wait <= policy.longest),
                    Retry::No(_) => prop_assert!(false, "it may be repeated"),
                }
            }
        }
    }
}
