//! Work shared between threads.
//!
//! Promises that what comes out does not depend on how many threads there are: each works on its own part, and parts are
//! in the order of the whole.

use std::num::NonZeroUsize;
use std::thread;

/// Fewer items are not worth a thread.
const LEAST_ITEMS: usize = 1 << 13;

/// Fills `out` from `items`, which has as many entries; `fill` is given parts of both that belong together.
pub(crate) fn fill<T: Sync, U: Send>(
    threads: NonZeroUsize,
    items: &[T],
    out: &mut [U],
    fill: impl Fn(&[T], &mut [U]) + Sync,
) {
    let part = items.len().div_ceil(threads.get()).max(LEAST_ITEMS);
    if part >= items.len() {
        fill(items, out);
        return;
    }
    let fill = &fill;
    thread::scope(|scope| {
        for (items, out) in items.chunks(part).zip(out.chunks_mut(part)) {
            scope.spawn(move || fill(items, out));
        }
    });
}

/// Does each of a few tasks, each on a thread of its own.
pub(crate) fn each<T: Send>(tasks: &mut [T], work: impl Fn(&mut T) + Sync) {
    let work = &work;
    match tasks {
        [task] => work(task),
        tasks => thread::scope(|scope| {
            for task in tasks {
                scope.spawn(move || work(task));
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_filled_whatever_the_number_of_threads() {
        let items: Vec<usize> = (0..3 * LEAST_ITEMS + 7).collect();
        for threads in 1..6 {
            let mut out = vec![0; items.len()];
            fill(NonZeroUsize::new(threads).unwrap(), &items, &mut out, |items, out| {
                items.iter().zip(out).for_each(|(item, out)| *out = item * 2);
            });
            assert!(items.iter().zip(&out).all(|(item, out)| *out == item * 2));
        }
    }

    #[test]
    fn every_task_is_done() {
        let mut tasks = [1, 2, 3];
        each(&mut tasks, |task| *task *= 10);
        assert_eq!(tasks, [10, 20, 30]);
    }
}
