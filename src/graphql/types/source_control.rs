//! How reading a source stands.

use crate::app::{ControlState, SourceControl as Control};
use async_graphql::{Description, Enum, Object};
use onefold_model::Timestamp;

/// Whether a source is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SourceState {
    /// It waits for its time, or for somebody to ask.
    Idle,
    /// A run of it goes on.
    Running,
    /// It is not read until somebody resumes it.
    Paused,
}

impl From<ControlState> for SourceState {
    fn from(state: ControlState) -> Self {
        match state {
            ControlState::Idle => Self::Idle,
            ControlState::Running => Self::Running,
            ControlState::Paused => Self::Paused,
        }
    }
}

/// How reading a source stands.
#[derive(Description)]
pub struct SourceControl(pub Control);

#[Object(use_type_description)]
impl SourceControl {
    /// Whether it is being read.
    pub async fn state(&self) -> SourceState {
        self.0.state.into()
    }

    /// When it is read by itself: every so often, as `15m`, or at the times of a cron expression in UTC.
    pub async fn schedule(&self) -> Option<&str> {
        self.0.schedule.as_deref()
    }

    /// When that is next. Null while it is paused; a time that has passed is made up for within seconds.
    pub async fn next_run_at(&self) -> Option<Timestamp> {
        self.0.next_run_at
    }

    /// Since when it is paused. A run that went on then comes to its end.
    pub async fn paused_at(&self) -> Option<Timestamp> {
        self.0.paused.as_ref().map(|pause| pause.at)
    }

    /// Who has paused it.
    pub async fn paused_by(&self) -> Option<&str> {
        self.0.paused.as_ref().map(|pause| pause.by.as_str())
    }

    /// Why it is paused.
    pub async fn pause_reason(&self) -> Option<&str> {
        self.0.paused.as_ref().map(|pause| pause.reason.as_str())
    }
}
