//! What is compiled in from folders: cargo does not see a new file there by itself.

fn main() {
    for folder in ["migrations", "connectors", "web/explorer", "web/dist"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
