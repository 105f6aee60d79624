//! Batches without a clock: what the objects of one level need is asked for once, as soon as the document cannot go on.
//!
//! The executor resolves a document inside one future. Where that future waits and nobody has woken it, every field that
//! could ask for something has done so. Then, and not earlier, all that waits is loaded, one batch for each type of key. A
//! timer would wait too long, or cut a level in two.

use super::error::Failure;
use crate::app::AppError;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use futures_util::task::AtomicWaker;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::future::poll_fn;
use std::hash::Hash;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use tokio::sync::oneshot;

/// Finds many things of one type of key at once.
pub(super) trait Load<K>: Send + Sync + 'static {
    /// What is found under a key.
    type Value: Clone + Send + 'static;

    /// What there is of these keys. Each is asked for once.
    fn load(&self, keys: &[K]) -> impl Future<Output = Result<HashMap<K, Self::Value>, Failure>> + Send;
}

/// What waits to be loaded for one document.
pub(super) struct Batches<L> {
    loader: Arc<L>,
    waiting: Mutex<HashMap<TypeId, Box<dyn Waiting<L>>>>,
}

type Batch = Pin<Box<dyn Future<Output = ()> + Send>>;
type Answer<V> = Result<Option<V>, Failure>;

/// The keys of one type, each with those who wait for it.
struct Keys<K, V>(HashMap<K, Vec<oneshot::Sender<Answer<V>>>>);

trait Waiting<L>: Send {
    /// The keys as a batch; afterwards there are none.
    fn take(&mut self, loader: &Arc<L>) -> Option<Batch>;
    fn as_any(&mut self) -> &mut dyn Any;
}

impl<L, K> Waiting<L> for Keys<K, L::Value>
where
    L: Load<K>,
    K: Hash + Eq + Clone + Send + Sync + 'static,
{
    fn take(&mut self, loader: &Arc<L>) -> Option<Batch> {
        let waiting = std::mem::take(&mut self.0);
        if waiting.is_empty() {
            return None;
        }
        let loader = Arc::clone(loader);
        Some(Box::pin(async move {
            let keys: Vec<K> = waiting.keys().cloned().collect();
            let found = loader.load(&keys).await;
            for (key, askers) in waiting {
                let answer = found.as_ref().map(|found| found.get(&key)).map_err(Clone::clone);
                for asker in askers {
                    // Who does not wait any more needs no answer.
                    let _ = asker.send(answer.clone().map(Option::<&L::Value>::cloned));
                }
            }
        }))
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

impl<L: Send + Sync + 'static> Batches<L> {
    pub(super) fn new(loader: L) -> Arc<Self> {
        Arc::new(Self { loader: Arc::new(loader), waiting: Mutex::new(HashMap::new()) })
    }

    /// What is found under a key, loaded with all others that the document asks for at this point. Ends only inside
    /// [`Batches::run`].
    pub(super) async fn load<K>(&self, key: K) -> Answer<L::Value>
    where
        L: Load<K>,
        K: Hash + Eq + Clone + Send + Sync + 'static,
    {
        let (asker, answer) = oneshot::channel();
        self.ask(key, asker);
        answer.await.unwrap_or_else(|_| Err(AppError::Invariant("a batch ended without an answer").into()))
    }

    fn ask<K>(&self, key: K, asker: oneshot::Sender<Answer<L::Value>>)
    where
        L: Load<K>,
        K: Hash + Eq + Clone + Send + Sync + 'static,
    {
        let mut waiting = self.waiting();
        let keys = waiting.entry(TypeId::of::<K>()).or_insert_with(|| Box::new(Keys::<K, L::Value>(HashMap::new())));
        if let Some(keys) = keys.as_any().downcast_mut::<Keys<K, L::Value>>() {
            keys.0.entry(key).or_default().push(asker);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<TypeId, Box<dyn Waiting<L>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs what asks, and loads what it asks for.
    pub(super) async fn run<F: Future>(&self, document: F) -> F::Output {
        // Without the runtime's budget: where that ends, a level would be cut in two.
        let mut document = pin!(tokio::task::unconstrained(document));
        let mut batches: FuturesUnordered<Batch> = FuturesUnordered::new();
        let woken = Arc::new(Woken { is_set: AtomicBool::new(true), outside: AtomicWaker::new() });
        let waker = Waker::from(Arc::clone(&woken));
        poll_fn(|cx| {
            woken.outside.register(cx.waker());
            loop {
                if woken.is_set.swap(false, Ordering::AcqRel)
                    && let Poll::Ready(answer) = document.as_mut().poll(&mut Context::from_waker(&waker))
                {
                    return Poll::Ready(answer);
                }
                if woken.is_set.load(Ordering::Acquire) {
                    // It goes on by itself and only lets others run: this future has been woken with it.
                    return Poll::Pending;
                }
                batches.extend(self.waiting().values_mut().filter_map(|keys| keys.take(&self.loader)));
                // Several that are there at once are one level.
                while let Poll::Ready(Some(())) = batches.poll_next_unpin(cx) {}
                if !woken.is_set.load(Ordering::Acquire) {
                    return Poll::Pending;
                }
            }
        })
        .await
    }
}

/// Knows whether the document has been woken since it last ran.
struct Woken {
    is_set: AtomicBool,
    outside: AtomicWaker,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_set.store(true, Ordering::Release);
        self.outside.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::sync::atomic::AtomicUsize;

    /// Doubles numbers, spells small ones, and counts its batches.
    #[derive(Default)]
    struct Numbers(AtomicUsize);

    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Spelled(u32);

    impl Load<u32> for Numbers {
        type Value = u32;

        async fn load(&self, keys: &[u32]) -> Result<HashMap<u32, u32>, Failure> {
            self.0.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Ok(keys.iter().map(|&key| (key, key * 2)).collect())
        }
    }

    impl Load<Spelled> for Numbers {
        type Value = String;

        async fn load(&self, keys: &[Spelled]) -> Result<HashMap<Spelled, String>, Failure> {
            self.0.fetch_add(1, Ordering::Relaxed);
            if keys.iter().any(|key| key.0 > 9000) {
                return Err(AppError::Invalid("too large".to_owned()).into());
            }
            tokio::time::sleep(std::time::Duration::from_millis(3)).await;
            Ok(keys.iter().filter(|key| key.0 < 4000).map(|key| (key.clone(), format!("<{}>", key.0))).collect())
        }
    }

    /// Lets others run before it goes on, as futures that hold many others do.
    async fn step() {
        let mut is_done = false;
        poll_fn(|cx| {
            if std::mem::replace(&mut is_done, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    async fn two_levels(batches: &Batches<Numbers>, number: u32) -> Option<String> {
        let double = batches.load(number).await.ok()??;
        if number.is_multiple_of(3) {
            step().await;
        }
        batches.load(Spelled(double)).await.ok()?
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_level_is_one_batch_however_many_ask_and_however_they_are_nested() {
        let batches = Batches::new(Numbers::default());
        let document = async {
            let groups = (0..30u32).map(|group| {
                let batches = &batches;
                join_all((0..40).map(move |place| two_levels(batches, group * 40 + place)))
            });
            join_all(groups).await
        };
        let found = batches.run(document).await.concat();
        let expected: Vec<Option<String>> = (0..1200u32).map(|number| Some(format!("<{}>", number * 2))).collect();
        assert_eq!(found, expected);
        assert_eq!(batches.loader.0.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_key_is_asked_for_once_and_what_is_not_there_is_none() {
        let batches = Batches::new(Numbers::default());
        let found = batches.run(join_all([7, 7, 5000].map(|key| batches.load(Spelled(key))))).await;
        let found: Vec<Option<String>> = found.into_iter().map(|one| one.ok().flatten()).collect();
        assert_eq!(found, [Some("<7>".to_owned()), Some("<7>".to_owned()), None]);
        assert_eq!(batches.loader.0.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_batch_that_fails_fails_for_all_who_wait_for_it_and_for_nobody_else() {
        let batches = Batches::new(Numbers::default());
        let spelled = join_all([1, 9999].map(|key| batches.load(Spelled(key))));
        let (spelled, double) = batches.run(async { tokio::join!(spelled, batches.load(2u32)) }).await;
        assert!(spelled.iter().all(|one| matches!(one, Err(Failure(error)) if error.to_string() == "too large")));
        assert!(matches!(double, Ok(Some(4))));
    }

    #[tokio::test]
    async fn what_asks_for_nothing_just_runs() {
        let batches = Batches::new(Numbers::default());
        assert_eq!(
            batches
                .run(async {
                    step().await;
                    5
                })
                .await,
            5
        );
        assert_eq!(batches.loader.0.load(Ordering::Relaxed), 0);
    }
}
