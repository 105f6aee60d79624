//! Any text in any field of a record.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onefold_matching::block_keys;
use onefold_matching_fuzz::record;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let lines: Vec<&str> = text.split('\n').collect();
    let (Some(one), Some(copy)) = (record("1", &lines), record("2", &lines)) else { return };
    assert_eq!(block_keys(&one), block_keys(&copy));
});
