//! `rollcall init`: a commented `rollcall.toml` to start from.

use super::{Failure, settings};
use std::path::Path;

/// Write a commented rollcall.toml with every threshold and switch
#[derive(clap::Args)]
pub struct Arguments {
    /// Overwrite a file that is there
    #[arg(long)]
    force: bool,
}

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let path = Path::new(settings::FILE);
    if path.exists() && !arguments.force {
        let hint = "--force overwrites it".to_owned();
        return Err(Failure::input(format!("there is a {} already", settings::FILE), hint));
    }
    crate::publish::replace(path, |file| std::io::Write::write_all(file, settings::template().as_bytes()))
        .map_err(Failure::work)?;
    Ok((format!("Wrote     {}\n", settings::FILE), 0))
}
