//! The guides do what they say: their files are written, their commands run one after the other, and what they show of the
//! answers is what is answered, but for figures, which move with the model.

use crate::sync::binary::hub::Hub;

/// A fenced block: its language, the file that the line before names, and its lines.
pub(crate) struct Block {
    pub(crate) language: String,
    pub(crate) file: Option<String>,
    pub(crate) lines: Vec<String>,
}

pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut before, mut is_open) = (String::new(), false);
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(_) if is_open => is_open = false,
            Some(language) => {
                is_open = true;
                let file = before.strip_prefix('`').and_then(|rest| rest.split('`').next()).map(str::to_owned);
                blocks.push(Block { language: language.to_owned(), file, lines: Vec::new() });
            }
            None if is_open => blocks.last_mut().unwrap().lines.push(line.to_owned()),
            None if !line.is_empty() => line.clone_into(&mut before),
            None => {}
        }
    }
    blocks
}

/// A line without its figures and without how far things stand apart.
pub(super) fn shape(line: &str) -> String {
    let words = line.split_whitespace().map(|word| {
        let is_figure = word.bytes().any(|b| b.is_ascii_digit()) && !word.bytes().any(|b| b.is_ascii_alphabetic());
        if is_figure { "0" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Follows a guide in a folder of its own, and says how many commands it has.
async fn follow(guide: &str) -> usize {
    let hub = Hub::bare();
    let (mut ran, mut answer) = (0, String::new());
    for block in blocks(guide) {
        match (block.language.as_str(), block.file) {
            ("csv" | "cedar" | "json" | "toml" | "yaml", Some(file)) => hub.write(&file, block.lines.join("\n") + "\n"),
            ("sh", _) => {
                answer.clear();
                for line in &block.lines {
                    let command = line.split(" #").next().unwrap_or(line);
                    let words: Vec<&str> = command.split_whitespace().collect();
                    assert_eq!(words[0], "onefold", "{line}");
                    let did = hub.run(&words[1..]).await.well();
                    answer.push_str(&did.out);
                    ran += 1;
                    let written = words.windows(2).filter(|two| ["-o", "--report", "--errors"].contains(&two[0]));
                    for two in written {
                        assert!(hub.path(two[1]).exists(), "{line} wrote no {}", two[1]);
                    }
                }
            }
            ("text", _) => {
                let said: Vec<String> = answer.lines().map(shape).collect();
                for line in block.lines.iter().filter(|line| line.trim() != "…") {
                    assert!(said.contains(&shape(line)), "the guide shows {line:?}; the answer is\n{answer}");
                }
            }
            // Nobody is signed in here: that every name exists is what can be said.
            ("graphql", _) => {
                let answer = onefold::graphql::schema().introspect(&block.lines.join("\n")).await;
                let invalid = async_graphql::Value::from(onefold::graphql::INVALID_DOCUMENT);
                let is_invalid = |error: &&async_graphql::ServerError| {
                    error.extensions.as_ref().and_then(|extensions| extensions.get("code")) == Some(&invalid)
                };
                let unknown = answer.errors.iter().find(is_invalid);
                assert!(unknown.is_none(), "{unknown:?}");
            }
            (language, _) => {
                assert!(["toml", "yaml"].contains(&language), "a block of {language} that nobody looks at");
            }
        }
    }
    ran
}

#[tokio::test]
async fn the_commands_of_the_guide_about_files_run_and_answer_as_it_shows() {
    assert!(follow(include_str!("../../../docs/guides/matching-files.md")).await >= 6);
}

#[tokio::test]
async fn the_commands_of_the_guide_about_authorisation_run_and_answer_as_it_shows() {
    assert_eq!(follow(include_str!("../../../docs/guides/authorisation.md")).await, 3);
}

#[tokio::test]
async fn a_connector_is_made_as_the_guide_says() {
    assert_eq!(follow(include_str!("../../../connectors/README.md")).await, 5);
}
